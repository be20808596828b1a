// Scenarios for the rules about clients, utilisation, queues and waiting.

import { BURST, type Case, gunicorn, nginx, RATE, TCP, TWO, TWO_GUNICORNS, tcp, UNIX } from "./scenarios.js";

/** By the rule's id. */
export const loadCases: Record<string, Case> = {
  "nobody-listens": { applies: { gunicorn: "{ bind: unix:/run/b.sock }" }, near: {} },
  "closed-loop": {
    applies: { clients: "{ closed: { concurrency: 60, for: 10s } }" },
    near: { clients: "{ closed: { concurrency: 600, for: 10s } }" },
  },
  "retries-feed-overload": {
    applies: {
      clients: "{ arrivals: { process: poisson, rate: 40/s, for: 60s }, retries: { attempts: 3 } }",
    },
    near: {
      clients:
        "{ arrivals: { process: poisson, rate: 40/s, for: 60s }, retries: { attempts: 3, budget: {} } }",
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
    applies: {
      clients:
        "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, retries: { attempts: 3, delay: 1s } }",
    },
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
    applies: {
      clients: BURST(600),
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${TCP}, workers: 4, backlog: 100 }`,
    },
    near: {
      clients: BURST(105),
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${TCP}, workers: 4, backlog: 100 }`,
    },
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
    near: {
      clients: BURST(105),
      nginx: tcp("worker_processes: 1"),
      gunicorn: `{ ${TCP}, workers: 4, backlog: 100 }`,
    },
  },
  "queue-outlasts-nginx": { applies: { app: "{ sleep: 1s }" }, near: { app: "{ sleep: 400ms }" } },
  "queue-fits-nginx": { applies: { app: "{ sleep: 117ms }" }, near: { app: "{ sleep: 1s }" } },
  "queue-outlasts-clients": {
    applies: { clients: "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, timeout: 5s }" },
    near: { clients: "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, timeout: 10s }" },
  },
  "worker-timeout": {
    applies: {
      gunicorn: gunicorn("timeout: 1s"),
      app: "{ sleep: { mixture: [{ weight: 3, of: 10ms }, { weight: 1, of: 2s }] } }",
    },
    near: {
      gunicorn: gunicorn("timeout: 3s"),
      app: "{ sleep: { mixture: [{ weight: 3, of: 10ms }, { weight: 1, of: 2s }] } }",
    },
  },
  "read-timeout": {
    applies: { nginx: nginx("proxy_read_timeout: 1s"), app: "{ sleep: 2s }" },
    near: { nginx: nginx("proxy_read_timeout: 3s"), app: "{ sleep: 2s }" },
  },
  "client-timeout": {
    applies: {
      clients: "{ arrivals: { process: poisson, rate: 1/s, for: 60s }, timeout: 1s }",
      app: "{ sleep: 2s }",
    },
    near: {
      clients: "{ arrivals: { process: poisson, rate: 1/s, for: 60s }, timeout: 3s }",
      app: "{ sleep: 2s }",
    },
  },
  "worker-outlives-nginx": {
    applies: { nginx: nginx("proxy_read_timeout: 20s") },
    near: { nginx: nginx("proxy_read_timeout: 30s") },
  },
};
