// Random scenarios with every kind of part: what must hold of all of them is tried on these.

import fc from "fast-check";
import { PROFILE_NAMES } from "../../models/linux/profiles.js";
import { few, maybe, milliseconds, onOff, sparse } from "./arbitraries.js";

type Given = Record<string, unknown>;

/** Where a gunicorn listens each. */
export const ADDRESSES = ["unix:/run/a.sock", "unix:/run/b.sock", "127.0.0.1:8000", "10.0.0.2:8001"];
/** Where it may listen besides. */
const more = (index: number) => `10.0.0.3:${9000 + index}`;
const ALL_ADDRESSES = [...ADDRESSES, ...ADDRESSES.map((_, index) => more(index))];
const NOBODY = ["unix:/run/nobody.sock", "127.0.0.1:9"];

/** Network namespaces, if there are several. */
const NAMES = ["front", "back"];
const home = fc.constantFrom(...NAMES);

const kernel = sparse({
  profile: fc.constantFrom(...PROFILE_NAMES),
  hz: fc.constantFrom(100, 250, 300, 1000),
  timer_slack: fc.boolean(),
  cores: fc.integer({ min: 1, max: 3 }),
  sysctl: sparse({
    "net.core.somaxconn": few(8),
    "net.ipv4.tcp_syncookies": few(2),
    "net.ipv4.tcp_max_syn_backlog": few(8),
    "net.ipv4.tcp_abort_on_overflow": few(1),
    "net.ipv4.tcp_syn_retries": fc.integer({ min: 1, max: 3 }),
    "net.ipv4.tcp_synack_retries": few(3),
    "net.ipv4.tcp_orphan_retries": few(4),
    "net.ipv4.ip_local_port_range": few(20).map((more) => `40000 ${40_000 + more}`),
    "net.ipv4.tcp_tw_reuse": few(1),
    "net.ipv4.tcp_fin_timeout": fc.constantFrom(0, 2, 30, 60, 90),
    "net.ipv4.tcp_max_tw_buckets": few(30),
    "net.ipv4.tcp_timestamps": few(1),
  }),
});

const TW_BUCKETS = "net.ipv4.tcp_max_tw_buckets";

/** Two namespaces, of a machine each or of one, about which both then say the same. */
const kernels = fc.tuple(kernel, kernel, fc.boolean()).map(([front, back, isShared]) => {
  if (!isShared) return [front, back].map((one, index) => ({ ...one, name: NAMES[index] }));
  const { sysctl, ...machine } = front as Given;
  const buckets = (sysctl as Given | undefined)?.[TW_BUCKETS];
  return [sysctl, (back as Given).sysctl].map((own, index) => ({
    ...machine,
    sysctl: { ...(own as Given), [TW_BUCKETS]: buckets },
    name: NAMES[index],
    machine: "host",
  }));
});

const server = sparse(
  {
    address: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...ADDRESSES) },
      fc.constantFrom(...ALL_ADDRESSES),
      fc.constantFrom(...NOBODY),
    ),
    weight: fc.integer({ min: 1, max: 4 }),
    max_fails: few(3),
    fail_timeout: few(3).map((seconds) => `${seconds}s`),
    max_conns: few(5),
    down: fc.boolean(),
    backup: fc.boolean(),
  },
  ["address"],
);

/** A group has a server that is no backup, and backups with two of the methods only. */
const upstream = sparse(
  {
    servers: fc.array(server, { minLength: 1, maxLength: 3 }),
    balance: fc.constantFrom(
      "round_robin",
      "least_conn",
      "ip_hash",
      "random",
      "random two",
      { hash: { key: "uri" } },
      { hash: { key: "remote_addr", consistent: true } },
    ),
    zone: fc.boolean(),
    keepalive: few(4),
    keepalive_timeout: milliseconds(1, 3000),
    keepalive_requests: fc.integer({ min: 1, max: 4 }),
    closes_first: fc.constantFrom(0, 0.4, 1),
  },
  // Nor does a native asgi worker close the idle connections of nginx.
  ["servers", "keepalive_timeout"],
).map((group) => {
  const { servers, balance = "round_robin" } = group as { servers: Given[]; balance?: unknown };
  const hasBackups = balance === "round_robin" || balance === "least_conn";
  const backup = (index: number) => hasBackups && index > 0;
  return {
    ...group,
    servers: servers.map((one, index) => (backup(index) ? one : { ...one, backup: undefined })),
  };
});

const nginx = sparse(
  {
    version: fc.constantFrom("1.10.3", "1.20.2", "1.22.1", "1.30.0"),
    listen: fc.constantFrom("127.0.0.9:80", "*:80", { address: "*:80", reuseport: true, backlog: 5 }),
    accept_mutex: onOff,
    keepalive_timeout: milliseconds(0, 3000),
    keepalive_requests: fc.integer({ min: 1, max: 4 }),
    proxy_http_version: fc.constantFrom("1.0", "1.1"),
    proxy_set_header: fc.constantFrom({ Connection: "" }, { Connection: "close" }),
    proxy_request_buffering: onOff,
    proxy_send_timeout: milliseconds(1, 3000),
    worker_processes: fc.integer({ min: 1, max: 3 }),
    worker_connections: fc.integer({ min: 3, max: 60 }),
    upstream,
    proxy_next_upstream: fc.oneof(
      fc.constantFrom(["error"], ["timeout"], ["error", "timeout"], ["off"]),
      fc.subarray(["error", "timeout", "http_500", "http_502", "http_503", "http_504", "non_idempotent"], {
        minLength: 1,
      }),
    ),
    proxy_next_upstream_tries: few(3),
    proxy_next_upstream_timeout: milliseconds(0, 2000),
    proxy_connect_timeout: milliseconds(1, 5000),
    proxy_read_timeout: milliseconds(1, 3000),
    proxy_ignore_client_abort: onOff,
    limit_req_zone: fc.constant([{ name: "r", key: "server", rate: "40r/s" }]),
    limit_conn_zone: fc.constant([{ name: "c", key: "client" }]),
    limits: sparse({ burst: few(20), nodelay: fc.boolean(), connections: few(20).map((count) => count + 1) }),
  },
  ["upstream", "limit_req_zone", "limit_conn_zone", "keepalive_timeout"],
).map(({ limits, ...rest }) => {
  const { burst, nodelay = false, connections } = (limits ?? {}) as Given;
  return {
    ...rest,
    ...(burst !== undefined && { limit_req: [{ zone: "r", burst, nodelay }] }),
    ...(connections !== undefined && { limit_conn: [{ zone: "c", connections }] }),
  };
});

/** A version and a class that it has. */
const program = fc.oneof(
  {
    weight: 5,
    arbitrary: sparse({
      version: fc.constantFrom("20.1.0", "21.2.0", "22.0.0", "23.0.0", "24.0.0", "25.2.0", "26.1.0"),
      worker_class: fc.constantFrom("sync", "gthread", "gevent", "tornado", "uvicorn"),
    }),
  },
  fc.record({
    version: fc.constantFrom("20.1.0", "22.0.0", "25.2.0"),
    worker_class: fc.constant("eventlet"),
  }),
  fc.record({
    version: fc.constantFrom("24.0.0", "25.2.0", "26.1.0"),
    worker_class: fc.constant("asgi"),
  }),
);

const gunicorns = fc.tuple(
  ...ADDRESSES.map((address, index) =>
    sparse(
      {
        name: fc.constant(`at ${address}`),
        bind: fc.constantFrom(address, [address, more(index)]),
        program,
        workers: fc.integer({ min: 1, max: 4 }),
        threads: fc.integer({ min: 1, max: 3 }),
        worker_connections: fc.integer({ min: 1, max: 9 }),
        keepalive: milliseconds(0, 3000),
        backlog: few(6),
        timeout: fc.constantFrom("0s", "500ms", "1s", "30s"),
        graceful_timeout: fc.constantFrom("500ms", "5s"),
        max_requests: few(9),
        max_requests_jitter: few(3),
        boot: milliseconds(0, 800),
        preload_app: fc.boolean(),
        reuse_port: fc.constant(!address.startsWith("unix:")),
      },
      ["name", "bind", "program"],
    ).map(({ program, ...rest }) => ({ ...rest, ...(program as Given) })),
  ),
);

const phase = fc.oneof(
  fc.record({
    process: fc.constant("burst"),
    requests: fc.integer({ min: 1, max: 60 }),
    for: milliseconds(0, 3000),
  }),
  fc.record({
    process: fc.constant("poisson"),
    rate: fc.integer({ min: 1, max: 200 }).map((rate) => `${rate}/s`),
    requests: fc.integer({ min: 1, max: 80 }),
  }),
  fc.record({
    process: fc.constant("mmpp"),
    states: fc
      .tuple(fc.integer({ min: 1, max: 200 }), few(20), milliseconds(10, 900), milliseconds(10, 900))
      .map(([busy, quiet, forBusy, forQuiet]) => [
        { rate: `${busy}/s`, for: forBusy },
        { rate: `${quiet}/s`, for: forQuiet },
      ]),
    requests: fc.integer({ min: 1, max: 80 }),
  }),
);

const budget = sparse({
  ratio: fc.constantFrom(0, 0.2, 1),
  min_retries_per_second: fc.constantFrom(0.5, 10),
  ttl: fc.constantFrom("1s", "10s"),
});

const population = (target: fc.Arbitrary<string | undefined>) =>
  fc.record({
    timeout: maybe(milliseconds(1, 4000)),
    target,
    load: fc.oneof(
      fc.record({ arrivals: fc.array(phase, { minLength: 1, maxLength: 2 }) }),
      fc.record({
        closed: fc.record({
          concurrency: fc.integer({ min: 1, max: 9 }),
          think: milliseconds(1, 500),
          requests: fc.integer({ min: 1, max: 40 }),
        }),
      }),
    ),
    more: sparse({
      // A native asgi worker never closes an idle connection, so that its caller has to.
      keepalive: sparse({ connections: few(4).map((count) => count + 1), idle: milliseconds(1, 3000) }, [
        "idle",
      ]),
      retries: sparse({
        attempts: few(2).map((count) => count + 1),
        delay: milliseconds(0, 900),
        factor: fc.constantFrom(1, 2),
        jitter: fc.constantFrom("none", "equal", "full"),
        budget,
      }),
      addresses: fc.integer({ min: 1, max: 50 }),
      uris: fc.integer({ min: 1, max: 5 }),
      method: fc.constantFrom("GET", "POST"),
      body: fc.constantFrom("0B", "300kB", "900kB", "2MB"),
      upload: fc.constantFrom("1MB", "10MB"),
      cpu: milliseconds(0, 5),
    }),
  });

const clients = fc
  .tuple(population(fc.constant(undefined)), maybe(population(fc.constantFrom(...ALL_ADDRESSES))))
  .map(([through, { value: direct }]) =>
    [through, ...(direct ? [direct] : [])].map(({ timeout, target, load, more }, index) => ({
      name: `population ${index}`,
      ...(timeout.value !== undefined && { timeout: timeout.value }),
      ...(target !== undefined && { target }),
      ...load,
      ...more,
    })),
  );

const app = sparse({
  sleep: fc.constantFrom("0s", "1s", { exponential: "100ms" }),
  cpu: fc.constantFrom("0s", "30ms", { exponential: "20ms" }),
  content_length: fc.boolean(),
  reads_body: fc.boolean(),
  routes: fc.constantFrom([{ path: "/a" }, { path: "/b", weight: 3, sleep: "300ms" }]),
  swallows_exit: fc.boolean(),
});

const oneKernel = fc.record({ kernel, app, nginx, gunicorn: gunicorns, clients });

/** Each part at one of two places, so that what listens on a loopback address may be out of reach. */
const twoKernels = fc
  .tuple(oneKernel, kernels, fc.array(home, { minLength: 7, maxLength: 7 }))
  .map(([parts, kernel, homes]) => ({
    ...parts,
    kernel,
    nginx: { ...parts.nginx, kernel: homes[0] },
    gunicorn: parts.gunicorn.map((one, index) => ({ ...one, kernel: homes[1 + index] })),
    clients: parts.clients.map((one, index) => ({ ...one, kernel: homes[5 + index] })),
  }));

export const scenario = fc.oneof({ weight: 3, arbitrary: oneKernel }, twoKernels);
