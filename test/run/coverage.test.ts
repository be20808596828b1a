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
