// What clients' connections leave behind, at the server and where they live.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

interface Given {
  kernel?: string;
  listen?: string;
  clients?: string;
  app?: string;
  rest?: string;
}

const ask = ({ kernel = "", listen = "*:80", clients, app = "sleep: 0s", rest = "" }: Given) =>
  simulate(`
kernel: { profile: linux-6.18, ${kernel} }
clients: { ${clients ?? "arrivals: { process: constant, rate: 1/s, requests: 5 }"} }
nginx: { ${PLAIN.nginx}, listen: "${listen}", upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { ${PLAIN.gunicorn} , bind: unix:/run/g.sock ${rest} }
app: { ${app} }
run: { replications: 1 }`);

const TWO_PORTS = "net.ipv4.ip_local_port_range: 40000 40001, net.ipv4.tcp_tw_reuse: 0";

describe("after an answer", () => {
  test("nginx closes first: a TIME_WAIT in its namespace for each request over TCP, none over a unix socket", async () => {
    const waits = async (listen: string) => (await ask({ listen })).result.netstat.TW?.value ?? 0;
    expect([await waits("*:80"), await waits("127.0.0.1:80"), await waits("unix:/run/n.sock")]).toEqual([
      5, 5, 0,
    ]);
  });

  test("they expire after 60 s and up to a granule of 2.048 s", async () => {
    const clients = "arrivals: [{ process: burst, requests: 5, for: 100s }, { process: burst, requests: 1 }]";
    const level = (await ask({ clients })).result.series.levels.find(({ name }) =>
      name.startsWith("TIME_WAIT"),
    );
    expect([level?.peak.value, level?.mean.at(-1)]).toEqual([5, expect.closeTo(0, 6)]);
  });

  test("they count towards tcp_max_tw_buckets", async () => {
    const { result } = await ask({ kernel: "sysctl: { net.ipv4.tcp_max_tw_buckets: 2 }" });
    expect([result.netstat.TW?.value, result.netstat.TCPTimeWaitOverflow?.value]).toEqual([2, 3]);
  });

  test("a client on nginx's machine gets its port back at once, and its reuse ends nginx's entry", async () => {
    // The port of the range's low parity is found first, each second again: one entry at a time.
    const { result } = await ask({ listen: "127.0.0.1:80", kernel: `sysctl: { ${TWO_PORTS} }` });
    expect(result.outcomes["200"]?.count).toBe(5);
    const level = result.series.levels.find(({ name }) => name.startsWith("TIME_WAIT"));
    expect([result.netstat.TW?.value, level?.peak.value]).toEqual([5, 1]);
  });
});

describe("a client on nginx's machine", () => {
  const kernel = `sysctl: { ${TWO_PORTS} }`;

  test("holds a port while it waits: the third of three has none", async () => {
    const clients = "arrivals: { process: burst, requests: 3 }";
    const { trace } = await ask({
      listen: "127.0.0.1:80",
      kernel,
      clients,
      app: "sleep: 1s",
      rest: ", workers: 3",
    });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 200
      0.000 -> 1.000 200
      0.000 -> 0.000 EADDRNOTAVAIL no-free-port"
    `);
  });

  test("has a TIME_WAIT of its own when it gave up first: nginx closes without having written", async () => {
    const waiting = "arrivals: { process: constant, rate: 0.2/s, requests: 4 }, timeout: 1s";
    // Two ports, each lost for a minute with a client that leaves after 1 s.
    const local = await ask({ listen: "127.0.0.1:80", kernel, clients: waiting, app: "sleep: 3s" });
    expect(local.trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 client-timeout client-timeout-running
      5.000 -> 6.000 client-timeout client-timeout-running
      10.000 -> 10.000 EADDRNOTAVAIL no-free-port
      15.000 -> 15.000 EADDRNOTAVAIL no-free-port"
    `);
    const elsewhere = await ask({ kernel, clients: waiting, app: "sleep: 3s" });
    expect(elsewhere.result.outcomes["client-timeout"]?.count).toBe(4);
    expect([local.result.netstat.TW?.value, elsewhere.result.netstat.TW?.value]).toEqual([2, 0]);
  });
});
