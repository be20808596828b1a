// For each rule of doctor a scenario in which it applies, and one near it in which it does not.

/** A scenario by its sections, each a flow mapping or a list; those of BASE hold where none is given. */
export type Sections = Partial<
  Record<"kernel" | "clients" | "nginx" | "gunicorn" | "app" | "events" | "run", string>
>;

const RATE = (rate: string) => `{ arrivals: { process: poisson, rate: ${rate}, for: 60s } }`;
const BURST = (requests: number) => `{ arrivals: { process: burst, requests: ${requests} } }`;
const UNIX = "bind: unix:/run/a.sock";
const TCP = "bind: 127.0.0.1:8000";
const UPSTREAM = "upstream: { servers: [unix:/run/a.sock] }";
const OVER_TCP = "upstream: { servers: [127.0.0.1:8000] }";
const TWO = 'upstream: { servers: ["127.0.0.1:8000", "127.0.0.1:8001"] }';
const TWO_UNIX = "upstream: { servers: [unix:/run/a.sock, unix:/run/b.sock] }";
const TWO_ON_UNIX =
  "[{ name: a, bind: unix:/run/a.sock, workers: 4 }, { name: b, bind: unix:/run/b.sock, workers: 4 }]";
const WITH_BACKUP = "upstream: { servers: [unix:/run/a.sock, { address: unix:/run/b.sock, backup: true }] }";
const BIG_AND_SMALL = "[{ name: a, bind: unix:/run/a.sock, workers: 4 }, { name: b, bind: unix:/run/b.sock }]";
const POST = "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, method: POST }";
const CONSTANT = (rate: string) => `{ arrivals: { process: constant, rate: ${rate}, for: 120s } }`;
const OWN = "bind: 127.0.0.1:8000, version: 24.0.0, workers: 4, reuse_port: true";
const PORTS: Sections = {
  kernel: "{ profile: linux-4.15 }",
  nginx: "{ upstream: { servers: [127.0.0.1:8000], closes_first: 1 } }",
  gunicorn: "{ bind: 127.0.0.1:8000, workers: 4, overhead: 0s }",
  app: "{ sleep: 1ms }",
};
const TWO_GUNICORNS = "[{ name: a, bind: 127.0.0.1:8000, workers: 4 }, { name: b, bind: 127.0.0.1:8001, workers: 4 }]";

const BASE: Required<Sections> = {
  kernel: "{ profile: linux-6.1 }",
  clients: RATE("20/s"),
  nginx: `{ ${UPSTREAM}, worker_connections: 8192 }`,
  gunicorn: `{ ${UNIX}, workers: 4, backlog: 511 }`,
  app: "{ sleep: 50ms }",
  events: "[]",
  run: "{ replications: 1 }",
};

/** The text of a scenario; a section that is given as "" is left out. */
export function scenarioOf(sections: Sections): string {
  const all = { ...BASE, ...sections };
  return Object.entries(all)
    .filter(([, value]) => value !== "")
    .map(([section, value]) => `${section}: ${value}\n`)
    .join("");
}

interface Case {
  applies: Sections;
  near: Sections;
}

const gunicorn = (rest: string) => `{ ${UNIX}, workers: 4, ${rest} }`;
const nginx = (rest: string) => `{ ${UPSTREAM}, worker_connections: 8192, ${rest} }`;
const KEEPING = (rest: string) =>
  `{ upstream: { servers: [unix:/run/a.sock], keepalive: 32 }, worker_connections: 8192, ${rest} }`;
const tcp = (rest: string) => `{ ${OVER_TCP}, worker_connections: 8192, ${rest} }`;

/** By the rule's id. */
export const cases: Record<string, Case> = {
  "nobody-listens": { applies: { gunicorn: "{ bind: unix:/run/b.sock }" }, near: {} },
  "closed-loop": {
    applies: { clients: "{ closed: { concurrency: 60, for: 10s } }" },
    near: { clients: "{ closed: { concurrency: 600, for: 10s } }" },
  },
  "retries-feed-overload": {
    applies: { clients: "{ arrivals: { process: poisson, rate: 40/s, for: 60s }, retries: { attempts: 3 } }" },
    near: {
      clients: "{ arrivals: { process: poisson, rate: 40/s, for: 60s }, retries: { attempts: 3, budget: {} } }",
    },
  },
  "attempts-multiply": {
    applies: {
      clients: "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, retries: { attempts: 3 } }",
      nginx: `{ ${TWO} }`,
      gunicorn: TWO_GUNICORNS,
    },
    near: {
      clients: "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, retries: { attempts: 3 } }",
      nginx: `{ ${TWO}, proxy_next_upstream: "off" }`,
      gunicorn: TWO_GUNICORNS,
    },
  },
  "retries-in-step": {
    applies: { clients: "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, retries: { attempts: 3, delay: 1s } }" },
    near: {
      clients:
        "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, retries: { attempts: 3, delay: 1s, jitter: full } }",
    },
  },
  "peak-overload": {
    applies: { clients: "{ arrivals: { process: ramp, from: 20/s, to: 100/s, for: 60s } }" },
    near: { clients: "{ arrivals: { process: ramp, from: 20/s, to: 70/s, for: 60s } }" },
  },
  overload: { applies: { clients: RATE("200/s") }, near: { clients: RATE("60/s") } },
  "overload-too-late": {
    applies: { clients: RATE("84/s"), nginx: nginx("proxy_read_timeout: 3s") },
    near: { clients: RATE("84/s"), nginx: nginx("proxy_read_timeout: 6s") },
  },
  "overload-queues": {
    applies: { clients: RATE("84/s") },
    near: { clients: RATE("84/s"), nginx: nginx("proxy_read_timeout: 3s") },
  },
  "near-saturation": { applies: { clients: RATE("70/s") }, near: { clients: RATE("60/s") } },
  "cpu-overload": {
    applies: { kernel: "{ cores: 1 }", app: "{ sleep: 0s, cpu: 60ms }" },
    near: { kernel: "{ cores: 2 }", app: "{ sleep: 0s, cpu: 60ms }" },
  },
  "cpu-near": {
    applies: { kernel: "{ cores: 1 }", app: "{ sleep: 0s, cpu: 45ms }" },
    near: { kernel: "{ cores: 1 }", app: "{ sleep: 0s, cpu: 40ms }" },
  },
  "workers-beyond-cores": {
    applies: { kernel: "{ cores: 2 }", app: "{ sleep: 10ms, cpu: 50ms }" },
    near: { kernel: "{ cores: 4 }", app: "{ sleep: 10ms, cpu: 50ms }" },
  },
  "process-cpu": {
    applies: { gunicorn: `{ ${UNIX}, workers: 1, worker_class: gevent }`, app: "{ cpu: 50ms }" },
    near: { gunicorn: `{ ${UNIX}, workers: 2, worker_class: gevent }`, app: "{ cpu: 50ms }" },
  },
  "nginx-cpu": {
    applies: { clients: RATE("20000/s") },
    near: { clients: RATE("20000/s"), nginx: nginx("worker_processes: 2") },
  },
  "backlog-cut": {
    applies: { kernel: "{ profile: linux-4.15 }", gunicorn: gunicorn("backlog: 2048") },
    near: { kernel: "{ profile: linux-5.4 }", gunicorn: gunicorn("backlog: 2048") },
  },
  "nginx-backlog-cut": {
    applies: { kernel: "{ profile: linux-4.15 }", gunicorn: gunicorn("backlog: 128") },
    near: { kernel: "{ profile: linux-5.4 }", gunicorn: gunicorn("backlog: 128") },
  },
  "nginx-burst": { applies: { clients: BURST(600) }, near: { clients: BURST(513) } },
  "burst-refused": { applies: { clients: BURST(600) }, near: { clients: BURST(516) } },
  "burst-waits": {
    applies: { clients: BURST(600), nginx: tcp("worker_processes: 1"), gunicorn: `{ ${TCP}, workers: 4, backlog: 100 }` },
    near: { clients: BURST(105), nginx: tcp("worker_processes: 1"), gunicorn: `{ ${TCP}, workers: 4, backlog: 100 }` },
  },
  "abort-on-overflow": {
    applies: {
      kernel: "{ sysctl: { net.ipv4.tcp_abort_on_overflow: 1 } }",
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${TCP}, workers: 4 }`,
    },
    near: { kernel: "{ sysctl: { net.ipv4.tcp_abort_on_overflow: 1 } }" },
  },
  "no-syncookies": {
    applies: {
      kernel: "{ sysctl: { net.ipv4.tcp_syncookies: 0, net.ipv4.tcp_max_syn_backlog: 128 } }",
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${TCP}, workers: 4 }`,
    },
    near: { nginx: tcp("worker_processes: 1"), gunicorn: `{ ${TCP}, workers: 4 }` },
  },
  "connect-timeout-first": {
    applies: { nginx: tcp("proxy_connect_timeout: 1s"), gunicorn: `{ ${TCP}, workers: 4 }` },
    near: { nginx: tcp("proxy_connect_timeout: 2s"), gunicorn: `{ ${TCP}, workers: 4 }` },
  },
  "connect-timeout-of-kernel": {
    applies: {
      kernel: "{ sysctl: { net.ipv4.tcp_syn_retries: 2 } }",
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${TCP}, workers: 4 }`,
    },
    near: { nginx: tcp("worker_processes: 1"), gunicorn: `{ ${TCP}, workers: 4 }` },
  },
  "syn-repeats": {
    applies: {
      kernel: "{ profile: linux-6.8 }",
      clients: BURST(600),
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${TCP}, workers: 4, backlog: 100 }`,
    },
    near: { clients: BURST(105), nginx: tcp("worker_processes: 1"), gunicorn: `{ ${TCP}, workers: 4, backlog: 100 }` },
  },
  "queue-outlasts-nginx": { applies: { app: "{ sleep: 1s }" }, near: { app: "{ sleep: 400ms }" } },
  "queue-fits-nginx": { applies: { app: "{ sleep: 117ms }" }, near: { app: "{ sleep: 1s }" } },
  "queue-outlasts-clients": {
    applies: { clients: "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, timeout: 5s }" },
    near: { clients: "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, timeout: 10s }" },
  },
  "worker-timeout": {
    applies: { gunicorn: gunicorn("timeout: 1s"), app: "{ sleep: { mixture: [{ weight: 3, of: 10ms }, { weight: 1, of: 2s }] } }" },
    near: { gunicorn: gunicorn("timeout: 3s"), app: "{ sleep: { mixture: [{ weight: 3, of: 10ms }, { weight: 1, of: 2s }] } }" },
  },
  "read-timeout": {
    applies: { nginx: nginx("proxy_read_timeout: 1s"), app: "{ sleep: 2s }" },
    near: { nginx: nginx("proxy_read_timeout: 3s"), app: "{ sleep: 2s }" },
  },
  "client-timeout": {
    applies: { clients: "{ arrivals: { process: poisson, rate: 1/s, for: 60s }, timeout: 1s }", app: "{ sleep: 2s }" },
    near: { clients: "{ arrivals: { process: poisson, rate: 1/s, for: 60s }, timeout: 3s }", app: "{ sleep: 2s }" },
  },
  "worker-outlives-nginx": { applies: { nginx: nginx("proxy_read_timeout: 20s") }, near: { nginx: nginx("proxy_read_timeout: 30s") } },
  "worker-connections": {
    applies: { clients: BURST(32), nginx: `{ ${UPSTREAM}, worker_connections: 64 }` },
    near: { clients: BURST(31), nginx: `{ ${UPSTREAM}, worker_connections: 64 }` },
  },
  "worker-connections-first": {
    applies: { nginx: `{ ${UPSTREAM}, worker_connections: 1024 }` },
    near: { nginx: `{ ${UPSTREAM}, worker_connections: 1034 }` },
  },
  "nginx-beyond-cores": {
    applies: { kernel: "{ cores: 2 }", nginx: nginx("worker_processes: 4") },
    near: { kernel: "{ cores: 4 }", nginx: nginx("worker_processes: 4") },
  },
  "listen-reuseport": {
    applies: { nginx: nginx("worker_processes: 4, listen: { reuseport: true }") },
    near: { nginx: nginx("worker_processes: 4") },
  },
  "limit-req": {
    applies: { nginx: nginx("limit_req_zone: { name: all, key: server, rate: 10r/s }, limit_req: { zone: all, burst: 5 }") },
    near: { nginx: nginx("limit_req_zone: { name: all, key: server, rate: 20r/s }, limit_req: { zone: all, burst: 5 }") },
  },
  "limit-above-capacity": {
    applies: {
      clients: RATE("200/s"),
      nginx: nginx("limit_req_zone: { name: all, key: server, rate: 100r/s }, limit_req: { zone: all }"),
    },
    near: {
      clients: RATE("200/s"),
      nginx: nginx("limit_req_zone: { name: all, key: server, rate: 70r/s }, limit_req: { zone: all }"),
    },
  },
  "failure-silences": {
    applies: { nginx: `{ ${TWO_UNIX} }`, gunicorn: TWO_ON_UNIX },
    near: { nginx: "{ upstream: { servers: [{ address: unix:/run/a.sock, max_fails: 0 }, { address: unix:/run/b.sock, max_fails: 0 }] } }", gunicorn: TWO_ON_UNIX },
  },
  "silence-cascades": {
    applies: { clients: RATE("100/s"), nginx: `{ ${TWO_UNIX} }`, gunicorn: TWO_ON_UNIX },
    near: { clients: RATE("70/s"), nginx: `{ ${TWO_UNIX} }`, gunicorn: TWO_ON_UNIX },
  },
  "localhost-two-peers": {
    applies: { nginx: "{ upstream: { servers: [localhost:8000] } }", gunicorn: `{ ${TCP} }` },
    near: { nginx: "{ upstream: { servers: [127.0.0.1:8000] } }", gunicorn: `{ ${TCP} }` },
  },
  "single-server-settings": {
    applies: { nginx: "{ upstream: { servers: [{ address: unix:/run/a.sock, max_fails: 3 }] } }" },
    near: { nginx: "{ upstream: { servers: [{ address: unix:/run/a.sock, weight: 3 }] } }" },
  },
  "each-worker-learns": {
    applies: { nginx: `{ ${TWO_UNIX}, worker_processes: 4 }`, gunicorn: TWO_ON_UNIX },
    near: { nginx: "{ upstream: { servers: [unix:/run/a.sock, unix:/run/b.sock], zone: true }, worker_processes: 4 }", gunicorn: TWO_ON_UNIX },
  },
  "answers-silence": {
    applies: { nginx: `{ ${TWO_UNIX}, proxy_next_upstream: error http_500 }`, gunicorn: TWO_ON_UNIX },
    near: { nginx: `{ ${TWO_UNIX}, proxy_next_upstream: error http_404 }`, gunicorn: TWO_ON_UNIX },
  },
  "whole-load-on-backup": {
    applies: { clients: RATE("30/s"), nginx: `{ ${WITH_BACKUP} }`, gunicorn: BIG_AND_SMALL },
    near: { clients: RATE("15/s"), nginx: `{ ${WITH_BACKUP} }`, gunicorn: BIG_AND_SMALL },
  },
  "timeout-repeats-work": {
    applies: { nginx: `{ ${TWO_UNIX}, proxy_read_timeout: 1s }`, gunicorn: TWO_ON_UNIX, app: "{ sleep: 2s }" },
    near: { nginx: `{ ${TWO_UNIX}, proxy_read_timeout: 1s, proxy_next_upstream: error }`, gunicorn: TWO_ON_UNIX, app: "{ sleep: 2s }" },
  },
  "non-idempotent": {
    applies: { clients: POST, nginx: `{ ${TWO_UNIX}, proxy_next_upstream: error non_idempotent }`, gunicorn: TWO_ON_UNIX },
    near: { nginx: `{ ${TWO_UNIX}, proxy_next_upstream: error non_idempotent }`, gunicorn: TWO_ON_UNIX },
  },
  "keepalive-race": {
    applies: { nginx: KEEPING("version: 1.30.0"), gunicorn: gunicorn("threads: 4") },
    near: { nginx: KEEPING("version: 1.30.0"), gunicorn: gunicorn("threads: 4, keepalive: 75s") },
  },
  "keepalive-sync": {
    applies: { nginx: KEEPING("version: 1.30.0") },
    near: { nginx: KEEPING("version: 1.30.0"), gunicorn: gunicorn("threads: 4") },
  },
  "keepalive-not-asked": {
    applies: { nginx: KEEPING("version: 1.22.1") },
    near: { nginx: KEEPING('version: 1.22.1, proxy_http_version: "1.1", proxy_set_header: { Connection: "" }') },
  },
  "keepalive-crowds": {
    applies: { nginx: KEEPING("version: 1.30.0, worker_processes: 2"), gunicorn: gunicorn("threads: 4, worker_connections: 16") },
    near: { nginx: KEEPING("version: 1.30.0, worker_processes: 1"), gunicorn: gunicorn("threads: 4, worker_connections: 16") },
  },
  "port-ceiling": {
    applies: { nginx: tcp("worker_processes: 1"), gunicorn: `{ ${TCP}, workers: 4 }` },
    near: { nginx: tcp("worker_processes: 1"), gunicorn: `{ ${TCP}, workers: 4 }`, app: "{ sleep: 50ms, content_length: false }" },
  },
  "ports-exhausted": {
    applies: { ...PORTS, clients: CONSTANT("600/s") },
    near: { ...PORTS, clients: CONSTANT("400/s") },
  },
  "port-search": {
    applies: { ...PORTS, clients: CONSTANT("400/s") },
    near: { ...PORTS, clients: CONSTANT("200/s") },
  },
  "tw-buckets": {
    applies: { kernel: "{ memory: 4GiB }", clients: CONSTANT("300/s") },
    near: { kernel: "{ memory: 8GiB }", clients: CONSTANT("300/s") },
  },
  "proxy-bind-ports": {
    applies: { nginx: tcp("version: 1.10.3, proxy_bind: 127.0.0.9"), gunicorn: `{ ${TCP}, workers: 4 }` },
    near: { nginx: tcp("version: 1.22.1, proxy_bind: 127.0.0.9"), gunicorn: `{ ${TCP}, workers: 4 }` },
  },
  "implicit-upstream": {
    applies: { nginx: "{ version: 1.30.0, proxy_pass: http://127.0.0.1:8000 }", gunicorn: `{ ${TCP}, threads: 4 }` },
    near: { nginx: "{ version: 1.22.1, proxy_pass: http://127.0.0.1:8000 }", gunicorn: `{ ${TCP}, threads: 4 }` },
  },
  hoard: {
    applies: { gunicorn: gunicorn("threads: 2"), app: "{ sleep: 200ms }" },
    near: { gunicorn: gunicorn("threads: 2, worker_connections: 500"), app: "{ sleep: 200ms }" },
  },
  "max-requests-in-step": {
    applies: { gunicorn: gunicorn("max_requests: 1000") },
    near: { gunicorn: gunicorn("max_requests: 1000, max_requests_jitter: 100") },
  },
  "replaced-often": {
    applies: { gunicorn: gunicorn("max_requests: 100, max_requests_jitter: 10, boot: 2s") },
    near: { gunicorn: gunicorn("max_requests: 2000, max_requests_jitter: 10, boot: 2s") },
  },
  "recycled-sockets": {
    applies: { nginx: tcp("worker_processes: 1"), gunicorn: `{ ${OWN}, max_requests: 1000, max_requests_jitter: 9 }` },
    near: {
      kernel: "{ sysctl: { net.ipv4.tcp_migrate_req: 1 } }",
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${OWN}, max_requests: 1000, max_requests_jitter: 9 }`,
    },
  },
  "own-sockets": {
    applies: { clients: RATE("40/s"), nginx: tcp("worker_processes: 1"), gunicorn: `{ ${OWN} }` },
    near: { clients: RATE("20/s"), nginx: tcp("worker_processes: 1"), gunicorn: `{ ${OWN} }` },
  },
  "threads-unused": {
    applies: { gunicorn: gunicorn("worker_class: gevent, threads: 4") },
    near: { gunicorn: gunicorn("threads: 4") },
  },
  "silence-allowed": { applies: { gunicorn: gunicorn("timeout: 0s") }, near: { gunicorn: gunicorn("timeout: 60s") } },
  "boot-outlasts-timeout": {
    applies: { gunicorn: gunicorn("version: 21.2.0, timeout: 2s, boot: 3s") },
    near: { gunicorn: gunicorn("version: 22.0.0, timeout: 2s, boot: 3s") },
  },
  "reload-gap": {
    applies: { gunicorn: gunicorn("boot: 2s"), events: "[{ at: 10s, do: gunicorn.reload }]" },
    near: { gunicorn: gunicorn("boot: 2s, preload_app: true"), events: "[{ at: 10s, do: gunicorn.reload }]" },
  },
  "restart-loses": {
    applies: { events: "[{ at: 10s, do: gunicorn.restart, pause: 1s }]" },
    near: { events: "[{ at: 10s, do: gunicorn.reload }]" },
  },
};
