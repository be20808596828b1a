// Connections to the application that nginx keeps, against one that keeps its end for 2 s.

import { describe, expect, test } from "vitest";
import { withKeeper } from "../../support/keeper.js";
import { PLAIN, simulate } from "../../support/simulate.js";

const KEPT = 'version: 1.22.1, proxy_http_version: 1.1, proxy_set_header: { Connection: "" }';

/** Requests at these seconds, of this service time, and what of nginx differs. */
function script(atS: readonly number[], upstream: string, nginx = KEPT, keeps = "2s", sleep = "10ms") {
  const times = `sent_s\n${atS.join("\n")}\n`;
  const text = `
clients: { arrivals: [{ process: trace, file: times.csv }] }
nginx: { ${PLAIN.nginx}, listen: "unix:/run/front.sock", ${nginx}, ${upstream} }
keeper: { keeps: ${keeps} }
app: { sleep: ${sleep} }
run: { seed: 1 }`;
  return simulate(text, { "times.csv": times }, withKeeper);
}

const SERVER = "servers: [unix:/run/keeper.sock]";
const opened = async (...given: Parameters<typeof script>) =>
  (await script(...given)).result.netstat.Opened?.value;

describe("a kept connection", () => {
  test("carries the requests that follow, of those at the same time only one", async () => {
    // 0 and 0.1 s share the first connection; at 0.2 s two come at once, so a second one is opened.
    expect(await opened([0, 0.1, 0.2, 0.2, 0.3], `upstream: { ${SERVER}, keepalive: 8 }`)).toBe(2);
  });

  test("needs keepalive, HTTP/1.1, and a request without Connection: close", async () => {
    const at = [0, 0.1, 0.2];
    const upstream = `upstream: { ${SERVER}, keepalive: 8 }`;
    expect(await opened(at, upstream)).toBe(1);
    expect(await opened(at, `upstream: { ${SERVER} }`)).toBe(3);
    expect(await opened(at, upstream, "proxy_http_version: 1.1")).toBe(3);
    expect(await opened(at, upstream, 'proxy_set_header: { Connection: "" }')).toBe(3);
    expect(await opened(at, upstream, "proxy_set_header: { Connection: keep-alive }")).toBe(3);
  });

  test("is the default from 1.29.7 on, for upstream blocks only", async () => {
    const at = [0, 0.1, 0.2];
    expect(await opened(at, `upstream: { ${SERVER} }`, "version: 1.29.6")).toBe(3);
    expect(await opened(at, `upstream: { ${SERVER} }`, "version: 1.29.7")).toBe(1);
    expect(await opened(at, `upstream: { ${SERVER}, keepalive: 0 }`, "version: 1.30.0")).toBe(3);
    expect(await opened(at, "proxy_pass: http://unix:/run/keeper.sock", "version: 1.30.0")).toBe(3);
  });

  test("is closed after keepalive_timeout, keepalive_requests and keepalive_time", async () => {
    const at = [0, 0.1, 0.5];
    // Idle from 0.110 s on: 0.3 s end at 0.410 s.
    expect(await opened(at, `upstream: { ${SERVER}, keepalive: 8, keepalive_timeout: 0.3s }`)).toBe(2);
    expect(await opened(at, `upstream: { ${SERVER}, keepalive: 8, keepalive_timeout: 0.4s }`)).toBe(1);
    expect(await opened(at, `upstream: { ${SERVER}, keepalive: 8, keepalive_requests: 2 }`)).toBe(2);
    expect(await opened(at, `upstream: { ${SERVER}, keepalive: 8, keepalive_requests: 1 }`)).toBe(3);
    expect(await opened(at, `upstream: { ${SERVER}, keepalive: 8, keepalive_time: 0.105s }`)).toBe(2);
  });

  test("had no limits before 1.15.3, and 100 requests up to 1.19.9", async () => {
    const at = Array.from({ length: 150 }, (_, index) => index / 10);
    const upstream = `upstream: { ${SERVER}, keepalive: 8 }`;
    expect(await opened(at, upstream, KEPT.replace("1.22.1", "1.19.9"))).toBe(2);
    expect(await opened(at, upstream, KEPT.replace("1.22.1", "1.19.10"))).toBe(1);
    expect(await opened(at, upstream, KEPT.replace("1.22.1", "1.15.2"))).toBe(1);
    expect(await opened([0, 70], upstream, KEPT.replace("1.22.1", "1.15.3"), "100s")).toBe(2);
    expect(await opened([0, 70], upstream, KEPT.replace("1.22.1", "1.15.2"), "100s")).toBe(1);
  });

  test("gives way to a newer one when there is no room, the one idle for longest first", async () => {
    // Three at once open three connections; one may stay idle, so at 0.1 s two more are opened.
    expect(await opened([0, 0, 0, 0.1, 0.1, 0.1], `upstream: { ${SERVER}, keepalive: 1 }`)).toBe(5);
    expect(await opened([0, 0, 0, 0.1, 0.1, 0.1], `upstream: { ${SERVER}, keepalive: 3 }`)).toBe(3);
  });

  test("holds one of the worker's connections while it is idle", async () => {
    // 6 of 8 are usable: three requests hold six, of which three stay; 0.1 s finds three left: one request
    // takes a kept connection and a client's, and so do the two others.
    const nginx = `${KEPT}, worker_connections: 8`;
    const at = [0, 0, 0, 0.1, 0.1, 0.1, 0.1];
    const { trace } = await script(at, `upstream: { ${SERVER}, keepalive: 8 }`, nginx);
    expect(trace.split("\n").slice(3)).toEqual([
      "0.100 -> 0.110 200",
      "0.100 -> 0.110 200",
      "0.100 -> 0.110 200",
      "0.100 -> 0.100 closed worker-connections-client",
    ]);
  });
});

describe("the stale-connection race", () => {
  // The application closes at 2.010 s and nginx notices 20 us later.
  const upstream = (more = "") => `upstream: { ${SERVER}, keepalive: 8 }${more}`;

  test("a request within 20 us of the close is sent again, over a new connection", async () => {
    const { trace, result } = await script([0, 2.01001], upstream());
    expect(trace).toBe("0.000 -> 0.010 200\n2.010 -> 2.020 200");
    expect(result.errors).toMatchObject({ ECONNRESET: { count: 1 } });
    const later = await script([0, 2.01003], upstream());
    expect(later.result.errors).toEqual({});
  });

  test("without another try the client has a 502", async () => {
    const { trace } = await script([0, 2.01001], upstream(", proxy_next_upstream: [off]"));
    expect(trace).toBe("0.000 -> 0.010 200\n2.010 -> 2.010 502 stale-connection");
  });

  test("a busy worker notices later, and the attempts that were given back end in no live upstreams", async () => {
    // Two addresses of the same application; both kept connections are closed at 2.010 s, while the worker is
    // busy with the client of 2.005 s for 20 ms: 502, 502, 502 and both are left alone.
    const two = "upstream: { servers: [unix:/run/keeper.sock, unix:/run/other.sock], keepalive: 8 }";
    const text = `
clients: { arrivals: [{ process: trace, file: times.csv }] }
nginx: { connect_overhead: 0s, response_overhead: 0s, request_cpu: 0s, listen: "unix:/f", ${KEPT}, ${two} }
keeper:
  - { bind: "unix:/run/keeper.sock" }
  - { bind: "unix:/run/other.sock" }
app: { sleep: 10ms }
run: { seed: 1 }`;
    const files = { "times.csv": "sent_s\n0\n0\n2.01001\n2.5\n" };
    const { trace } = await simulate(text, files, withKeeper);
    expect(trace.split("\n").slice(2)).toEqual([
      "2.010 -> 2.010 502 no-live-upstreams",
      "2.500 -> 2.500 502 no-live-upstreams",
    ]);
  });
});

describe("who closes first", () => {
  const ports = async (nginx: string, upstream: string) => {
    const text = `
kernel: { sysctl: { net.ipv4.ip_local_port_range: "32768 32771", net.ipv4.tcp_tw_reuse: 0 } }
clients: { arrivals: [{ process: constant, rate: 10/s, requests: 8 }] }
nginx: { ${PLAIN.nginx}, listen: "unix:/f", ${nginx}, ${upstream} }
keeper: { bind: 127.0.0.1:8000 }
app: { sleep: 1ms }
run: { seed: 1 }`;
    const { result } = await simulate(text, {}, withKeeper);
    return result.outcomes["502"]?.count ?? 0;
  };

  test("with an implicit upstream of 1.29.7 it is always nginx, since the application keeps its end", async () => {
    // Four ports, eight requests: four find none.
    expect(await ports("version: 1.29.7", "proxy_pass: http://127.0.0.1:8000")).toBe(4);
    expect(await ports("version: 1.29.7", "upstream: { servers: [127.0.0.1:8000] }")).toBe(0);
    const before = "upstream: { servers: [127.0.0.1:8000], closes_first: 0 }";
    expect(await ports("version: 1.29.6", before)).toBe(0);
  });

  test("an idle connection that nginx closes leaves its TIME_WAIT on nginx's side", async () => {
    const upstream = "upstream: { servers: [127.0.0.1:8000], keepalive_timeout: 50ms }";
    expect(await ports("version: 1.29.7", upstream)).toBe(4);
  });
});
