import { describe, expect, test } from "vitest";
import { difference, meanOf, type Observed, observe, ownDifference, score } from "../../src/verify/score.js";

const observed = (shares: Record<string, number>, p50_s = 1, p95_s = 2): Observed => ({
  shares,
  p50_s,
  p95_s,
});
const NO_OWN = { outcomes: 0, p50: 0, p95: 0 };

describe("observe", () => {
  test("takes the value at rank floor(q n) of the sorted latencies of the 200s", () => {
    const latencies = [5, 3, 1, 2, 4, 9, 8, 7, 6, 10];
    const requests = latencies.map((latency_s) => ({ outcome: "200", latency_s }));
    // n = 10: ranks 5 and 9, counted from 0.
    expect(observe([...requests, { outcome: "502", latency_s: 0 }])).toMatchObject({ p50_s: 6, p95_s: 10 });
  });

  test("counts closed, ECONNRESET and reset as one outcome", () => {
    const requests = ["closed", "ECONNRESET", "reset", "200"].map((outcome) => ({ outcome, latency_s: 1 }));
    expect(observe(requests).shares).toEqual({ "no-response": 0.75, "200": 0.25 });
  });

  test("has no latency without a 200", () => {
    expect(observe([{ outcome: "504", latency_s: 60 }]).p50_s).toBeNaN();
  });
});

describe("score", () => {
  test("the largest difference of a share counts, also of an outcome that only one side has", () => {
    const { error } = score(
      observed({ "200": 0.9, "502": 0.1 }),
      observed({ "200": 0.97, "504": 0.03 }),
      NO_OWN,
    );
    expect(error.outcomes).toBeCloseTo(10, 9);
  });

  test("5 ms of a latency are forgiven", () => {
    expect(difference(observed({}, 0.105, 2), observed({}, 0.1, 2)).p50).toBe(0);
    // 10 ms less 5 ms of 100 ms.
    expect(difference(observed({}, 0.11, 2), observed({}, 0.1, 2)).p50).toBeCloseTo(5, 9);
  });

  test.each([
    ["0.99 percentage points pass", 0.0099, 1, true],
    ["1.1 percentage points fail", 0.011, 1, false],
    ["5 % of p50 passes", 0, 1.0549, true],
    ["5.1 % of p50 fails", 0, 1.056, false],
  ])("%s", (_, share, p50_s, passed) => {
    const reference = observed({ "200": 1 }, 1, 2);
    expect(score(observed({ "200": 1 - share, "502": share }, p50_s), reference, NO_OWN).passed).toBe(passed);
  });

  test("one and a half times the real system's own difference passes", () => {
    const own = { outcomes: 4, p50: 10, p95: 20 };
    const { limit } = score(observed({ "200": 1 }), observed({ "200": 1 }), own);
    expect(limit).toEqual({ outcomes: 6, p50: 15, p95: 30 });
  });

  test("200s where there were none, or none where there were, are infinitely far off", () => {
    const none = observed({ "504": 1 }, Number.NaN, Number.NaN);
    expect(score(observed({ "504": 1 }), none, NO_OWN)).toMatchObject({
      passed: false,
      error: { p50: Infinity },
    });
    expect(score(none, none, NO_OWN)).toMatchObject({ passed: true, error: { p50: 0 } });
  });
});

test("the own difference is the largest between two runs of one case of the family", () => {
  const quiet = [observed({ "200": 0.9 }, 1, 2), observed({ "200": 0.91 }, 1, 2)];
  const noisy = [observed({ "200": 0.5 }, 1, 2), observed({ "200": 0.54 }, 1.205, 2)];
  const own = ownDifference([quiet, noisy, [observed({})]]);
  expect(own.outcomes).toBeCloseTo(4, 9);
  // 205 ms less 5 ms of the mean, 1.1025 s.
  expect(own.p50).toBeCloseTo((100 * 0.2) / 1.1025, 9);
});

test("the mean of runs has every outcome of any of them", () => {
  expect(meanOf([observed({ "200": 1 }), observed({ "200": 0.5, "502": 0.5 })]).shares).toEqual({
    "200": 0.75,
    "502": 0.25,
  });
});
