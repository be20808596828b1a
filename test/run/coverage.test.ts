// A 95 % interval holds the truth 95 times in a hundred: counted over a thousand runs, from the scenario's text to the
// Result. Seeds are 0 to 999.
//
// The truth is that of the run itself, which begins with nobody there: of M/M/1/3 with rho = 0.8 and 300 requests,
// what each of them meets on average is known from the chain of what an arrival finds. The coverage has a standard
// error of 0.7 points.

import { beforeAll, describe, expect, test } from "vitest";
import { load, predict } from "../../src/index.js";
import type { Estimate } from "../../src/run/result.js";

const RUNS = 1000;
const REQUESTS = 300;
const PLACES = 3;
const RHO = 0.8;

const SCENARIO = `
clients: { arrivals: { process: poisson, rate: ${RHO}/s, requests: ${REQUESTS} } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: ${PLACES - 2}, overhead: 0s, timeout: 0s }
app: { sleep: { exponential: 1s } }
run: { replications: 10 }
`;

/** Expected share of refused requests, and mean latency of all (0 for a refused one), of exponential service. */
function truth(): { share: number; latencyS: number } {
  let found = [1, 0, 0, 0];
  let [refused, latencyS] = [0, 0];
  for (let request = 0; request < REQUESTS; request++) {
    refused += found[PLACES] as number;
    for (let others = 0; others < PLACES; others++) latencyS += (found[others] as number) * (others + 1);
    found = next(found);
  }
  return { share: refused / REQUESTS, latencyS: latencyS / REQUESTS };
}

/** What the next arrival finds: of those here each leaves before it with the probability 1 / (1 + rho), in turn. */
function next(found: readonly number[]): number[] {
  const later = [0, 0, 0, 0];
  const stays = RHO / (1 + RHO);
  for (const [others, probability] of found.entries()) {
    let left = probability;
    for (let here = Math.min(others + 1, PLACES); here > 0; here--) {
      (later[here] as number) += left * stays;
      left *= 1 - stays;
    }
    (later[0] as number) += left;
  }
  return later;
}

describe(`of ${RUNS} runs of 10 replications`, () => {
  const { share, latencyS } = truth();
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
