// The effects of the kernel's settings.

import {
  count,
  counter,
  direct,
  type Effect,
  errno,
  falls,
  latency,
  noPort,
  proxied,
  rises,
  type Scenario,
  served,
  steady,
  TCP,
  work,
} from "./effect.js";

/** One request a second at an instant, one port of `ports` lost with each. */
const ports = (sysctl: Scenario, kernel: Scenario = {}, clients: Scenario = steady(1, 20)) =>
  proxied(TCP, {
    kernel: {
      timer_slack: false,
      sysctl: { "net.ipv4.ip_local_port_range": "40000 40009", "net.ipv4.tcp_tw_reuse": 0, ...sysctl },
      ...kernel,
    },
    nginx: { upstream: { closes_first: 1 } },
    app: { sleep: "0s" },
    clients,
  });

/** A worker that is busy for `sleep` and one place: what comes later is in SYN_SENT. */
const full = (sysctl: Scenario, sleep = "200s") =>
  direct({ kernel: { sysctl }, gunicorn: { backlog: 0 }, app: { sleep } });

/** On an old kernel, with worker and queue full, two are half-open. */
const halfOpen = (sysctl: Scenario, sleep: string, nginx: Scenario = {}) =>
  proxied(TCP, {
    kernel: { profile: "linux-4.4", sysctl },
    gunicorn: { backlog: 2 },
    app: { sleep },
    nginx,
    clients: { arrivals: { process: "burst", requests: 6 } },
  });

/** Many SYNs of one granule find one free place. */
const batch = (sysctl: Scenario) =>
  proxied(TCP, {
    kernel: { sysctl },
    nginx: { proxy_connect_timeout: "1500ms" },
    gunicorn: { backlog: 20 },
    app: { sleep: "600ms" },
    clients: { arrivals: { process: "burst", requests: 40 } },
  });

const name = (rest: string) => `kernel/sysctl/net.${rest}`;

/** Each TIME_WAIT is as late as the run's clock says; of many runs the mean. */
const lateTimeWaits = {
  ...ports(
    {},
    { timer_slack: true },
    {
      arrivals: [
        { process: "burst", requests: 10, for: "62100ms" },
        { process: "burst", requests: 10 },
      ],
    },
  ),
  run: { replications: 40 },
};

const TWO = { profile: "linux-4.4", sysctl: { "net.ipv4.tcp_max_tw_buckets": 8 } };

export const kernelEffects: Record<string, Effect> = {
  // Up to 4.10 all namespaces of a machine have one limit of TIME_WAITs together.
  "kernel/machine": rises(counter("TCPTimeWaitOverflow"), ["one", "two"], {
    ...proxied("10.0.0.2:8000", {
      app: { sleep: "0s" },
      nginx: { kernel: "front" },
      gunicorn: { kernel: "back" },
    }),
    kernel: [
      { name: "front", ...TWO },
      { name: "back", machine: "two", ...TWO },
    ],
    gunicorn: { bind: "0.0.0.0:8000", kernel: "back" },
    clients: steady(1, 20),
  }),
  "kernel/addresses": falls(served, [["10.0.0.2"], ["10.0.0.3"]], {
    ...proxied("10.0.0.2:8000", { nginx: { kernel: "front" } }),
    kernel: [{ name: "back" }, { name: "front" }],
    gunicorn: { bind: "0.0.0.0:8000", kernel: "back" },
  }),
  "kernel/profile": rises(
    served,
    ["linux-4.15", "linux-5.4"],
    proxied("unix:/run/g.sock", {
      nginx: { worker_connections: 1000 },
      clients: { arrivals: { process: "burst", requests: 300 } },
    }),
  ),
  [name("core.somaxconn")]: rises(served, [1, 5], proxied("unix:/run/g.sock")),
  [name("ipv4.tcp_max_syn_backlog")]: falls(count("504"), [4, 64], batch({ "net.ipv4.tcp_syncookies": 0 })),
  [name("ipv4.tcp_syncookies")]: falls(count("504"), [0, 1], batch({ "net.ipv4.tcp_max_syn_backlog": 4 })),
  [name("ipv4.tcp_abort_on_overflow")]: rises(errno("ECONNRESET"), [0, 1], halfOpen({}, "1s")),
  [name("ipv4.tcp_syn_retries")]: rises(latency, [1, 3], full({})),
  [name("ipv4.tcp_synack_retries")]: falls(errno("ECONNRESET"), [1, 5], halfOpen({}, "20s")),
  [name("ipv4.tcp_syn_linear_timeouts")]: rises(counter("TCPSynRetrans"), [0, 4], full({})),
  [name("ipv4.ip_local_port_range")]: falls(noPort, ["40000 40001", "40000 40009"], ports({})),
  [name("ipv4.ip_local_reserved_ports")]: rises(noPort, ["40000", "40000-40006"], ports({})),
  [name("ipv4.tcp_tw_reuse")]: falls(noPort, [0, 1], ports({})),
  [name("ipv4.tcp_tw_reuse_delay")]: rises(noPort, [1, 30_000], ports({ "net.ipv4.tcp_tw_reuse": 1 })),
  [name("ipv4.tcp_timestamps")]: falls(noPort, [0, 1], ports({ "net.ipv4.tcp_tw_reuse": 1 })),
  [name("ipv4.tcp_fin_timeout")]: rises(
    noPort,
    [2, 60],
    proxied(TCP, {
      kernel: { sysctl: { "net.ipv4.ip_local_port_range": "40000 40003", "net.ipv4.tcp_tw_reuse": 0 } },
      nginx: { proxy_read_timeout: "100ms" },
      gunicorn: { workers: 40 },
      app: { sleep: "50s" },
      clients: steady(1, 20),
    }),
  ),
  [name("ipv4.tcp_max_tw_buckets")]: rises(noPort, [2, 100], ports({})),
  // The FIN of two half-open clients that gave up comes in only if it is still repeated at 3 s.
  [name("ipv4.tcp_orphan_retries")]: rises(work, [1, 8], halfOpen({}, "3s", { proxy_read_timeout: "300ms" })),
  // A connection that was promoted late makes the data of a later one wait longer for its repetition.
  [name("ipv4.tcp_no_metrics_save")]: falls(latency, [0, 1], {
    ...halfOpen({}, "900ms"),
    clients: {
      arrivals: [
        { process: "burst", requests: 6, for: "6s" },
        { process: "burst", requests: 6 },
      ],
    },
  }),
  "kernel/cores": falls(
    latency,
    [1, 2],
    proxied("unix:/run/g.sock", {
      gunicorn: { workers: 4 },
      app: { sleep: "0s", cpu: "100ms" },
      clients: { arrivals: { process: "burst", requests: 4 } },
    }),
  ),
  "kernel/hz": rises(noPort, [250, 1000], lateTimeWaits),
  "kernel/memory": falls(
    counter("TCPTimeWaitOverflow"),
    ["1GiB", "64GiB"],
    proxied(TCP, {
      kernel: { sysctl: { "net.ipv4.tcp_tw_reuse": 0 } },
      nginx: { upstream: { closes_first: 1 } },
      app: { sleep: "0s" },
      clients: steady(1000, 5000),
    }),
  ),
  "kernel/timer_slack": rises(noPort, [false, true], {
    ...ports(
      {},
      {},
      {
        arrivals: [
          { process: "burst", requests: 10, for: "60001ms" },
          { process: "burst", requests: 10 },
        ],
      },
    ),
  }),
  "kernel/port_search_cost": rises(latency, ["0s", "1ms"], proxied(TCP, { app: { sleep: "0s" } })),
};
