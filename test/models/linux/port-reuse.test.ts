// What becomes of a port that is used again, and of ports that bind() takes.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";
import { kernel, towards } from "./ports-support.js";

interface Given {
  profile?: string;
  sysctl?: string;
  reuse?: number;
  nginx?: string;
  rows: string;
}

const ask = ({ profile = "linux-6.18", sysctl = "", reuse = 0, nginx = "", rows }: Given) =>
  simulate(
    `
kernel: { profile: ${profile}, port_search_cost: 0s, timer_slack: false,
          sysctl: { net.ipv4.ip_local_port_range: 40000 40001, net.ipv4.tcp_tw_reuse: ${reuse} ${sysctl} } }
clients: { arrivals: { process: trace, file: sent.csv } }
nginx: { ${PLAIN.nginx}, listen: "unix:/run/n.sock", upstream: { servers: ["127.0.0.1:8000"], closes_first: 1 }, ${nginx} }
gunicorn: { ${PLAIN.gunicorn}, bind: "0.0.0.0:8000", workers: 8 }
run: { replications: 1 }`,
    { "sent.csv": `sent_s,service_s\n${rows.replaceAll(" ", "\n")}\n` },
  );

describe("a port whose old connection the application still holds", () => {
  // Both are given up at 1 s and leave FIN_WAIT2 after 2 s; at 10 s their ports are used again.
  const rows = "0,30 0,30 10,0 10,0";
  const given = { rows, sysctl: ", net.ipv4.tcp_fin_timeout: 2", nginx: "proxy_read_timeout: 1s" };
  const latencies = async (profile: string) =>
    (await ask({ ...given, profile })).requests.slice(2).map(({ latencyNs }) => latencyNs / 1e6);

  test("is refused by a challenge ACK: the SYN is repeated after two jiffies, of 4 ms and the begun one", async () => {
    for (const ms of await latencies("linux-5.15")) {
      expect(ms).toBeGreaterThan(8);
      expect(ms).toBeLessThanOrEqual(12);
    }
  });

  test("before 5.6 after a second", async () => {
    for (const ms of await latencies("linux-5.4")) {
      expect(ms).toBeGreaterThanOrEqual(1000);
      expect(ms).toBeLessThan(1040);
    }
  });
});

describe("proxy_bind", () => {
  const two = "0,1 0,1 0,1";

  test.each([
    ["10.0.0.9", "linux-6.18", "1.22.1", "200 200 502", "EADDRNOTAVAIL"],
    ["10.0.0.9", "linux-6.18", "1.10.3", "200 200 500", "EADDRINUSE"],
    ["10.0.0.9", "linux-3.13", "1.22.1", "200 200 500", "EADDRINUSE"],
    ["10.0.0.9:50000", "linux-6.18", "1.22.1", "200 500 500", "EADDRINUSE"],
  ])("%s on %s with nginx %s: %s, %s", async (bind, profile, version, expected, errno) => {
    const { requests, result } = await ask({
      profile,
      rows: two,
      nginx: `version: ${version}, proxy_bind: "${bind}"`,
    });
    expect(requests.map(({ outcome }) => outcome).join(" ")).toBe(expected);
    expect(result.errors[errno]?.count).toBeGreaterThan(0);
  });

  test.each([
    ["10.0.0.9", "1.10.3", "10.0.0.9 (2 connected)", ["net.ipv4.ip_local_port_range = 40000 40001"]],
    ["10.0.0.9:50000", "1.22.1", "10.0.0.9:50000 (1 connected)", []],
  ])("%s is the cause where bind() fails in nginx %s", async (bind, version, text, settings) => {
    const { result } = await ask({ rows: two, nginx: `version: ${version}, proxy_bind: "${bind}"` });
    expect(result.causes).toHaveLength(1);
    expect(result.causes[0]).toMatchObject({
      id: "no-port-to-bind",
      text: `bind() finds no free port at ${text}`,
      settings: [`nginx.proxy_bind = ${bind}`, ...settings],
    });
    expect(result.limits.map((limit) => limit.settings)).toContainEqual(result.causes[0]?.settings);
  });

  test("on an old nginx is not helped by tcp_tw_reuse", async () => {
    const outcomes = async (version: string) => {
      const nginx = `version: ${version}, proxy_bind: "127.0.0.1"`;
      const { requests } = await ask({ rows: "0,0 0,0 5,0", reuse: 1, nginx });
      return requests.map(({ outcome }) => outcome).join(" ");
    };
    expect([await outcomes("1.22.1"), await outcomes("1.10.3")]).toEqual(["200 200 200", "200 200 500"]);
  });
});

describe("a port that bind() has taken", () => {
  function bound(changed: Parameters<typeof kernel>[0] = {}) {
    const one = kernel({ rangeHigh: 40_000, ...changed });
    const plain = towards(one, "10.0.0.1:80", false);
    const server = undefined;
    const binds = { address: "anywhere", settings: [] };
    const binder = one.ports.destination({ address: "anywhere", loopback: false, server, binds });
    return { ...one, plain, binder };
  }

  test("is passed by by connect() to anywhere, in TIME_WAIT too, and is free with its socket", () => {
    const { ports, plain, binder, world, at } = bound();
    const port = ports.allocate(binder);
    expect(ports.allocate(plain)).toBe(-1);
    ports.timeWait(port);
    expect(ports.allocate(plain)).toBe(-1);
    let later = -1;
    at(61, () => {
      later = ports.allocate(plain);
    });
    world.sim.run();
    expect(later).toBeGreaterThanOrEqual(0);
  });

  test.each([
    [true, -1],
    [false, 0],
  ])("stays marked until its last socket has gone, up to 6.17 (%s)", (bindMarkSticks, found) => {
    const { ports, plain, binder, ...one } = bound({ bindMarkSticks });
    const other = towards({ ...one, ports }, "10.0.0.2:80", false);
    // A connection without bind, then a bound socket at the same port, which goes first.
    const first = ports.allocate(plain);
    ports.free(ports.allocate(binder));
    expect(Math.min(0, ports.allocate(other))).toBe(found);
    ports.free(first);
    expect(ports.allocate(plain)).toBeGreaterThanOrEqual(0);
  });

  test("by a listener is none of the ephemeral ones", async () => {
    const served = async (port: number) => {
      const { result } = await simulate(`
kernel: { profile: linux-6.18, sysctl: { net.ipv4.ip_local_port_range: 40000 40001, net.ipv4.tcp_tw_reuse: 0 } }
clients: { arrivals: { process: burst, requests: 3 } }
nginx: { ${PLAIN.nginx}, listen: "*:80", upstream: { servers: ["127.0.0.1:${port}"] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:${port}", workers: 3 }
app: { sleep: 1s }
run: { replications: 1 }`);
      return result.outcomes["200"]?.count;
    };
    expect([await served(8000), await served(40_001)]).toEqual([2, 1]);
  });
});

test("both ends in TIME_WAIT: closes_together of the connections have one more", async () => {
  const waits = async (share: number) => {
    const { result } = await simulate(`
clients: { target: unix:/run/n.sock, arrivals: { process: constant, rate: 100/s, requests: 2000 } }
nginx: { ${PLAIN.nginx}, listen: unix:/run/n.sock, upstream: { servers: ["127.0.0.1:8000"], closes_first: 0.5, closes_together: ${share} } }
app: { sleep: 1ms }
gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:8000" }
run: { replications: 1 }`);
    return result.netstat.TW?.value ?? 0;
  };
  expect(await waits(0)).toBe(2000);
  // 2000 * 0.1 and four times its standard deviation, 13.4.
  expect(Math.abs((await waits(0.1)) - 2200)).toBeLessThan(54);
});

test("up to 4.0 SYN-ACKs are repeated by one timer each 200 ms, from 4.1 on each by its own", async () => {
  // Two half-open requests 50 ms apart; the second is due at 1.05 s, and the shared timer runs at 1.0 and 1.2 s.
  const { sharedSynackNs } = await import("../../../models/linux/tcp-rules.js");
  expect([1.0, 1.05, 1.2, 3.2].map((due) => sharedSynackNs(due * 1e9, 0) / 1e9)).toEqual([1, 1.2, 1.2, 3.2]);
});

test("without EPOLLEXCLUSIVE (kernels before 4.5, nginx before 1.11.3) any idle worker of nginx accepts", async () => {
  // Ten at once need 20 connections of 13 that a worker has: one worker has not enough, two mostly have.
  const refused = async (profile: string, version: string) => {
    const { result } = await simulate(`
kernel: { profile: ${profile} }
clients: { arrivals: { process: burst, requests: 10 } }
nginx: { ${PLAIN.nginx}, version: ${version}, accept_mutex: off, worker_processes: 2, worker_connections: 16, upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { ${PLAIN.gunicorn}, bind: unix:/run/g.sock, workers: 10 }
app: { sleep: 1s }
run: { replications: 40 }`);
    return 1 - (result.outcomes["200"]?.share ?? 0);
  };
  const alone = await refused("linux-6.1", "1.20.2");
  expect(alone).toBeGreaterThan(0.2);
  expect(await refused("linux-4.4", "1.20.2")).toBeLessThan(alone / 2);
  expect(await refused("linux-6.1", "1.10.3")).toBeLessThan(alone / 2);
});
