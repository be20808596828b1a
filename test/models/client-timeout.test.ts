// Clients that do not wait for ever, and clients that nginx does not let in: what each side sees of it.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

interface Given {
  timeout?: string;
  nginx?: string;
  overheads?: string;
  gunicorn?: string;
  kernel?: string;
  /** "" is none. */
  proxy?: "nginx" | "";
  address?: string;
}

/** One worker behind nginx unless told otherwise. Requests as `sent_s,service_s` pairs. */
function ask(rows: string, given: Given = {}) {
  const { timeout = "1s", proxy = "nginx", address = "unix:/run/g.sock" } = given;
  const { overheads = PLAIN.nginx } = given;
  const text = `
kernel: { profile: linux-6.18, port_search_cost: 0s ${given.kernel ?? ""} }
clients: { ${timeout && `timeout: ${timeout},`} arrivals: { process: trace, file: sent.csv } }
${proxy && `nginx: { ${overheads}, upstream: { servers: ["${address}"] } ${given.nginx ?? ""} }`}
gunicorn: { ${PLAIN.gunicorn}, bind: "${address}" ${given.gunicorn ?? ""} }
run: { replications: 1 }`;
  return simulate(text, { "sent.csv": `sent_s,service_s\n${rows.replaceAll(" ", "\n")}\n` });
}

const counts = (shares: Record<string, { count: number }>) =>
  Object.fromEntries(Object.entries(shares).map(([name, { count }]) => [name, count]));

describe("a client that leaves", () => {
  test("is a 499 for nginx and a timeout of its own for the client; its work is done and lost", async () => {
    // One worker. Request 0 runs from 0 to 3 s and leaves at 1 s; 1 waits and leaves at 1.5 s, and runs from 3
    // to 4 s all the same; 2 comes when it is over.
    const { trace, result } = await ask("0,3 0.5,1 4,0.5");
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      0.500 -> 1.500 client-timeout client-timeout-queued
      4.000 -> 4.500 200"
    `);
    expect(counts(result.nginx)).toEqual({ "200": 1, "499": 2 });
    const settings = ["clients.timeout = 1s"];
    const queue = "client timeout of 1s while queued in unix accept queue at unix:/run/g.sock";
    expect(result.causes).toMatchObject([
      { id: "client-timeout-queued", text: queue, settings, count: 1 },
      { id: "client-timeout-running", text: "client timeout of 1s while running", settings, count: 1 },
    ]);
    expect(result.work.busy_s.value).toBeCloseTo(4.5, 9);
    expect(result.work.wasted_s.value).toBeCloseTo(2 + 1, 9);
  });

  test("keeps its place in the accept queue", async () => {
    // Backlog 0: one place, taken by request 1 until 3 s, though it is gone at 1 s.
    const { trace } = await ask("0,3 0,0 2.9,0 3.1,0", { gunicorn: ", backlog: 0" });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      0.000 -> 1.000 client-timeout client-timeout-queued
      2.900 -> 2.900 502 unix-accept-queue-full
      3.100 -> 3.100 200"
    `);
  });

  test("takes nginx's connections with it: both are free at once", async () => {
    // 4 usable connections: two requests. At 1 s both clients leave.
    const { trace } = await ask("0,5 0,5 0.9,0 1.1,0", {
      nginx: ", worker_connections: 6",
      gunicorn: ", workers: 9",
    });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      0.000 -> 1.000 client-timeout client-timeout-running
      0.900 -> 0.900 closed worker-connections-client
      1.100 -> 1.100 200"
    `);
  });

  test("is no failure of the server: it stays in the group", async () => {
    const text = `
clients: { timeout: 1s, arrivals: { process: trace, file: sent.csv } }
nginx: { ${PLAIN.nginx}, upstream: { servers: ["unix:/run/g.sock", { address: "unix:/run/no.sock", backup: true }] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/run/g.sock", workers: 2 }
run: { replications: 1 }`;
    const { trace } = await simulate(text, { "sent.csv": "sent_s,service_s\n0,5\n1.5,0.5\n" });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      1.500 -> 2.000 200"
    `);
  });

  test("over TCP leaves nginx's port in FIN_WAIT2 until the application writes", async () => {
    const kernel = ", sysctl: { net.ipv4.ip_local_port_range: 40000 40000, net.ipv4.tcp_tw_reuse: 0 }";
    const { trace } = await ask("0,3 2.9,0 3.1,0", {
      kernel,
      address: "127.0.0.1:8000",
      gunicorn: ", workers: 2",
    });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      2.900 -> 2.900 502 no-free-port
      3.100 -> 3.100 200"
    `);
  });

  test("while its SYN is repeated leaves nothing behind: the worker never hears of it", async () => {
    const { trace, result } = await ask("0,1.5 0,0 0,5 1.6,0.1", {
      proxy: "",
      address: "127.0.0.1:8000",
      gunicorn: ", backlog: 0",
      timeout: "900ms",
    });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 0.900 client-timeout client-timeout-running
      0.000 -> 0.900 client-timeout client-timeout-queued
      0.000 -> 0.900 client-timeout tcp-accept-queue-full
      1.600 -> 1.700 200"
    `);
    expect(result.causes.find(({ id }) => id === "tcp-accept-queue-full")).toMatchObject({
      text: "TCP accept queue full (1 of 1) at 127.0.0.1:8000",
      settings: ["gunicorn.backlog = 0", expect.stringContaining("somaxconn")],
    });
    expect(result.work.busy_s.value).toBeCloseTo(1.6, 9);
    expect(result.netstat.TCPSynRetrans?.value).toBe(0);
  });

  test("a moment before its answer arrives has left: nginx logs 200, the client a timeout", async () => {
    // The answer is at nginx at 0.9995 s and takes 0.7 ms to the client.
    const { trace, result } = await ask("0,0.9995", {
      overheads: "request_cpu: 0s, connect_overhead: 0s, response_overhead: 700us",
    });
    expect(trace).toBe("0.000 -> 1.000 client-timeout client-timeout-answered");
    expect(counts(result.nginx)).toEqual({ "200": 1 });
  });

  test("does not end the request with proxy_ignore_client_abort: nginx waits for the answer", async () => {
    // One request at a time in nginx (2 connections): it is held until 3 s instead of 1 s.
    const given = { nginx: ", worker_connections: 4", gunicorn: ", workers: 2" };
    expect((await ask("0,3 2,0 3.1,0", given)).trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      2.000 -> 2.000 200
      3.100 -> 3.100 200"
    `);
    const ignoring = { ...given, nginx: `${given.nginx}, proxy_ignore_client_abort: on` };
    const { trace, result } = await ask("0,3 2,0 3.1,0", ignoring);
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      2.000 -> 2.000 closed worker-connections-client
      3.100 -> 3.100 200"
    `);
    expect(result.nginx["499"]).toBeUndefined();
    // What is done for a client that has gone is lost in both cases: from 1 s on, although nginx waits.
    expect(result.work.busy_s.value).toBeCloseTo(3, 9);
    expect(result.work.wasted_s.value).toBeCloseTo(2, 9);
  });

  test("makes work vain from when it leaves, not from when an nginx that ignores it gives up", async () => {
    // One worker. Request 0 runs from 0 to 0.9 s. Request 1 leaves at 1.1 s: of its 2 s of work 1.8 s are lost; nginx
    // gives it up at 1.6 s, half a second later.
    const nginx = ", proxy_ignore_client_abort: on, proxy_read_timeout: 1500ms";
    const { trace, result } = await ask("0,0.9 0.1,2", { nginx });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 0.900 200
      0.100 -> 1.100 client-timeout client-timeout-running"
    `);
    expect(counts(result.nginx)).toEqual({ "200": 1, "504": 1 });
    expect(result.work.wasted_s.value).toBeCloseTo(1.8, 9);
  });

  test.each(["", "0s"])("for ever with a timeout of '%s', which is none", async (timeout) => {
    const { trace } = await ask("0,59", { timeout });
    expect(trace).toBe("0.000 -> 59.000 200");
  });

  test("counts its time from sending, not from when nginx has its request", async () => {
    const { requests } = await ask("0,5", { overheads: "connect_overhead: 400us" });
    expect(requests[0]?.latencyNs).toBe(1e9);
  });
});

describe("nginx's limits refuse", () => {
  const zone = "limit_req_zone: { name: z, key: server, rate: 10r/s }";
  const at = "0,0 0,0 0,0 0,0 0,0 0,0 0,0 0,0 0,0";

  test("what is above rate and burst: of nine six, at 0 to 500 ms, with burst = 5 and 10 a second", async () => {
    const { trace, result } = await ask(at, {
      nginx: `, ${zone}, limit_req: { zone: z, burst: 5 }`,
      timeout: "",
    });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 0.000 200
      0.000 -> 0.100 200
      0.000 -> 0.200 200
      0.000 -> 0.300 200
      0.000 -> 0.400 200
      0.000 -> 0.500 200
      0.000 -> 0.000 503 limit-req-z
      0.000 -> 0.000 503 limit-req-z
      0.000 -> 0.000 503 limit-req-z"
    `);
    expect(counts(result.nginx)).toEqual({ "200": 6, "503": 3 });
    expect(result.causes[0]?.settings).toContain("nginx.limit_req_zone.z.rate = 10r/s");
  });

  test("with the status of limit_req_status, whose page has its own size", async () => {
    const limited = `, ${zone}, limit_req: { zone: z }`;
    const plain = await ask("0,0 0,0", { nginx: limited });
    const other = await ask("0,0 0,0", { nginx: `${limited}, limit_req_status: 429` });
    expect(plain.requests.map(({ outcome }) => outcome)).toEqual(["200", "503"]);
    expect(other.requests.map(({ outcome }) => outcome)).toEqual(["200", "429"]);
    // 2 + 197 and 2 + 169 bytes.
    expect(plain.result.requests.bytes_in.value).toBe(199);
    expect(other.result.requests.bytes_in.value).toBe(171);
  });

  test("what is above limit_conn requests in progress, at once and until one of them ends", async () => {
    const nginx =
      ", limit_conn_zone: { name: c, key: server }, limit_conn: { zone: c, connections: 2 }, limit_conn_status: 429";
    const { trace } = await ask("0,1 0,1 0.5,1 1.1,0.1", { nginx, gunicorn: ", workers: 4", timeout: "" });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 200
      0.000 -> 1.000 200
      0.500 -> 0.500 429 limit-conn-c
      1.100 -> 1.200 200"
    `);
  });

  test("no more after a client has left that limit_conn counted", async () => {
    const nginx = ", limit_conn_zone: { name: c, key: server }, limit_conn: { zone: c, connections: 1 }";
    const { trace } = await ask("0,5 0.5,0 1.1,0.1", { nginx, gunicorn: ", workers: 4" });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      0.500 -> 0.500 503 limit-conn-c
      1.100 -> 1.200 200"
    `);
  });
});

test("a client that leaves while limit_req delays it is a 499, and its delay is void", async () => {
  const { result, trace } = await simulate(`
clients: { timeout: 500ms, arrivals: { process: burst, requests: 2 } }
nginx:
  ${PLAIN.nginx.replaceAll(", ", "\n  ")}
  upstream: { servers: [unix:/run/gunicorn.sock] }
  limit_req_zone: { name: z, key: server, rate: 1r/s }
  limit_req: { zone: z, burst: 1 }
gunicorn: { overhead: 0s, bind: "unix:/run/gunicorn.sock" }`);
  // The second would wait until 1 s.
  expect(trace).toBe("0.000 -> 0.000 200\n0.000 -> 0.500 client-timeout client-timeout-delayed");
  expect(result.nginx["499"]?.count).toBe(1);
});
