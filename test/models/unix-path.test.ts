// One behaviour, one timed script: a small scenario, what became of each request, the arithmetic in a
// comment.

import { expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

const app = (sleep: string) => `app: { sleep: ${sleep} }`;
const nginx = (more = "") =>
  `nginx: { ${PLAIN.nginx}, upstream: { servers: [unix:/run/g.sock] } ${more && `, ${more}`} }`;
const gunicorn = (more: string) => `gunicorn: { ${PLAIN.gunicorn}, bind: unix:/run/g.sock, ${more} }`;
const burst = (requests: number) => `clients: { arrivals: { process: burst, requests: ${requests} } }`;

test("a backlog of 1 holds two connections beside the one in work; the fourth gets a 502 at once", async () => {
  // 1 running + 1 + 1 queued = 3; they end one second after another.
  const { trace } = await simulate(
    [burst(4), nginx(), gunicorn("workers: 1, backlog: 1"), app("1s")].join("\n"),
  );
  expect(trace).toMatchInlineSnapshot(`
    "0.000 -> 1.000 200
    0.000 -> 2.000 200
    0.000 -> 3.000 200
    0.000 -> 0.000 502 unix-accept-queue-full"
  `);
});

test("a backlog of 0 still holds one connection", async () => {
  const { trace } = await simulate(
    [burst(3), nginx(), gunicorn("workers: 1, backlog: 0"), app("1s")].join("\n"),
  );
  expect(trace).toMatchInlineSnapshot(`
    "0.000 -> 1.000 200
    0.000 -> 2.000 200
    0.000 -> 0.000 502 unix-accept-queue-full"
  `);
});

test("somaxconn cuts the backlog: min(2048, 1) + 1 = 2 places", async () => {
  const kernel = "kernel: { sysctl: { net.core.somaxconn: 1 } }";
  const { trace, result } = await simulate(
    [kernel, burst(4), nginx(), gunicorn("backlog: 2048"), app("1s")].join("\n"),
  );
  expect(trace).toMatchInlineSnapshot(`
    "0.000 -> 1.000 200
    0.000 -> 2.000 200
    0.000 -> 3.000 200
    0.000 -> 0.000 502 unix-accept-queue-full"
  `);
  expect(result.causes[0]?.settings[0]).toBe("net.core.somaxconn = 1");
});

test.each([
  ["linux-4.15", 129],
  ["linux-5.4", 2049],
])("the default backlog of 2048 holds on %s %d connections", async (profile, holds) => {
  const { result } = await simulate(
    [
      `kernel: { profile: ${profile} }`,
      burst(3000),
      nginx("worker_connections: 10000, proxy_read_timeout: 1h"),
      gunicorn("workers: 1"),
      app("1s"),
    ].join("\n"),
  );
  expect(result.outcomes["200"]?.count).toBe(holds + 1);
  expect(result.outcomes["502"]?.count).toBe(3000 - holds - 1);
});

test("the read timeout runs while queued; the work of a 504 is done all the same", async () => {
  // One worker of 2 s, read timeout 3 s. Request 0 runs 0-2. Request 1 is taken at 2 and would end at 4: it
  // times out running, at 3. Request 2 waits until 4: it times out queued, at 3. Request 3, sent at 3.5,
  // waits for both: 8 > 6.5. Request 4, sent at 7, finds the worker at 8.
  const arrivals = "clients: { arrivals: { process: trace, file: sent.csv } }";
  const { trace, result } = await simulate(
    [arrivals, nginx("proxy_read_timeout: 3s"), gunicorn("workers: 1"), app("2s")].join("\n"),
    { "sent.csv": "sent_s\n0\n0\n0\n3.5\n7.5\n" },
  );
  expect(trace).toMatchInlineSnapshot(`
    "0.000 -> 2.000 200
    0.000 -> 3.000 504 read-timeout-running
    0.000 -> 3.000 504 read-timeout-queued
    3.500 -> 6.500 504 read-timeout-running
    7.500 -> 10.000 200"
  `);
  // Wasted: request 1 from 3 to 4, request 2 from 4 to 6, request 3 from 6.5 to 8.
  expect(result.work.wasted_s.value).toBeCloseTo(1 + 2 + 1.5, 9);
  expect(result.work.busy_s.value).toBeCloseTo(10, 9);
});

test("a connection whose proxy has gone still counts against the backlog", async () => {
  // Backlog 0 holds one. Request 1 times out at 1 s but stays queued, so request 2 at 1.5 s is refused.
  const arrivals = "clients: { arrivals: { process: trace, file: sent.csv } }";
  const { trace } = await simulate(
    [arrivals, nginx("proxy_read_timeout: 1s"), gunicorn("workers: 1, backlog: 0"), app("5s")].join("\n"),
    { "sent.csv": "sent_s\n0\n0\n1.5\n" },
  );
  expect(trace).toMatchInlineSnapshot(`
    "0.000 -> 1.000 504 read-timeout-running
    0.000 -> 1.000 504 read-timeout-queued
    1.500 -> 1.500 502 unix-accept-queue-full"
  `);
});

test("two connections of nginx a request: of 8 the listener and the master's channel take two", async () => {
  // 6 usable: 3 requests in flight; the fourth client finds none.
  const { trace, result } = await simulate(
    [burst(4), nginx("worker_connections: 8"), gunicorn("workers: 9"), app("1s")].join("\n"),
  );
  expect(trace).toMatchInlineSnapshot(`
    "0.000 -> 1.000 200
    0.000 -> 1.000 200
    0.000 -> 1.000 200
    0.000 -> 0.000 closed worker-connections-client"
  `);
  expect(result.nginx["200"]?.count).toBe(3);
});

test("with an odd number the client gets in and its upstream does not: 500", async () => {
  // 5 usable: 2 requests in flight and one connection for the third client.
  const { trace } = await simulate(
    [burst(3), nginx("worker_connections: 7"), gunicorn("workers: 9"), app("1s")].join("\n"),
  );
  expect(trace).toMatchInlineSnapshot(`
    "0.000 -> 1.000 200
    0.000 -> 1.000 200
    0.000 -> 0.000 500 worker-connections-upstream"
  `);
});

test("without nginx the client itself meets EAGAIN", async () => {
  const { trace, result } = await simulate(
    [burst(3), gunicorn("workers: 1, backlog: 0"), app("1s")].join("\n"),
  );
  expect(trace).toMatchInlineSnapshot(`
    "0.000 -> 1.000 200
    0.000 -> 2.000 200
    0.000 -> 0.000 EAGAIN unix-accept-queue-full"
  `);
  expect(result.errors.EAGAIN?.count).toBe(1);
  expect(result.nginx).toEqual({});
});

test("nobody listens: ENOENT for a unix socket, ECONNREFUSED for TCP, and a warning", async () => {
  const unix = await simulate(
    "clients: { target: unix:/run/no.sock, arrivals: { process: burst, requests: 1 } }",
  );
  expect(unix.trace).toBe("0.000 -> 0.000 ENOENT nobody-listens");
  expect(unix.result.warnings).toEqual([
    "nobody listens on unix:/run/no.sock: every connect() by clients gives ENOENT",
  ]);
  const tcp = await simulate("clients: { target: 127.0.0.1:9, arrivals: { process: burst, requests: 1 } }");
  expect(tcp.trace).toBe("0.000 -> 0.000 ECONNREFUSED nobody-listens");
});

test("nginx with nobody behind it answers 502 and logs the errno", async () => {
  const { trace, result } = await simulate([burst(1), nginx()].join("\n"));
  expect(trace).toBe("0.000 -> 0.000 502 nobody-listens");
  expect(result.errors.ENOENT?.share).toBe(1);
});

test("overheads: 0.4 ms to the 502; 0.4 + 0.55 + 0.7 ms beside the service time", async () => {
  const text = `
clients: { arrivals: { process: burst, requests: 3 } }
nginx: { request_cpu: 0s, upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { bind: unix:/run/g.sock, backlog: 0 }
app: { sleep: 100ms }`;
  const { requests } = await simulate(text);
  expect(requests.map(({ latencyNs }) => latencyNs)).toEqual([101_650_000, 202_200_000, 400_000]);
});

test("from gunicorn 26.0 on a worker lingers 0.2 ms after the answer before it takes the next", async () => {
  const scenario = (version: string) =>
    [burst(2), gunicorn(`version: ${version}, workers: 1`), app("100ms")].join("\n");
  const latencies = async (version: string) =>
    (await simulate(scenario(version))).requests.map(({ latencyNs }) => latencyNs);
  expect(await latencies("25.3.0")).toEqual([100_000_000, 200_000_000]);
  expect(await latencies("26.0.0")).toEqual([100_000_000, 200_200_000]);
});
