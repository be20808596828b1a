// Routes, addresses and URIs: what a request asks for and where it comes from.

import { describe, expect, test } from "vitest";
import { clientIpv4 } from "../../../src/component/requests.js";
import { PLAIN, simulate } from "../../support/simulate.js";

const routed = (app: string, clients = "", many = 2_000) =>
  simulate(`
clients: { arrivals: { process: constant, rate: 1/s, requests: ${many} } ${clients} }
gunicorn: { ${PLAIN.gunicorn}, bind: unix:/run/g.sock, workers: 50 }
app: ${app}
run: { replications: 1 }`);

const TWO = "{ sleep: 1s, routes: [{ path: /, weight: 9 }, { path: /report, sleep: 3s, body: 9kB }] }";

describe("routes", () => {
  test("share the requests by weight, and have times and sizes of their own", async () => {
    const { requests, result } = await routed(TWO);
    const reports = requests.filter(({ route }) => route === 1);
    expect(Math.abs(reports.length - 200)).toBeLessThan(4 * Math.sqrt(2_000 * 0.1 * 0.9));
    for (const { route, serviceNs, latencyNs } of requests) {
      expect([serviceNs, latencyNs]).toEqual(route === 1 ? [3e9, 3e9] : [1e9, 1e9]);
    }
    expect(result.requests.bytes_in.value).toBe(9_000 * reports.length + 2 * (2_000 - reports.length));
  });

  test("stand in the result with outcomes and latencies of their own", async () => {
    const { requests, result } = await routed(TWO, ", timeout: 2s");
    const reports = requests.filter(({ route }) => route === 1).length;
    expect(Object.keys(result.routes ?? {})).toEqual(["/", "/report"]);
    expect(result.routes?.["/report"]).toMatchObject({
      requests: { value: reports },
      outcomes: { "client-timeout": { count: reports, share: 1 } },
      latencies: { all: { count: reports, p50: { value: 2 } }, "client-timeout": { count: reports } },
    });
    expect(result.routes?.["/"]?.outcomes).toMatchObject({ "200": { count: 2_000 - reports, share: 1 } });
  });

  test("of which there is one are not told apart", async () => {
    expect((await routed("{ routes: [{ path: /a, sleep: 1s }] }")).result.routes).toBeUndefined();
  });

  test("have draws of their own: another distribution for one leaves the other's times as they were", async () => {
    const times = async (report: string) => {
      const app = `{ routes: [{ path: /, sleep: { exponential: 1s } }, { path: /report, sleep: ${report} }] }`;
      const { requests } = await routed(app, "", 200);
      return [
        requests.map(({ route }) => route),
        requests.map((one) => (one.route === 0 ? one.serviceNs : 0)),
      ];
    };
    expect(await times("{ exponential: 2s }")).toEqual(await times("{ gamma: { mean: 2s, cv: 0.3 } }"));
  });

  test("can have other weights for a population, in which what is not named has none", async () => {
    const { requests } = await routed(TWO, ", routes: { /report: 1 }", 50);
    expect(new Set(requests.map(({ route }) => route))).toEqual(new Set([1]));
  });

  test.each([
    ["/raport: 1", "clients.routes./raport: expected a path of app.routes (/, /report)"],
    ["/report: 0", "clients.routes: expected a weight above zero"],
    ["/report: -1", "clients.routes./report: expected a weight of 0 or more, got -1"],
  ])("with the weights %s are refused", async (weights, message) => {
    await expect(routed(TWO, `, routes: { ${weights} }`)).rejects.toThrow(message);
  });

  test.each([
    ["{ routes: [{ path: / }, { path: / }] }", "app.routes: expected routes with different paths"],
    ["{ routes: [{ path: report }] }", 'app.routes.0.path: expected a path such as "/report", got "report"'],
  ])("%s are refused", async (app, message) => {
    await expect(routed(app)).rejects.toThrow(message);
  });
});

describe("processor time", () => {
  test("is drawn at birth beside the waiting, from a stream of its own", async () => {
    const times = async (cpu: string) => {
      const { requests } = await routed(`{ sleep: { exponential: 1s }, cpu: ${cpu} }`, "", 100);
      return requests;
    };
    const [none, some] = [await times("0s"), await times("{ exponential: 10ms }")];
    expect(some.map(({ serviceNs }) => serviceNs)).toEqual(none.map(({ serviceNs }) => serviceNs));
    expect(new Set(some.map(({ cpuNs }) => cpuNs)).size).toBeGreaterThan(90);
    expect(none.every(({ cpuNs }) => cpuNs === 0)).toBe(true);
  });
});

/** Two servers, of which the key of a request decides. */
const balanced = async (balance: string, clients: string) => {
  const { result } = await simulate(`
clients: { target: 127.0.0.1:80, arrivals: { process: constant, rate: 1/s, requests: 1000 } ${clients} }
nginx: { listen: 127.0.0.1:80, ${PLAIN.nginx}, upstream: { servers: [unix:/run/a.sock, unix:/run/b.sock], balance: ${balance} } }
gunicorn:
  - { name: a, ${PLAIN.gunicorn}, bind: unix:/run/a.sock }
  - { name: b, ${PLAIN.gunicorn}, bind: unix:/run/b.sock }
app: { sleep: 500ms }
run: { replications: 1 }`);
  const busy = result.series.levels.filter(({ name }) => name.startsWith("busy workers"));
  const shares = busy.map(({ average }) => average.value);
  return (shares[0] as number) / shares.reduce((sum, share) => sum + share, 0);
};

describe("addresses", () => {
  test("decide with ip_hash: all from one go to one server, many spread", async () => {
    expect([0, 1]).toContain(await balanced("ip_hash", ""));
    // Each of 200 addresses goes to either server: the spread of their number is 7 of 100.
    const share = await balanced("ip_hash", ", addresses: 200");
    expect(Math.abs(share - 0.5)).toBeLessThan(0.2);
  });

  test("are in networks of their own, each in 10.0.0.0/8, and 0 on a unix socket", () => {
    const text = (client: number) =>
      [24, 16, 8, 0].map((shift) => (clientIpv4(client) >>> shift) & 0xff).join(".");
    expect([0, 1, 2, 257, 65_536, 65_537].map(text)).toEqual([
      "0.0.0.0",
      "10.0.0.1",
      "10.0.1.1",
      "10.1.0.1",
      "10.255.255.1",
      "10.0.0.2",
    ]);
  });

  // 1 r/s and no burst: of ten requests at once from one address the first passes.
  const limited = async (clients: string) => {
    const { result } = await simulate(`
clients: { target: 127.0.0.1:80, ${clients} }
nginx:
  listen: 127.0.0.1:80
  upstream: { servers: [unix:/run/g.sock] }
  limit_req_zone: [{ name: per_client, key: client, rate: 1r/s }]
  limit_req: [{ zone: per_client }]
gunicorn: { bind: unix:/run/g.sock, workers: 20 }
run: { replications: 1 }`);
    return result.outcomes["200"]?.count;
  };

  test("are what limit_req by $binary_remote_addr tells apart", async () => {
    expect(await limited("arrivals: { process: burst, requests: 10 }")).toBe(1);
    const served = await limited("addresses: 1000000, arrivals: { process: burst, requests: 10 }");
    expect(served).toBe(10);
  });

  test("of a closed loop belong to its clients: one each while they last", async () => {
    expect(await limited("addresses: 4, closed: { concurrency: 10, requests: 10 }")).toBe(4);
  });

  test("of two populations differ", async () => {
    const { result } = await simulate(`
clients:
  - { name: a, target: 127.0.0.1:80, arrivals: { process: burst, requests: 5 } }
  - { name: b, target: 127.0.0.1:80, arrivals: { process: burst, requests: 5 } }
nginx:
  listen: 127.0.0.1:80
  upstream: { servers: [unix:/run/g.sock] }
  limit_req_zone: [{ name: per_client, key: client, rate: 1r/s }]
  limit_req: [{ zone: per_client }]
gunicorn: { bind: unix:/run/g.sock, workers: 20 }
run: { replications: 1 }`);
    expect(result.outcomes["200"]?.count).toBe(2);
  });
});

describe("URIs", () => {
  test("decide with hash $request_uri: all of one go to one server, many spread", async () => {
    const hash = "{ hash: { key: uri } }";
    expect([0, 1]).toContain(await balanced(hash, ", addresses: 200"));
    expect(Math.abs((await balanced(hash, ", uris: 1000")) - 0.5)).toBeLessThan(0.1);
  });
});
