// The effects of nginx's directives.

import {
  A,
  B,
  burst,
  busyPeak,
  bytesIn,
  count,
  counter,
  differs,
  type Effect,
  errno,
  falls,
  grouped,
  latency,
  logged,
  NOBODY,
  noPort,
  proxied,
  rises,
  type Scenario,
  served,
  steady,
  TCP,
  work,
} from "./effect.js";

/** Five served, five refused for want of places. */
const refused = (nginx: Scenario = {}) => proxied(A, { gunicorn: { backlog: 3 }, nginx });
const timely = (nginx: Scenario = {}) => proxied(A, { nginx, gunicorn: { workers: 20 } });
/** A burst that overflows both servers, then five a second for twenty seconds. */
const storm = (server: Scenario) =>
  grouped(
    [
      { address: A, ...server },
      { address: B, ...server },
    ],
    {
      gunicorn: { workers: 1, backlog: 0 },
      app: { sleep: "20ms" },
      clients: {
        arrivals: [
          { process: "burst", requests: 20, for: "1s" },
          { process: "constant", rate: "5/s", for: "20s" },
        ],
      },
    },
  );
const limited = (directives: Scenario, clients: Scenario = burst(10)) =>
  proxied(A, { nginx: directives, gunicorn: { workers: 20 }, clients });
const slow = { name: "slow", key: "server", rate: "1r/s" };
const fast = { name: "fast", key: "server", rate: "100r/s" };
const byRate = (use: Scenario, more: Scenario = {}) =>
  limited({ limit_req_zone: [slow, fast], limit_req: [{ zone: "slow", ...use }], ...more });
const one = { name: "one", key: "server" };
const two = { name: "two", key: "client" };
const byNumber = (more: Scenario = {}) =>
  limited({ limit_conn_zone: [one], limit_conn: [{ zone: "one", connections: 2 }], ...more });
const populations = (number: number, requests: (index: number) => number = () => 4) =>
  Array.from({ length: number }, (_, index) => ({
    name: `p${index}`,
    ...burst(requests(index)),
  })) as unknown as Scenario;
/** Populations of 1, 2, 4, 8 ... requests: the number at a server tells which of them it got. */
const hashed = (method: Scenario) =>
  grouped([A, B], {
    nginx: { worker_connections: 1000, upstream: { balance: { hash: method } } },
    gunicorn: { workers: 300 },
    clients: populations(8, (index) => 2 ** index),
  });

const waiting = { gunicorn: { backlog: 0 }, clients: burst(5) };

const upstream: Record<string, Effect> = {
  "nginx/upstream/servers": falls(served, [[A], [NOBODY]], proxied(A)),
  "nginx/upstream/servers/address": falls(served, [A, NOBODY], grouped([{ address: A }])),
  "nginx/upstream/servers/resolves": rises(
    errno("ENOENT"),
    [[A], [NOBODY, A]],
    grouped([{ address: "app:80" }]),
  ),
  "nginx/upstream/servers/weight": rises(busyPeak("a"), [1, 5], grouped([{ address: A }, B])),
  "nginx/upstream/servers/max_fails": falls(count("502"), [1, 100], storm({})),
  "nginx/upstream/servers/fail_timeout": rises(count("502"), ["1s", "9s"], storm({})),
  "nginx/upstream/servers/backup": falls(busyPeak("a"), [false, true], grouped([{ address: A }, B])),
  "nginx/upstream/servers/down": falls(busyPeak("a"), [false, true], grouped([{ address: A }, B])),
  "nginx/upstream/servers/max_conns": rises(served, [1, 5], grouped([{ address: A }])),
  "nginx/upstream/balance": falls(
    busyPeak("b"),
    ["round_robin", "ip_hash"],
    grouped([{ address: A, weight: 9 }, B]),
  ),
  "nginx/upstream/balance/hash/key": differs(busyPeak("a"), ["uri", "remote_addr"], hashed({ key: "uri" })),
  "nginx/upstream/balance/hash/consistent": differs(busyPeak("a"), [false, true], hashed({ key: "uri" })),
  // Two workers find out separately that nobody listens.
  "nginx/upstream/zone": falls(
    errno("ENOENT"),
    [false, true],
    grouped([NOBODY, A], {
      nginx: { worker_processes: 2 },
      clients: steady(10, 60),
    }),
  ),
  "nginx/upstream/closes_together": rises(
    counter("TW"),
    [0, 0.3],
    proxied(TCP, { app: { sleep: "0s" }, clients: steady(100, 1000) }),
  ),
  "nginx/kernel": falls(served, ["a", "b"], {
    ...proxied(TCP),
    kernel: [{ name: "a" }, { name: "b" }],
    gunicorn: { bind: TCP, kernel: "a" },
  }),
  "nginx/proxy_bind": rises(errno("EADDRINUSE"), ["off", "10.0.0.9:40003"], proxied(TCP)),
  "nginx/upstream/warm_for": rises(
    noPort,
    ["0s", "1s"],
    proxied(TCP, {
      kernel: { sysctl: { "net.ipv4.ip_local_port_range": "40000 40099", "net.ipv4.tcp_tw_reuse": 0 } },
      app: { sleep: "0s" },
      clients: steady(100, 400),
    }),
  ),
  "nginx/upstream/closes_after": rises(
    noPort,
    ["0s", "1s"],
    proxied(TCP, {
      kernel: { sysctl: { "net.ipv4.ip_local_port_range": "40000 40099", "net.ipv4.tcp_tw_reuse": 0 } },
      nginx: { request_cpu: "20ms" },
      app: { sleep: "0s" },
      clients: steady(100, 400),
    }),
  ),
  "nginx/upstream/closes_first": rises(
    noPort,
    [0, 1],
    proxied(TCP, {
      kernel: { sysctl: { "net.ipv4.ip_local_port_range": "40000 40003" } },
      app: { sleep: "0s" },
      clients: steady(20, 20),
    }),
  ),
};

const retries: Record<string, Effect> = {
  "nginx/proxy_next_upstream": rises(served, [["off"], ["error", "timeout"]], grouped([NOBODY, A])),
  "nginx/proxy_next_upstream_tries": rises(served, [1, 2], grouped([NOBODY, A])),
  "nginx/proxy_next_upstream_timeout": rises(
    latency,
    ["100ms", "10s"],
    grouped([A, B], {
      nginx: { proxy_read_timeout: "500ms" },
      clients: burst(1),
    }),
  ),
  "nginx/proxy_ignore_client_abort": falls(
    logged("499"),
    ["off", "on"],
    proxied(A, {
      clients: burst(3, { timeout: "500ms" }),
    }),
  ),
  "nginx/proxy_connect_timeout": falls(count("504"), ["500ms", "30s"], proxied(TCP, waiting)),
  "nginx/proxy_read_timeout": falls(count("504"), ["1500ms", "30s"], proxied(A)),
};

const limits: Record<string, Effect> = {
  "nginx/limit_req_zone/key": falls(
    count("503"),
    ["server", "client"],
    limited({ limit_req_zone: [slow], limit_req: [{ zone: "slow" }] }, populations(3)),
  ),
  "nginx/limit_req_zone/rate": falls(
    count("503"),
    ["1r/s", "1000r/s"],
    limited({ limit_req_zone: [slow], limit_req: [{ zone: "slow" }] }, steady(100, 20)),
  ),
  "nginx/limit_req/zone": falls(count("503"), ["slow", "fast"], {
    ...byRate({}),
    clients: steady(50, 20),
  }),
  "nginx/limit_req/burst": falls(count("503"), [0, 5], byRate({})),
  "nginx/limit_req/delay": falls(latency, [1, 5], byRate({ burst: 5 })),
  "nginx/limit_req/nodelay": falls(latency, [false, true], byRate({ burst: 5 })),
  "nginx/limit_req_status": rises(count("429"), [503, 429], byRate({})),
  "nginx/limit_conn_zone/key": falls(
    count("503"),
    ["server", "client"],
    limited({ limit_conn_zone: [one], limit_conn: [{ zone: "one", connections: 2 }] }, populations(3)),
  ),
  // Zone two counts each client for itself.
  "nginx/limit_conn/zone": falls(
    count("503"),
    ["one", "two"],
    limited(
      {
        limit_conn_zone: [one, two],
        limit_conn: [{ zone: "one", connections: 2 }],
      },
      populations(3),
    ),
  ),
  "nginx/limit_conn/connections": falls(count("503"), [2, 5], byNumber()),
  "nginx/limit_conn_status": rises(count("429"), [503, 429], byNumber()),
};

const bodies: Record<string, Effect> = {
  "nginx/client_max_body_size": falls(
    count("413"),
    ["1KiB", "1MiB"],
    proxied(A, { clients: burst(3, { body: "2KiB" }) }),
  ),
  // The worker waits for the upload in nginx's place.
  "nginx/proxy_request_buffering": rises(
    work,
    ["on", "off"],
    proxied(A, { clients: burst(1, { body: "100kB", upload: "10kB" }) }),
  ),
  // The second and the third wait for 1 and 2 seconds until a worker reads them.
  "nginx/proxy_send_timeout": falls(
    count("504"),
    ["500ms", "30s"],
    proxied(A, { clients: burst(3, { body: "300kB" }) }),
  ),
};

export const nginxEffects: Record<string, Effect> = {
  // Both have six characters: 16 bytes less for each 502.
  "nginx/version": falls(bytesIn, ["1.10.3", "1.22.1"], refused()),
  "nginx/listen": falls(
    served,
    ["127.0.0.1:80", "127.0.0.1:81"],
    proxied(A, {
      clients: burst(3, { target: "127.0.0.1:80" }),
    }),
  ),
  "nginx/listen/address": falls(
    served,
    ["127.0.0.1:80", "127.0.0.1:81"],
    proxied(A, { nginx: { listen: {} }, clients: burst(3, { target: "127.0.0.1:80" }) }),
  ),
  "nginx/listen/backlog": falls(
    counter("ListenOverflows"),
    [0, 50],
    timely({ listen: {}, request_cpu: "20ms" }),
  ),
  // A worker that is free cannot help the other one.
  "nginx/listen/reuseport": rises(
    latency,
    [false, true],
    timely({ listen: {}, worker_processes: 4, request_cpu: "20ms" }),
  ),
  // The other workers look every half second.
  "nginx/accept_mutex": rises(latency, ["off", "on"], timely({ worker_processes: 4, request_cpu: "20ms" })),
  "nginx/worker_processes": falls(
    count("closed"),
    [1, 2],
    proxied(A, {
      nginx: { worker_connections: 12 },
      gunicorn: { workers: 40 },
      clients: burst(32),
    }),
  ),
  "nginx/worker_connections": falls(count("closed"), [8, 40], timely()),
  "nginx/server_tokens": rises(bytesIn, ["off", "on"], refused()),
  "nginx/request_cpu": rises(latency, ["0s", "10ms"], timely()),
  "nginx/connect_overhead": rises(latency, ["0s", "10ms"], timely()),
  "nginx/response_overhead": rises(latency, ["0s", "10ms"], timely()),
  ...bodies,
  ...upstream,
  ...retries,
  ...limits,
};
