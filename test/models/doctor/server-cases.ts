// Scenarios for the rules about nginx's workers, groups of servers, kept connections, ports and gunicorn's workers.

import {
  BIG_AND_SMALL,
  BURST,
  type Case,
  CONSTANT,
  gunicorn,
  KEEPING,
  nginx,
  OWN,
  PORTS,
  POST,
  RATE,
  TCP,
  TWO_ON_UNIX,
  TWO_UNIX,
  tcp,
  UPSTREAM,
  WITH_BACKUP,
} from "./scenarios.js";

/** By the rule's id. */
export const serverCases: Record<string, Case> = {
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
    applies: {
      nginx: nginx(
        "limit_req_zone: { name: all, key: server, rate: 10r/s }, limit_req: { zone: all, burst: 5 }",
      ),
    },
    near: {
      nginx: nginx(
        "limit_req_zone: { name: all, key: server, rate: 20r/s }, limit_req: { zone: all, burst: 5 }",
      ),
    },
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
    near: {
      nginx:
        "{ upstream: { servers: [{ address: unix:/run/a.sock, max_fails: 0 }, { address: unix:/run/b.sock, max_fails: 0 }] } }",
      gunicorn: TWO_ON_UNIX,
    },
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
    near: {
      nginx:
        "{ upstream: { servers: [unix:/run/a.sock, unix:/run/b.sock], zone: true }, worker_processes: 4 }",
      gunicorn: TWO_ON_UNIX,
    },
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
    applies: {
      nginx: `{ ${TWO_UNIX}, proxy_read_timeout: 1s }`,
      gunicorn: TWO_ON_UNIX,
      app: "{ sleep: 2s }",
    },
    near: {
      nginx: `{ ${TWO_UNIX}, proxy_read_timeout: 1s, proxy_next_upstream: error }`,
      gunicorn: TWO_ON_UNIX,
      app: "{ sleep: 2s }",
    },
  },
  "non-idempotent": {
    applies: {
      clients: POST,
      nginx: `{ ${TWO_UNIX}, proxy_next_upstream: error non_idempotent }`,
      gunicorn: TWO_ON_UNIX,
    },
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
    near: {
      nginx: KEEPING('version: 1.22.1, proxy_http_version: "1.1", proxy_set_header: { Connection: "" }'),
    },
  },
  "keepalive-crowds": {
    applies: {
      nginx: KEEPING("version: 1.30.0, worker_processes: 2"),
      gunicorn: gunicorn("threads: 4, worker_connections: 16"),
    },
    near: {
      nginx: KEEPING("version: 1.30.0, worker_processes: 1"),
      gunicorn: gunicorn("threads: 4, worker_connections: 16"),
    },
  },
  "port-ceiling": {
    applies: { nginx: tcp("worker_processes: 1"), gunicorn: `{ ${TCP}, workers: 4 }` },
    near: {
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${TCP}, workers: 4 }`,
      app: "{ sleep: 50ms, content_length: false }",
    },
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
    applies: {
      nginx: "{ version: 1.30.0, proxy_pass: http://127.0.0.1:8000 }",
      gunicorn: `{ ${TCP}, threads: 4 }`,
    },
    near: {
      nginx: "{ version: 1.22.1, proxy_pass: http://127.0.0.1:8000 }",
      gunicorn: `{ ${TCP}, threads: 4 }`,
    },
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
    applies: {
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${OWN}, max_requests: 1000, max_requests_jitter: 9 }`,
    },
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
  "silence-allowed": {
    applies: { gunicorn: gunicorn("timeout: 0s") },
    near: { gunicorn: gunicorn("timeout: 60s") },
  },
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
