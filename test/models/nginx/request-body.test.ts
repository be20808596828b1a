// Bodies of requests: what is too large, who waits for them, and who gives up.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

interface Case {
  clients: string;
  nginx?: string;
  server?: string;
  gunicorn?: string;
  app?: string;
  seed?: number;
}

const ask = ({
  clients,
  nginx = "",
  server = "unix:/a",
  gunicorn = "workers: 1",
  app = "sleep: 1s",
  seed = 1,
}: Case) =>
  simulate(`
clients: { ${clients.includes("arrivals") ? "" : "arrivals: { process: burst, requests: 3 },"} ${clients} }
nginx: { ${PLAIN.nginx}, upstream: { servers: ["${server}"] }, ${nginx} }
gunicorn: { ${PLAIN.gunicorn}, bind: "${server}", ${gunicorn} }
app: { ${app} }
run: { replications: 1, seed: ${seed} }`);

const ONE = "arrivals: { process: burst, requests: 1 }";
const TCP = "127.0.0.1:8000";

describe("client_max_body_size", () => {
  test("lets a body of just that size through; the page for one byte more has 183 bytes", async () => {
    expect((await ask({ clients: "body: 1MiB" })).trace).toContain("0.000 -> 1.000 200");
    const { result, trace } = await ask({ clients: "body: 1048577B" });
    expect(trace).toBe(Array(3).fill("0.000 -> 0.000 413 client-body-too-large").join("\n"));
    // 177 + 6 for "1.22.1".
    expect(result.requests.bytes_in.value).toBe(3 * 183);
    expect(result.nginx["413"]?.count).toBe(3);
  });

  test("0 is no limit", async () => {
    const { trace } = await ask({ clients: "body: 1GB", nginx: "client_max_body_size: 0B" });
    expect(trace).not.toContain("413");
  });
});

describe("a body that is sent slowly", () => {
  const slow = "body: 100kB, upload: 50kB";

  test("is buffered: the workers are free for others meanwhile", async () => {
    // 2 s of upload each, at the same time, then 1 s of work one after the other.
    const { trace, result } = await ask({ clients: slow });
    expect(trace).toBe("0.000 -> 3.000 200\n0.000 -> 4.000 200\n0.000 -> 5.000 200");
    expect(result.work.busy_s.value).toBeCloseTo(3, 6);
  });

  test("without buffering holds its worker for the upload", async () => {
    // The first worker waits until 2.0; then all bodies are there.
    const { trace, result } = await ask({ clients: slow, nginx: "proxy_request_buffering: off" });
    expect(trace).toBe("0.000 -> 3.000 200\n0.000 -> 4.000 200\n0.000 -> 5.000 200");
    expect(result.work.busy_s.value).toBeCloseTo(5, 6);
  });

  test("without buffering starts the read timeout when it is over", async () => {
    const nginx = "proxy_request_buffering: off, proxy_read_timeout: 1500ms";
    const { trace } = await ask({ clients: slow, nginx });
    expect(trace).toBe(
      "0.000 -> 3.000 200\n0.000 -> 3.500 504 read-timeout-running\n0.000 -> 3.500 504 read-timeout-queued",
    );
  });

  test("holds one connection of nginx while it comes", async () => {
    // Of 5 - 2 = 3 connections the three clients take all; the one whose body is there first finds none.
    const { trace } = await ask({ clients: slow, nginx: "worker_connections: 5" });
    expect(trace.split("\n")[0]).toBe("0.000 -> 2.000 500 worker-connections-upstream");
  });

  test("whose client leaves counts as 400, not as 499", async () => {
    const { result } = await ask({ clients: `${slow}, timeout: 1s` });
    expect(result.nginx["400"]?.count).toBe(3);
    expect(result.nginx["499"]).toBeUndefined();
  });
});

describe("a body that does not fit the application's socket", () => {
  const nginx = "proxy_send_timeout: 500ms, proxy_read_timeout: 1200ms, client_max_body_size: 0B";

  test("waits for a reader, at most for proxy_send_timeout", async () => {
    const { trace } = await ask({ clients: "body: 196609B", nginx });
    expect(trace).toBe(
      "0.000 -> 1.000 200\n0.000 -> 0.500 504 send-timeout\n0.000 -> 0.500 504 send-timeout",
    );
  });

  test("but what fits is handed over, and the read timeout runs", async () => {
    const { trace } = await ask({ clients: "body: 196608B", nginx });
    expect(trace).toBe(
      "0.000 -> 1.000 200\n0.000 -> 1.200 504 read-timeout-running\n0.000 -> 1.200 504 read-timeout-queued",
    );
  });

  test("starts the read timeout when it is read", async () => {
    // Read at 0, 1 and 2 s: none has to wait for 1.2 s after that.
    const { trace } = await ask({
      clients: "body: 300kB",
      nginx: "proxy_send_timeout: 5s, proxy_read_timeout: 1200ms",
    });
    expect(trace).toBe("0.000 -> 1.000 200\n0.000 -> 2.000 200\n0.000 -> 3.000 200");
  });

  test("of TCP is 3.96 MB on the loopback", async () => {
    const over = await ask({ clients: "body: 3970kB", nginx, server: TCP });
    expect(over.trace).toContain("0.500 504 send-timeout");
    const within = await ask({ clients: "body: 3950kB", nginx, server: TCP });
    expect(within.trace).not.toContain("send-timeout");
    expect(within.trace).toContain("1.200 504 read-timeout-queued");
  });

  test("keeps nginx waiting if the application never reads, until it answers", async () => {
    const app = "sleep: 1s, reads_body: false";
    const short = await ask({ clients: `${ONE}, body: 300kB`, nginx, app });
    expect(short.trace).toBe("0.000 -> 0.500 504 send-timeout");
    const long = await ask({ clients: `${ONE}, body: 300kB`, app });
    expect(long.trace).toBe("0.000 -> 1.000 200");
  });
});

describe("an application that does not read the body", () => {
  const lost = async (given: Partial<Case>) => {
    const clients = "body: 100kB, arrivals: { process: constant, rate: 10/s, requests: 400 }";
    const { result } = await ask({ clients, app: "reads_body: false", ...given });
    return result.outcomes["502"]?.count ?? 0;
  };

  test("loses half of its answers if it is so quick that nginx still writes", async () => {
    // 200 of 400, with a standard deviation of 10.
    expect(Math.abs((await lost({})) - 200)).toBeLessThan(40);
    expect(Math.abs((await lost({ server: TCP })) - 200)).toBeLessThan(40);
    const { requests } = await ask({ clients: "body: 100kB", app: "reads_body: false", seed: 2 });
    const causes = requests.filter(({ outcome }) => outcome === "502").map(({ cause }) => cause);
    expect(new Set(causes)).toEqual(new Set(["closed-with-unread-request"]));
  });

  test.each<[string, Partial<Case>]>([
    ["it takes 2 ms", { app: "reads_body: false, sleep: 2ms" }],
    [
      "the body comes with the header",
      { clients: "body: 8KiB, arrivals: { process: constant, rate: 10/s, requests: 40 }" },
    ],
    ["it reads after all", { app: "reads_body: true" }],
    ["gunicorn 26 lingers", { gunicorn: "version: 26.0.0" }],
  ])("loses none if %s", async (_, given) => {
    expect(await lost(given)).toBe(0);
  });
});

describe("a request that was sent in vain", () => {
  /** Two servers; the first takes the request and does not answer in time. */
  const retry = async (method: string, nginx = "", body = "0B") => {
    const { trace } = await simulate(`
clients: { method: ${method}, body: ${body}, arrivals: { process: burst, requests: 1 } }
nginx: { ${PLAIN.nginx}, proxy_read_timeout: 500ms, ${nginx}
  upstream: { servers: ["unix:/a", "unix:/b"] } }
gunicorn: [{ name: a, ${PLAIN.gunicorn}, bind: "unix:/a" }, { name: b, ${PLAIN.gunicorn}, bind: "unix:/b" }]
app: { sleep: 1s }
run: { replications: 1 }`);
    return trace;
  };
  const TWICE = "0.000 -> 1.000 504 read-timeout-running";
  const ONCE = "0.000 -> 0.500 504 read-timeout-running";

  test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])("is sent again if it is a %s", async (method) => {
    expect(await retry(method)).toBe(TWICE);
  });

  test.each(["POST", "PATCH", "LOCK"])(
    "is not sent again if it is a %s, but for non_idempotent",
    async (method) => {
      expect(await retry(method)).toBe(ONCE);
      expect(await retry(method, "proxy_next_upstream: [error, timeout, non_idempotent],")).toBe(TWICE);
      expect(await retry(method, "proxy_next_upstream: [error, non_idempotent],")).toBe(ONCE);
    },
  );

  test("is not sent again if its body was not buffered", async () => {
    expect(await retry("PUT", "", "10kB")).toBe(TWICE);
    expect(await retry("PUT", "proxy_request_buffering: off,", "10kB")).toBe(ONCE);
    expect(await retry("PUT", "proxy_request_buffering: off,")).toBe(TWICE);
  });

  test("was not sent if connect() failed: a POST finds the other server", async () => {
    const { trace } = await simulate(`
clients: { method: POST, body: 1kB, arrivals: { process: burst, requests: 1 } }
nginx: { ${PLAIN.nginx}, upstream: { servers: ["unix:/nobody", "unix:/a"] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/a" }
app: { sleep: 1s }
run: { replications: 1 }`);
    expect(trace).toBe("0.000 -> 1.000 200");
  });
});
