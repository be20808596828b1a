// Several network namespaces: who reaches whom, and whose sysctls decide.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

interface Given {
  kernel: string;
  upstream?: string;
  nginx?: string;
  gunicorn?: string;
  clients?: string;
  sleep?: string;
}

/** nginx in `front`, gunicorn in `back`, unless told otherwise. */
function ask({
  kernel,
  upstream = "10.0.0.2:8000",
  nginx = "",
  gunicorn = "",
  clients,
  sleep = "1s",
}: Given) {
  return simulate(`
kernel: ${kernel}
clients: { ${clients ?? "arrivals: { process: burst, requests: 6 }"} }
nginx: { ${PLAIN.nginx}, kernel: front, upstream: { servers: ["${upstream}"], closes_first: 1 }, ${nginx} }
gunicorn: { ${PLAIN.gunicorn}, kernel: back, ${gunicorn || 'bind: "0.0.0.0:8000"'} }
app: { sleep: ${sleep} }
run: { replications: 1 }`);
}

const outcomes = async (given: Given) => (await ask(given)).requests.map(({ outcome }) => outcome).join(" ");

const TWO = "[{ name: front }, { name: back }]";

describe("an address", () => {
  test.each([
    ["10.0.0.2:8000", "0.0.0.0:8000", "", "200"],
    ["127.0.0.1:8000", "0.0.0.0:8000", "", "502"],
    ["127.0.0.1:8000", "127.0.0.1:8000", "", "502"],
    ["10.0.0.2:8000", "10.0.0.2:8000", "", "200"],
    ["10.0.0.2:8000", "0.0.0.0:8000", ", addresses: [10.0.0.2]", "200"],
    ["app1:8000", "0.0.0.0:8000", ", addresses: [10.0.0.2, app1]", "200"],
    ["10.0.0.3:8000", "0.0.0.0:8000", ", addresses: [10.0.0.2]", "502"],
    ["unix:/run/a.sock", "unix:/run/a.sock", "", "200"],
    ["unix:@a", "unix:@a", "", "502"],
  ])("%s towards %s of another namespace%s: %s", async (upstream, bind, addresses, expected) => {
    const kernel = `[{ name: front }, { name: back${addresses} }]`;
    const clients = "arrivals: { process: burst, requests: 1 }";
    expect(await outcomes({ kernel, upstream, gunicorn: `bind: "${bind}"`, clients })).toBe(expected);
  });

  test("that only its own namespace reaches is a warning that says from where it was tried", async () => {
    const { result } = await ask({ kernel: TWO, upstream: "127.0.0.1:8000" });
    expect(result.warnings).toContain(
      "nobody listens on 127.0.0.1:8000 as seen from front: every connect() by nginx gives ECONNREFUSED",
    );
  });

  test("may be listened on in two namespaces at once", async () => {
    const { result } = await simulate(`
kernel: [{ name: a }, { name: b }]
clients: [{ name: one, kernel: a, target: "127.0.0.1:8000", arrivals: { process: burst, requests: 1 } },
          { name: two, kernel: b, target: "127.0.0.1:8000", arrivals: { process: burst, requests: 2 } }]
gunicorn: [{ name: g, kernel: a, bind: "127.0.0.1:8000" }, { name: h, kernel: b, bind: "127.0.0.1:8000" }]
run: { replications: 1 }`);
    const levels = result.series.levels.map(({ name }) => name);
    expect(levels).toContain("accept queue of 127.0.0.1:8000 in a");
    expect(levels).toContain("TIME_WAIT sockets of b");
    expect(result.outcomes["200"]?.count).toBe(3);
  });
});

describe("sysctls are those of", () => {
  test("the listener's namespace for the backlog, of a unix socket too", async () => {
    // One is served, backlog + 1 wait.
    const unix = { upstream: "unix:/run/a.sock", gunicorn: "bind: unix:/run/a.sock" };
    const kernel = (front: number, back: number) =>
      `[{ name: front, sysctl: { net.core.somaxconn: ${front} } }, { name: back, sysctl: { net.core.somaxconn: ${back} } }]`;
    expect(await outcomes({ ...unix, kernel: kernel(100, 1) })).toBe("200 200 200 502 502 502");
    expect(await outcomes({ ...unix, kernel: kernel(100, 3) })).toBe("200 200 200 200 200 502");
  });

  test("the caller's namespace for its ports: tcp_tw_reuse = 1 in one container and 0 in the other", async () => {
    const ports = "net.ipv4.ip_local_port_range: 40000 40001";
    const kernel = (front: number, back: number) => `
  [{ name: front, profile: linux-6.18, port_search_cost: 0s, sysctl: { ${ports}, net.ipv4.tcp_tw_reuse: ${front} } },
   { name: back, profile: linux-6.18, sysctl: { ${ports}, net.ipv4.tcp_tw_reuse: ${back} } }]`;
    // Two ports, a request each 1.1 s: with 1 a port is used again after a second, with 0 after a minute.
    const clients = "arrivals: { process: constant, rate: 0.9/s, requests: 5 }";
    const given = { clients, sleep: "0s" };
    expect(await outcomes({ ...given, kernel: kernel(1, 0) })).toBe("200 200 200 200 200");
    expect(await outcomes({ ...given, kernel: kernel(0, 1) })).toBe("200 200 502 502 502");
  });

  test("the caller's namespace for the repetitions of its SYN", async () => {
    // Worker and queue are full for long; with tcp_syn_retries = 1 connect() gives up after 3 s on 5.15.
    const kernel = (front: number) => `
  [{ name: front, profile: linux-5.15, sysctl: { net.ipv4.tcp_syn_retries: ${front} } },
   { name: back, profile: linux-5.15, sysctl: { net.core.somaxconn: 0, net.ipv4.tcp_syn_retries: 6 } }]`;
    const given = { sleep: "30s", nginx: "proxy_connect_timeout: 5s, proxy_read_timeout: 2m" };
    expect(await outcomes({ ...given, kernel: kernel(1) })).toBe("200 200 502 502 502 502");
    expect(await outcomes({ ...given, kernel: kernel(2) })).toBe("200 200 504 504 504 504");
  });
});

describe("namespaces of one machine", () => {
  test.each([
    [
      "profile",
      "profile: linux-6.1",
      "profile: linux-6.8",
      /kernel\.1\.profile: expected linux-6\.1 as in kernel\.a\.profile/,
    ],
    [
      "hz",
      "hz: 250",
      "hz: 1000",
      /kernel\.1\.hz: expected 250 as in kernel\.a\.hz, since both are on machine "m"; got 1000/,
    ],
    ["cores", "cores: 2", "", /kernel\.1\.cores: expected 2 as in kernel\.a\.cores, .*; got none/],
    ["memory", "memory: 1GiB", "memory: 2GiB", /kernel\.1\.memory: expected 1GiB as in kernel\.a\.memory/],
  ])("agree on %s", async (_, one, other, message) => {
    const text = `
kernel: [{ name: a, machine: m, ${one} }, { name: b, machine: m, ${other} }]
clients: { target: "127.0.0.1:8000", arrivals: { process: burst, requests: 1 } }
gunicorn: { bind: "127.0.0.1:8000" }`;
    await expect(simulate(text)).rejects.toThrow(message);
  });

  // 100 ms of each one's processor time.
  const onTwo = (machines: [string, string]) => `
kernel: [{ name: a, machine: ${machines[0]}, cores: 1 }, { name: b, machine: ${machines[1]}, cores: 1 }]
clients: [{ name: one, kernel: a, target: "127.0.0.1:8000", arrivals: { process: burst, requests: 1 } },
          { name: two, kernel: b, target: "127.0.0.1:8000", arrivals: { process: burst, requests: 1 } }]
gunicorn: [{ name: g, kernel: a, bind: "127.0.0.1:8000", overhead: 0s },
           { name: h, kernel: b, bind: "127.0.0.1:8000", overhead: 0s }]
app: { cpu: 100ms }
run: { replications: 1 }`;

  test("share its cores", async () => {
    const { trace, result } = await simulate(onTwo(["m", "m"]));
    expect(trace).toBe("0.000 -> 0.200 200\n0.000 -> 0.200 200");
    expect(result.limits).toContainEqual({
      text: "1 core shared by 2 processes",
      settings: ["kernel.a.cores = 1"],
    });
  });

  test("those of different machines do not", async () => {
    const { trace, result } = await simulate(onTwo(["m", "n"]));
    expect(trace).toBe("0.000 -> 0.100 200\n0.000 -> 0.100 200");
    const levels = result.series.levels.map(({ name }) => name);
    expect(levels).toEqual(expect.arrayContaining(["busy processors of m", "busy processors of n"]));
  });

  test("are named by parts that exist only", async () => {
    await expect(ask({ kernel: "[{ name: a }, { name: b }]" })).rejects.toThrow(
      /expected "a" or "b", got "back"/,
    );
  });
});
