// nginx's ephemeral ports towards an upstream over TCP: who holds one, for how long, and what happens without.
// The range has two ports, so that two connections are all there can be.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

const SECOND = 1e9;
const TWO_PORTS = "net.ipv4.ip_local_port_range: 40000 40001";

interface Given {
  sysctl?: string;
  kernel?: string;
  nginx?: string;
  upstream?: string;
  app?: string;
  workers?: number;
  seed?: number;
}

/** Requests as `sent_s,service_s` pairs; nginx closes first unless told otherwise. */
function ask(rows: string, given: Given = {}) {
  const { sysctl = "net.ipv4.tcp_tw_reuse: 0", upstream = 'servers: ["127.0.0.1:8000"], closes_first: 1' } =
    given;
  const text = `
kernel: { profile: linux-6.18, port_search_cost: 0s, sysctl: { ${TWO_PORTS}, ${sysctl} } ${given.kernel ?? ""} }
clients: { arrivals: { process: trace, file: sent.csv } }
nginx: { ${PLAIN.nginx}, listen: "unix:/run/nginx.sock", upstream: { ${upstream} }, ${given.nginx ?? "proxy_read_timeout: 1h"} }
gunicorn: { ${PLAIN.gunicorn}, bind: "0.0.0.0:8000", workers: ${given.workers ?? 4} }
app: { ${given.app ?? "body: 2B"} }
run: { replications: 1, seed: ${given.seed ?? 1} }`;
  return simulate(text, { "sent.csv": `sent_s,service_s\n${rows.replaceAll(" ", "\n")}\n` });
}

const outcomes = async (rows: string, given: Given = {}) =>
  (await ask(rows, given)).requests.map(({ outcome }) => outcome).join(" ");

describe("beyond half the range connect() searches for long", () => {
  const busy = async (cost: string, profile = "linux-6.18") => {
    const text = `
kernel: { profile: ${profile}, port_search_cost: ${cost}, sysctl: { net.ipv4.ip_local_port_range: 40000 40099, net.ipv4.tcp_tw_reuse: 0 } }
clients: { arrivals: { process: constant, rate: 80/s, requests: 80 } }
nginx: { ${PLAIN.nginx}, upstream: { servers: ["127.0.0.1:8000"], closes_first: 1 } }
gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:8000", workers: 8 }
run: { replications: 1 }`;
    return (await simulate(text)).result;
  };

  test("which the limits tell, and a notice if it took a considerable part of the run", async () => {
    // From the 51st on each of the 30 looks at 50 ports and more, of 100 us: at least 0.15 s of a second.
    const { limits, warnings } = await busy("100us");
    expect(limits).toContainEqual({
      text: "beyond 50 ports in use towards 127.0.0.1:8000 connect() searches them all: 5 ms each",
      settings: [
        "net.ipv4.ip_local_port_range = 40000 40099",
        "net.ipv4.tcp_tw_reuse = 0",
        "kernel.port_search_cost = 100us",
      ],
    });
    expect(warnings.join()).toMatch(/nginx spent 0\.\d s of 1\.0 s searching for free ports/);
    expect((await busy("1us")).warnings.join()).not.toContain("searching");
  });

  test.each([
    ["0s", "linux-6.18"],
    ["100us", "linux-3.13"],
  ])("but not where it costs %s or goes port by port, on %s", async (cost, profile) => {
    const { limits, warnings } = await busy(cost, profile);
    expect([...limits.map(({ text }) => text), ...warnings].join()).not.toContain("search");
  });
});

describe("a port is held", () => {
  test("by a connection: the third of three at a time is a 502 at once, with its errno by name", async () => {
    const { trace, result } = await ask("0,1 0,1 0,1");
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 200
      0.000 -> 1.000 200
      0.000 -> 0.000 502 no-free-port"
    `);
    expect(result.errors).toMatchObject({ EADDRNOTAVAIL: { count: 1 } });
    expect(result.causes[0]).toMatchObject({
      text: "no free port to 127.0.0.1:8000 (2 connected)",
      settings: ["net.ipv4.ip_local_port_range = 40000 40001"],
    });
  });

  test("by TIME_WAIT for 60 s and at most a granule of 2.048 s more", async () => {
    expect(await outcomes("0,0 0,0 0,0 59.999,0 62.06,0 62.06,0")).toBe("200 200 502 502 200 200");
  });

  test("by TIME_WAIT for exactly 60 s without timer slack", async () => {
    const exact = { kernel: ", timer_slack: false" };
    expect(await outcomes("0,0 0,0 59.999999,0 60.000001,0 60.000001,0", exact)).toBe("200 200 502 200 200");
  });

  test("late by somewhat else in each run, since the phase of the kernel's clock is not known", async () => {
    const halfway = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => outcomes("0,0 0,0 61,0", { seed })),
    );
    expect(new Set(halfway)).toEqual(new Set(["200 200 200", "200 200 502"]));
  });

  test("on nginx's side only: none when the application closes first, however often", async () => {
    const upstream = 'servers: ["127.0.0.1:8000"], closes_first: 0';
    const { result } = await ask("0,0 0,0 0,0 0,0 1,0 1,0 1,0", { upstream });
    expect(result.outcomes["200"]?.share).toBe(1);
    expect(result.netstat.TW?.value).toBe(7);
  });

  test("by a share of closes_first of the connections", async () => {
    // 400 requests a quarter of a second apart; each of the two ports is lost for 60 s with probability 0.02:
    // the first is gone after 50 requests on average, both after 100.
    const rows = Array.from({ length: 400 }, (_, index) => `${index / 4},0`).join(" ");
    const lost = async (share: number) => {
      const upstream = `servers: ["127.0.0.1:8000"], closes_first: ${share}`;
      return (await ask(rows, { upstream })).result.errors.EADDRNOTAVAIL?.count ?? 0;
    };
    const [few, some, most] = [await lost(0.02), await lost(0.3), await lost(1)];
    expect(few).toBeLessThan(some);
    expect(some).toBeLessThan(most);
    // With 1: two ports at 0 s, two more a little after 60 s.
    expect(most).toBe(400 - 4);
  });

  test("by nobody when responses do not tell their length: nginx reads to the end, so it closes second", async () => {
    expect(await outcomes("0,0 0,0 0,0 1,0", { app: "content_length: false" })).toBe("200 200 200 200");
  });

  test("by FIN_WAIT2 after nginx gave up, until the application writes: free at once, no TIME_WAIT", async () => {
    // Read timeout 1 s; the application writes at 3 s.
    const given = { nginx: "proxy_read_timeout: 1s" };
    const { trace, result } = await ask("0,3 0,3 2.9,0 3.1,0 3.1,0", given);
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 504 read-timeout-running
      0.000 -> 1.000 504 read-timeout-running
      2.900 -> 2.900 502 no-free-port
      3.100 -> 3.100 200
      3.100 -> 3.100 200"
    `);
    expect(result.netstat.TWRecycled?.value).toBe(0);
  });

  test("by FIN_WAIT2 no longer than tcp_fin_timeout; TIME_WAIT does not ask for it", async () => {
    const sysctl = "net.ipv4.tcp_tw_reuse: 0, net.ipv4.tcp_fin_timeout: 5";
    const given = { nginx: "proxy_read_timeout: 1s", sysctl };
    // Given up at 1 s: free between 6 s and 6 s and a granule of 256 ms; then TIME_WAIT for 60 s.
    expect(await outcomes("0,30 0,30 5.9,0 6.3,0 6.3,0 60,0", given)).toBe("504 504 502 200 200 502");
  });

  test("by SYN_SENT until the connect timeout is over, and nothing is left then", async () => {
    // One worker of 30 s and a queue of one are taken through two ports; a third port is not there: the
    // range has four here.
    const sysctl =
      "net.ipv4.tcp_tw_reuse: 0, net.core.somaxconn: 0, net.ipv4.ip_local_port_range: 40000 40003";
    const text = `
kernel: { profile: linux-6.18, port_search_cost: 0s, sysctl: { ${sysctl} } }
clients: { arrivals: { process: trace, file: sent.csv } }
nginx: { ${PLAIN.nginx}, upstream: { servers: ["127.0.0.1:8000"] }, proxy_connect_timeout: 800ms }
gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:8000" }
run: { replications: 1 }`;
    const { trace } = await simulate(text, {
      "sent.csv": "sent_s,service_s\n0,30\n0,0\n0,0\n0,0\n0.7,0\n0.9,0\n",
    });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 30.000 200
      0.000 -> 30.000 200
      0.000 -> 0.800 504 tcp-accept-queue-full
      0.000 -> 0.800 504 tcp-accept-queue-full
      0.700 -> 0.700 502 no-free-port
      0.900 -> 1.700 504 tcp-accept-queue-full"
    `);
  });

  test("by nobody beyond tcp_max_tw_buckets: the connection is closed without a TIME_WAIT", async () => {
    // One entry at most: the second port is free again at once, as often as wanted.
    const sysctl = "net.ipv4.tcp_tw_reuse: 0, net.ipv4.tcp_max_tw_buckets: 1";
    const { result } = await ask("0,0 0.1,0 0.2,0 1,0 2,0", { sysctl });
    expect(result.outcomes["200"]?.share).toBe(1);
    expect(result.netstat.TCPTimeWaitOverflow?.value).toBe(4);
  });
});

describe("tcp_tw_reuse", () => {
  // From 6.14 on strictly more than tcp_tw_reuse_delay milliseconds, by a millisecond clock.
  const rows = "0,0 0,0 0.9,0 1.0021,0 1.0021,0";

  test.each([
    [0, "127.0.0.1", "200 200 502 502 502"],
    [1, "127.0.0.1", "200 200 502 200 200"],
    [2, "127.0.0.1", "200 200 502 200 200"],
    [0, "10.0.0.1", "200 200 502 502 502"],
    [1, "10.0.0.1", "200 200 502 200 200"],
    [2, "10.0.0.1", "200 200 502 502 502"],
  ])("= %d towards %s after a second: %s", async (value, address, expected) => {
    const upstream = `servers: ["${address}:8000"], closes_first: 1`;
    expect(await outcomes(rows, { sysctl: `net.ipv4.tcp_tw_reuse: ${value}`, upstream })).toBe(expected);
  });

  test("counts TWRecycled", async () => {
    const { result } = await ask(rows, { sysctl: "net.ipv4.tcp_tw_reuse: 2" });
    expect(result.netstat.TWRecycled?.value).toBe(2);
  });

  test("waits for tcp_tw_reuse_delay", async () => {
    const sysctl = "net.ipv4.tcp_tw_reuse: 2, net.ipv4.tcp_tw_reuse_delay: 200";
    expect(await outcomes("0,0 0,0 0.19,0 0.2021,0 0.2021,0", { sysctl })).toBe("200 200 502 200 200");
  });

  test("does nothing without time stamps", async () => {
    const sysctl = "net.ipv4.tcp_tw_reuse: 1, net.ipv4.tcp_timestamps: 0";
    expect(await outcomes(rows, { sysctl })).toBe("200 200 502 502 502");
  });

  test("never takes a port in FIN_WAIT2", async () => {
    const given = { sysctl: "net.ipv4.tcp_tw_reuse: 1", nginx: "proxy_read_timeout: 1s" };
    expect(await outcomes("0,10 0,10 5,0 10.1,0", given)).toBe("504 504 502 200");
  });
});

describe("without a port", () => {
  test("another server is tried, whose destination has ports of its own; the errno is counted all the same", async () => {
    const upstream = 'servers: ["127.0.0.1:8000", "127.0.0.2:8000"], closes_first: 1';
    const { requests, result } = await ask("0,1 0,1 0,1 0,1 0,1", { upstream, workers: 8 });
    expect(requests.map(({ outcome }) => outcome).join(" ")).toBe("200 200 200 200 502");
    expect(result.errors.EADDRNOTAVAIL?.count).toBe(1);
  });

  test("a request that ends well at another server has met EADDRNOTAVAIL and has no cause", async () => {
    const upstream = 'servers: ["127.0.0.1:8000", "unix:/run/b.sock"], closes_first: 1';
    const text = `
kernel: { profile: linux-6.18, sysctl: { ${TWO_PORTS}, net.ipv4.tcp_tw_reuse: 0 } }
clients: { arrivals: { process: constant, rate: 1/s, requests: 8 } }
nginx: { ${PLAIN.nginx}, upstream: { ${upstream} } }
gunicorn: { ${PLAIN.gunicorn}, bind: ["127.0.0.1:8000", "unix:/run/b.sock"] }
run: { replications: 1 }`;
    const { requests, result } = await simulate(text);
    expect(requests.every(({ outcome, cause }) => outcome === "200" && cause === "")).toBe(true);
    // Requests 0 and 2 take the ports, 4 meets none; then 127.0.0.1 is kept out for 10 s.
    expect(result.errors.EADDRNOTAVAIL?.count).toBe(1);
    expect(result.causes.filter(({ count }) => count > 0)).toEqual([]);
  });

  test("the default range has 28,232 ports, and reserved ones are not among them", async () => {
    const served = async (sysctl: string) => {
      const text = `
kernel: { profile: linux-6.18, port_search_cost: 0s, sysctl: { net.ipv4.tcp_tw_reuse: 0 ${sysctl} } }
clients: { arrivals: { process: burst, requests: 28300 } }
nginx: { ${PLAIN.nginx}, worker_connections: 100000, upstream: { servers: ["127.0.0.1:8000"], closes_first: 1 } }
gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:8000", workers: 100000 }
app: { sleep: 1s }
run: { replications: 1 }`;
      return (await simulate(text)).result.outcomes["200"]?.count;
    };
    expect(await served("")).toBe(28_232);
    expect(await served(', net.ipv4.ip_local_reserved_ports: "40000-40009"')).toBe(28_222);
  });
});

test("a unix socket needs no port", async () => {
  const text = `
kernel: { sysctl: { ${TWO_PORTS} } }
clients: { arrivals: { process: burst, requests: 20 } }
nginx: { ${PLAIN.nginx}, upstream: { servers: [unix:/run/gunicorn.sock] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/run/gunicorn.sock" }
app: { sleep: 1s }`;
  const { result, requests } = await simulate(text);
  expect(result.outcomes["200"]?.count).toBe(20);
  expect(requests.at(-1)?.latencyNs).toBe(20 * SECOND);
});
