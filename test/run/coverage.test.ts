// A 95 % interval holds the truth 95 times in a hundred: counted over a thousand runs, from the scenario's text to the
// Result. Seeds are 0 to 999.
//
// The truth is that of the run itself, M/M/1/3 with rho = 0.8 and 300 requests (finite-queue.ts). The coverage has a
// standard error of 0.7 points.

import { beforeAll, describe, expect, test } from "vitest";
import { load, predict } from "../../src/index.js";
import type { Estimate } from "../../src/run/result.js";
import { finiteQueue, truth } from "./finite-queue.js";

const RUNS = 1000;
const PLACES = 3;
const SCENARIO = finiteQueue({ places: PLACES }, 10);

/** The share refused, of runs of this queue with the seeds 0, 1, 2 ... */
async function sharesOf(places: number, runs: number): Promise<Estimate[]> {
  const scenario = load(finiteQueue({ places }, 10));
  const shares: Estimate[] = [];
  for (let seed = 0; seed < runs; seed++) {
    const settings = { ...scenario.settings, run: { ...scenario.settings.run, seed: String(seed) } };
    const { value, low, high } = (await predict({ ...scenario, settings })).requests.success;
    shares.push({ value: 1 - value, low: 1 - high, high: 1 - low });
  }
  return shares;
}

// Overflows of M/M/1 at 0.8 come 1 / (1 - 0.8) = 5 together. Taken for independent requests, or judged by the spread
// between the replications alone, 78 % of the first and 48 % of the second hold the truth.
describe("rare refusals come in clusters, and yet their intervals hold the truth", () => {
  const held = (shares: readonly Estimate[], places: number) =>
    shares.filter(({ low, high }) => low <= truth({ places }).share && truth({ places }).share <= high)
      .length;

  test("in 89 to 98 % of 150 runs with 9 refusals on average, in two clusters", {
    timeout: 120_000,
  }, async () => {
    const shares = await sharesOf(18, 150);
    // The standard error is 2 points.
    expect(held(shares, 18) / 150).toBeGreaterThan(0.89);
    expect(held(shares, 18) / 150).toBeLessThanOrEqual(0.98);
  });

  test("in 95 % or more of 60 runs with 3 on average, half of which see none", {
    timeout: 120_000,
  }, async () => {
    const shares = await sharesOf(22, 60);
    expect(shares.filter(({ value }) => value === 0).length).toBeGreaterThan(15);
    expect(held(shares, 22) / 60).toBeGreaterThanOrEqual(0.95);
  });
});

describe(`of ${RUNS} runs of 10 replications`, () => {
  const { share, latencyS } = truth({ places: PLACES });
  const shares: Estimate[] = [];
  const latencies: Estimate[] = [];
  const coverage = (intervals: readonly Estimate[], exact: number, scale = 1) => {
    const held = intervals.filter(({ value, low, high }) => {
      return exact >= value - scale * (value - low) && exact <= value + scale * (high - value);
    });
    return held.length / RUNS;
  };

  beforeAll(async () => {
    const scenario = load(SCENARIO);
    for (let seed = 0; seed < RUNS; seed++) {
      const settings = { ...scenario.settings, run: { ...scenario.settings.run, seed: String(seed) } };
      const result = await predict({ ...scenario, settings });
      const {
        share: value,
        low,
        high,
      } = result.outcomes.EAGAIN as NonNullable<(typeof result.outcomes)[string]>;
      shares.push({ value, low, high });
      latencies.push(result.latencies.all?.mean as Estimate);
    }
  }, 600_000);

  test("93 to 97 % of the intervals of a share hold its exact value", () => {
    expect(coverage(shares, share)).toBeGreaterThanOrEqual(0.93);
    expect(coverage(shares, share)).toBeLessThanOrEqual(0.97);
  });

  test("93 to 97 % of the intervals of a mean latency hold its exact value", () => {
    expect(coverage(latencies, latencyS)).toBeGreaterThanOrEqual(0.93);
    expect(coverage(latencies, latencyS)).toBeLessThanOrEqual(0.97);
  });

  test("fewer do when the intervals are 0.7 times as wide, and more when 1.5 times", () => {
    for (const [intervals, exact] of [[shares, share] as const, [latencies, latencyS] as const]) {
      expect(coverage(intervals, exact, 0.7)).toBeLessThan(0.93);
      expect(coverage(intervals, exact, 1.5)).toBeGreaterThan(0.97);
    }
  });
});
