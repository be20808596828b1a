// What nginx does when a server of a group fails: another one, the status of the last, the outage afterwards.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

const SECOND = 1e9;
const [A, B, NOBODY] = ["unix:/run/a.sock", "unix:/run/b.sock", "unix:/run/nobody.sock"];

interface Given {
  nginx?: string;
  /** Of each gunicorn. */
  more?: string;
  /** Of the second alone. */
  second?: string;
  run?: string;
  /** The rest of the upstream section. */
  upstream?: string;
  clients?: string;
}

/** Two gunicorns at a.sock and b.sock; nobody at nobody.sock. Requests as `sent_s,service_s` pairs. */
function ask(servers: string, rows: string, given: Given = {}) {
  const { nginx = "", more = "", second = "", run = "", upstream = "" } = given;
  const text = `
clients: ${given.clients ?? "{ arrivals: { process: trace, file: sent.csv } }"}
nginx: { ${PLAIN.nginx}, upstream: { servers: [${servers}] ${upstream} } ${nginx} }
gunicorn:
  - { name: a, ${PLAIN.gunicorn}, bind: "${A}" ${more} }
  - { name: b, ${PLAIN.gunicorn}, bind: "${B}" ${more} ${second} }
app: { sleep: 20ms }
run: { replications: 1 ${run} }`;
  return simulate(text, { "sent.csv": `sent_s,service_s\n${rows.replaceAll(" ", "\n")}\n` });
}

describe("another server is tried", () => {
  test("after EAGAIN at the first, at the same instant; the errno is counted, the request has no cause", async () => {
    // Round robin a, b, a, b, a: worker and the one place of a are taken by requests 0 and 2.
    const { trace, result } = await ask(`"${A}", "${B}"`, "0,1 0,0 0,1 0,0 0,0", { more: ", backlog: 0" });
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 200
      0.000 -> 0.000 200
      0.000 -> 2.000 200
      0.000 -> 0.000 200
      0.000 -> 0.000 200"
    `);
    expect(result.errors).toMatchObject({ EAGAIN: { count: 1 } });
  });

  test("after a timeout, while the work at the first goes on", async () => {
    // a works for 5 s, given up at 1 s; b works for the same request and would need as long: 504 at 2 s.
    const { trace, result } = await ask(`"${A}", "${B}"`, "0,5", { nginx: ", proxy_read_timeout: 1s" });
    expect(trace).toBe("0.000 -> 2.000 504 read-timeout-running");
    expect(result.work.busy_s.value).toBe(10);
    expect(result.work.wasted_s.value).toBe(4 + 4);
  });

  test("once each: three that listen nowhere are three failures and a 502", async () => {
    const other = NOBODY.replace("nobody", "other");
    const { trace, result } = await ask(`"${NOBODY}", "${other}", "${NOBODY}2"`, "0,0");
    expect(trace).toBe("0.000 -> 0.000 502 nobody-listens");
    expect(result.errors.ENOENT?.count).toBe(1);
    expect(result.nginx).toMatchObject({ "502": { count: 1 } });
  });

  test.each([
    ["timeout, then error", `"${A}", "${NOBODY}"`, "0.000 -> 1.000 502 nobody-listens"],
    ["error, then timeout", `"${NOBODY}", "${A}"`, "0.000 -> 1.000 504 read-timeout-running"],
  ])("and the last attempt decides on the status: %s", async (_, servers, expected) => {
    expect((await ask(servers, "0,5", { nginx: ", proxy_read_timeout: 1s" })).trace).toBe(expected);
  });

  test.each([
    ["off", "502", "504"],
    ["error", "200", "504"],
    ["timeout", "502", "200"],
    ["error, timeout", "200", "200"],
  ])(
    "for the classes of proxy_next_upstream only: [%s] gives %s after an error, %s after a timeout",
    async (classes, error, timeout) => {
      const nginx = `, proxy_next_upstream: [${classes}], proxy_read_timeout: 1s`;
      const refused = await ask(`"${NOBODY}", "${A}"`, "0,0", { nginx });
      expect(refused.requests[0]?.outcome).toBe(error);
      // Request 0 has a's worker for 9 s, 1 is b's, 2 waits for a until 1.5 s; b would have workers for it.
      const servers = [A, B].map((address) => `{ address: "${address}", max_fails: 0 }`).join();
      const waited = await ask(servers, "0,9 0.1,0 0.5,0", { nginx, second: ", workers: 9" });
      expect(waited.requests[2]?.outcome).toBe(timeout);
    },
  );

  test("up to proxy_next_upstream_tries attempts", async () => {
    const servers = `"${NOBODY}", "${NOBODY}2", "${A}"`;
    const outcome = async (tries: number) =>
      (await ask(servers, "0,0", { nginx: `, proxy_next_upstream_tries: ${tries}` })).requests[0]?.outcome;
    expect(await Promise.all([0, 1, 2, 3, 9].map(outcome))).toEqual(["200", "502", "502", "200", "200"]);
  });

  test("up to proxy_next_upstream_timeout, which is asked between attempts only", async () => {
    // 1 s each. At 1 s 1.5 s are not over, at 2 s they are: two attempts of three.
    const servers = `"${A}", "${B}", "${A}"`;
    const nginx = ", proxy_read_timeout: 1s, proxy_next_upstream_timeout: 1500ms";
    expect((await ask(servers, "0,9", { nginx })).trace).toBe("0.000 -> 2.000 504 read-timeout-running");
    const without = await ask(servers, "0,9", { nginx: ", proxy_read_timeout: 1s" });
    expect(without.trace).toBe("0.000 -> 3.000 504 read-timeout-queued");
  });
});

describe("a server that has failed is left alone", () => {
  /** Twenty at once, one worker and one place each; then five a second that would be no trouble. */
  const storm = (servers: string, given: Given = {}) =>
    ask(servers, "", {
      more: ", backlog: 0",
      clients:
        "{ arrivals: [{ process: burst, requests: 20, for: 100ms }, { process: constant, rate: 5/s, for: 20s }] }",
      ...given,
    });
  type Stormed = Awaited<ReturnType<typeof storm>>;
  const later = ({ requests }: Stormed) => requests.slice(20);
  const firstGoodS = (stormed: Stormed) =>
    (later(stormed).find(({ outcome }) => outcome === "200")?.sentNs as number) / SECOND;

  test("for 10 to 11 s after one failure: of two servers both, and every request is a 502", async () => {
    // 2 running and 2 waiting of the burst, then "no live upstreams" until a second that is 11 later.
    const stormed = await storm(`"${A}", "${B}"`);
    expect(stormed.requests.slice(0, 20).filter(({ outcome }) => outcome === "200")).toHaveLength(4);
    expect(firstGoodS(stormed)).toBeGreaterThan(10);
    expect(firstGoodS(stormed)).toBeLessThanOrEqual(11 + 0.2);
    const dark = later(stormed).filter(({ sentNs }) => sentNs < 10 * SECOND);
    expect(new Set(dark.map(({ outcome, cause }) => `${outcome} ${cause}`))).toEqual(
      new Set(["502 no-live-upstreams"]),
    );
    const bright = later(stormed).filter(({ sentNs }) => sentNs > 11.2 * SECOND);
    expect(new Set(bright.map(({ outcome }) => outcome))).toEqual(new Set(["200"]));
  });

  test("beginning anywhere in a second of the wall clock, so the end differs from run to run", async () => {
    const ends = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) =>
        firstGoodS(await storm(`"${A}", "${B}"`, { run: `, seed: ${seed}` })),
      ),
    );
    expect(new Set(ends).size).toBeGreaterThan(2);
  });

  test("as long as fail_timeout says", async () => {
    const servers = [A, B].map((one) => `{ address: "${one}", fail_timeout: 2s }`).join(", ");
    const endS = firstGoodS(await storm(servers));
    expect(endS).toBeGreaterThan(2);
    expect(endS).toBeLessThanOrEqual(3 + 0.2);
  });

  test("not at all with max_fails = 0, and not before there are max_fails failures", async () => {
    const servers = (fails: number) =>
      [A, B].map((one) => `{ address: "${one}", max_fails: ${fails} }`).join(", ");
    expect(firstGoodS(await storm(servers(0)))).toBeLessThan(0.3);
    // Of the 16 that fail each fails at both, so 16 failures each.
    expect(firstGoodS(await storm(servers(17)))).toBeLessThan(0.3);
    expect(firstGoodS(await storm(servers(16)))).toBeGreaterThan(10);
  });

  test("not if it is the only one; a backup or a second address makes it one of two", async () => {
    expect(firstGoodS(await storm(`"${A}"`))).toBeLessThan(0.3);
    expect(firstGoodS(await storm(`"${A}", { address: "${NOBODY}", backup: true }`))).toBeGreaterThan(10);
    const host = `{ address: "localhost:8000", resolves: ["${NOBODY}", "${A}"] }`;
    expect(firstGoodS(await storm(host))).toBeGreaterThan(10);
  });

  test("also if proxy_next_upstream is off: only the retry is suppressed", async () => {
    const stormed = await storm(`"${A}", "${B}"`, { nginx: ", proxy_next_upstream: [off]" });
    expect(firstGoodS(stormed)).toBeGreaterThan(10);
  });

  test.each([
    ["false", 2],
    ["true", 1],
  ])("by each worker for itself unless zone: %s finds out %d times", async (zone, times) => {
    // Workers accept 16 in a row. Each that has to find out pays one ENOENT in 8 s.
    const { result } = await ask(`"${NOBODY}", "${A}"`, "", {
      upstream: `, zone: ${zone}`,
      nginx: ", worker_processes: 2",
      clients: "{ arrivals: { process: constant, rate: 10/s, for: 8s } }",
    });
    expect(result.outcomes["200"]?.share).toBe(1);
    expect(result.errors.ENOENT?.count).toBe(times);
  });
});

describe("who is eligible", () => {
  test("a backup only when no other server is, in the same request", async () => {
    const backup = `{ address: "${B}", backup: true }`;
    const names = async (servers: string) => {
      const { result } = await ask(servers, "0,1 0,1 2,1");
      return result.series.levels
        .filter(({ name, peak }) => name.startsWith("busy workers") && peak.value > 0)
        .map(({ name }) => name);
    };
    expect(await names(`"${A}", ${backup}`)).toEqual(["busy workers of a"]);
    expect(await names(`"${NOBODY}", ${backup}`)).toEqual(["busy workers of b"]);
  });

  test("none that is down, and none that has max_conns requests: 502 at once, and no failure", async () => {
    const { trace } = await ask(
      `{ address: "${A}", max_conns: 1 }, { address: "${B}", down: true }`,
      "0,1 0.5,1 1.5,1",
    );
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 200
      0.500 -> 0.500 502 no-live-upstreams
      1.500 -> 2.500 200"
    `);
  });

  test("each as often as its weight says: 5 and 1 share six requests so; one that is down has none", async () => {
    const { result } = await ask(
      `{ address: "${A}", weight: 5 }, "${B}", { address: "${B}2", weight: 1, down: true }`,
      "0,7 0,7 0,7 0,7 0,7 0,7",
      { more: ", workers: 9" },
    );
    const peak = (name: string) => result.series.levels.find((level) => level.name === name)?.peak.value;
    expect([peak("busy workers of a"), peak("busy workers of b")]).toEqual([5, 1]);
  });
});

describe("before 1.11.5 a request that finds nobody makes all servers live", () => {
  // Request 0 fails at both; the next ones come within the 10 s.
  const outcomes = async (version: string, upstream = "", servers = `"${NOBODY}", "${NOBODY}2"`) =>
    (await ask(servers, "0,0 1,0 2,0 3,0", { nginx: `, version: ${version}`, upstream })).requests.map(
      ({ cause }) => cause,
    );
  const [FAILS, DARK] = ["nobody-listens", "no-live-upstreams"];

  test("so that every second one is tried, not one in 10 s", async () => {
    expect(await outcomes("1.11.5")).toEqual([FAILS, DARK, DARK, DARK]);
    expect(await outcomes("1.11.4")).toEqual([FAILS, DARK, FAILS, DARK]);
    expect(await outcomes("1.11.4", ", balance: least_conn")).toEqual([FAILS, DARK, FAILS, DARK]);
  });

  test("backups too", async () => {
    const servers = `"${NOBODY}", { address: "${NOBODY}2", backup: true }`;
    expect(await outcomes("1.11.4", "", servers)).toEqual([FAILS, DARK, FAILS, DARK]);
  });

  test("but not with a consistent hash, which never asks the round robin", async () => {
    const hash = ", balance: { hash: { key: uri, consistent: true } }";
    expect(await outcomes("1.11.4", hash)).toEqual([FAILS, DARK, DARK, DARK]);
  });
});
