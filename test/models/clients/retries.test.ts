// Failed requests that are sent again: when, how often, and what the user sees of it.

import { describe, expect, test } from "vitest";
import { retryBudget } from "../../../models/clients/retries.js";
import { PLAIN, simulate } from "../../support/simulate.js";

const NOBODY = "unix:/run/nobody.sock";

/** Nobody listens: every attempt fails at once. */
const refused = (retries: string, arrivals = "process: burst, requests: 1") =>
  simulate(`
clients: { target: "${NOBODY}", arrivals: { ${arrivals} }, retries: { on: [ENOENT], ${retries} } }
run: { replications: 1 }`);

const latencies = async (retries: string, arrivals?: string) =>
  (await refused(retries, arrivals)).requests.map(({ latencyNs }) => latencyNs / 1e9);

describe("a request that fails", () => {
  test("is sent again until it succeeds: the user sees the last attempt, and waits from the first one on", async () => {
    // One worker of a second and a queue of one: the third request is refused at 0 and 0.75 s, and has its
    // place at 1.5 s, when the second one runs; it is done at 3 s.
    const { trace, result, requests } = await simulate(`
clients: { arrivals: { process: burst, requests: 3 }, retries: { on: [502], delay: 750ms, attempts: 5 } }
nginx: { ${PLAIN.nginx}, upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { ${PLAIN.gunicorn}, bind: unix:/run/g.sock, backlog: 0 }
app: { sleep: 1s }
run: { replications: 1 }`);
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 200
      0.000 -> 2.000 200
      0.000 -> 3.000 200"
    `);
    expect(requests.map(({ attempts }) => attempts)).toEqual([1, 1, 3]);
    // nginx logs each attempt; shares are of all five.
    expect(result.nginx).toMatchObject({ "200": { count: 3, share: 0.6 }, "502": { count: 2, share: 0.4 } });
    expect(Object.keys(result.outcomes)).toEqual(["200"]);
    expect(result.errors).toMatchObject({ EAGAIN: { count: 1 } });
    expect(result.clients).toMatchObject({
      attempts: { value: 5 },
      retries: { value: 2 },
      attempts_per_request: { value: expect.closeTo(5 / 3, 9) },
    });
    expect(result.causes).toEqual([]);
  });

  test("fails in the end with its last attempt, so many times in all", async () => {
    const { requests, result } = await refused("attempts: 4, delay: 1s");
    expect(requests).toMatchObject([{ outcome: "ENOENT", attempts: 4, latencyNs: 3e9 }]);
    expect(result.outcomes).toMatchObject({ ENOENT: { count: 1, share: 1 } });
    expect(result.causes).toMatchObject([{ id: "nobody-listens", count: 1 }]);
    expect(result.requests.total.value).toBe(1);
  });

  test("with another outcome is not sent again", async () => {
    const { requests } = await simulate(`
clients: { target: "${NOBODY}", arrivals: { process: burst, requests: 1 }, retries: { on: [502, closed] } }`);
    expect(requests).toMatchObject([{ outcome: "ENOENT", attempts: 1 }]);
  });

  // Nobody listens; the client waits for less than the request takes; a queue of one has no place for the third
  // request, neither without nginx nor behind it. A 500 is not tried again: nginx has no connection left.
  test.each([
    ["ENOENT", "gunicorn: { bind: unix:/run/other.sock }", "target: unix:/run/g.sock,"],
    ["client-timeout", "gunicorn: { bind: unix:/run/g.sock }", "timeout: 500ms,"],
    ["EAGAIN", "gunicorn: { bind: unix:/run/g.sock, backlog: 0 }", ""],
    [
      "502",
      "nginx: { upstream: { servers: [unix:/run/g.sock] } }\ngunicorn: { bind: unix:/run/g.sock, backlog: 0 }",
      "",
    ],
    [
      "500",
      "nginx: { upstream: { servers: [unix:/run/g.sock] }, worker_connections: 3 }\ngunicorn: { bind: unix:/run/g.sock }",
      "",
    ],
  ])("with %s is sent again unless the outcomes are listed", async (outcome, servers, more) => {
    const { requests } = await simulate(`
clients: { ${more} arrivals: { process: burst, requests: 3 }, retries: { attempts: 2 } }
${servers}
app: { sleep: 1s }
run: { replications: 1 }`);
    const attempts = requests.filter((one) => one.outcome === outcome).map((one) => one.attempts);
    expect(attempts.length).toBeGreaterThan(0);
    expect(attempts).toEqual(attempts.map(() => (outcome === "500" ? 1 : 2)));
  });

  test("has its time-out anew with each attempt, and asks the same of the application", async () => {
    // Attempts at 0, 1.5 and 3 s leave after a second. The worker runs all of them: 0 to 2, 2 to 4, 4 to 6 s,
    // since the service time is drawn once; three seconds of it, after 1 s, 2.5 s and 4 s, are for nobody:
    // 1 + 1.5 + 2 s.
    const { trace, result, requests } = await simulate(`
clients:
  timeout: 1s
  arrivals: { process: burst, requests: 1 }
  retries: { on: [client-timeout], delay: 500ms }
nginx: { ${PLAIN.nginx}, upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { ${PLAIN.gunicorn}, bind: unix:/run/g.sock }
app: { sleep: { uniform: { low: 1999999999ns, high: 2s } } }
run: { replications: 1 }`);
    expect(trace).toBe("0.000 -> 4.000 client-timeout client-timeout-running");
    expect(requests).toMatchObject([{ attempts: 3 }]);
    expect(result.nginx).toMatchObject({ "499": { count: 3, share: 1 } });
    expect(result.work.busy_s.value).toBeCloseTo(6, 6);
    expect(result.work.wasted_s.value).toBeCloseTo(1 + 1.5 + 2, 6);
  });

  test("in a closed loop keeps its client until its last attempt has failed", async () => {
    const { trace } = await simulate(`
clients:
  target: "${NOBODY}"
  closed: { concurrency: 1, think: 1s, requests: 3 }
  retries: { on: [ENOENT], attempts: 2, delay: 250ms }
run: { replications: 1 }`);
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 0.250 ENOENT nobody-listens
      1.250 -> 1.500 ENOENT nobody-listens
      2.500 -> 2.750 ENOENT nobody-listens"
    `);
  });
});

describe("the delay", () => {
  test("grows by the factor up to the most: 1 + 2 + 4 + 5 + 5 s", async () => {
    expect(await latencies("attempts: 6, delay: 1s, factor: 2, most: 5s")).toEqual([17]);
  });

  test("may be drawn, each time anew", async () => {
    const spread = await latencies(
      "attempts: 2, delay: { exponential: 1s }",
      "process: burst, requests: 2000",
    );
    const mean = spread.reduce((sum, one) => sum + one, 0) / 2000;
    expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(2000));
  });

  // U(0, 1) of two seconds, or of their second half.
  test.each([
    ["full", 0, 2],
    ["equal", 1, 2],
  ])("with %s jitter is drawn from %d s to %d s", async (jitter, low, high) => {
    const spread = await latencies(
      `attempts: 2, delay: 2s, jitter: ${jitter}`,
      "process: burst, requests: 4000",
    );
    expect(Math.min(...spread)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...spread)).toBeLessThanOrEqual(high);
    const deviation = (high - low) / Math.sqrt(12 * 4000);
    const mean = spread.reduce((sum, one) => sum + one, 0) / 4000;
    expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(4 * deviation);
  });

  test("leaves the arrivals and service times as they were", async () => {
    const of = async (retries: string) => {
      const { requests } = await refused(retries, "process: poisson, rate: 10/s, requests: 50");
      return requests.map(({ sentNs }) => sentNs);
    };
    expect(await of("attempts: 3, delay: 1s, jitter: full")).toEqual(await of("attempts: 1"));
  });
});

describe("the budget", () => {
  test("allows so many retries for each request, and a few besides", async () => {
    // 1000 requests in 10 s: 20 % of them, and 10 s x 1/s; each fails and asks for one retry.
    const { result } = await refused(
      "attempts: 2, budget: { ratio: 0.2, min_retries_per_second: 1, ttl: 10s }",
      "process: constant, rate: 100/s, for: 10s",
    );
    expect(result.clients).toMatchObject({ retries: { value: 210 }, over_budget: { value: 790 } });
  });

  test("keeps a storm at 1.2 attempts a request, where it would be three", async () => {
    const storm = "process: constant, rate: 100/s, for: 100s";
    const free = await refused("attempts: 3", storm);
    expect(free.result.clients?.attempts_per_request?.value).toBeCloseTo(3, 9);
    const bound = await refused("attempts: 3, budget: { min_retries_per_second: 0.1 }", storm);
    expect(bound.result.clients?.attempts_per_request?.value).toBeCloseTo(1.2, 2);
  });

  test("forgets what is older than its ttl, paid in or taken out", () => {
    const clock = { ns: 0 };
    const given = { ratio: 0.5, min_retries_per_second: 0.1, ttl: 10e9 };
    const budget = retryBudget(given, () => clock.ns);
    // The reserve is one retry in ten seconds.
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, false]);
    // Two requests pay for one.
    budget.deposit();
    expect(budget.withdraw()).toBe(false);
    budget.deposit();
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, false]);
    // Ten seconds later the reserve is there again, and nothing else.
    clock.ns = 10e9;
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, false]);
    budget.deposit();
    budget.deposit();
    clock.ns = 1000e9;
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, false]);
  });
});
