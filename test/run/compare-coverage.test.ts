// What is promised of differences, counted over 200 comparisons of 10 pairs each, seeds 0 to 199: M/M/1/3 and M/M/1/4
// with 300 requests (finite-queue.ts), whose exact difference is known. 95 % of 200 have a standard error of 1.5
// points, so 91 to 98 %.

import { beforeAll, describe, expect, test } from "vitest";
import type { Comparison } from "../../src/run/comparison.js";
import type { Scenario } from "../../src/scenario/load.js";
import { compared, differenceOf, scenarioOf } from "../support/compare.js";
import { finiteQueue, truth } from "./finite-queue.js";

const COMPARISONS = 200;
const PAIRS = 10;
const [SMALL, LARGE] = [3, 4].map((places) => scenarioOf(finiteQueue({ places }, PAIRS))) as [
  Scenario,
  Scenario,
];

const seeded = (scenario: Scenario, seed: number): Scenario => ({
  ...scenario,
  settings: { ...scenario.settings, run: { ...scenario.settings.run, seed: String(seed) } },
});

async function all(a: Scenario, b: Scenario, independent: boolean): Promise<Comparison[]> {
  const found: Comparison[] = [];
  for (let seed = 0; seed < COMPARISONS; seed++) {
    found.push(await compared(seeded(a, seed), seeded(b, seed), { independent }));
  }
  return found;
}

const held = (comparisons: readonly Comparison[], metric: string, exact: number, scale = 1) =>
  comparisons.filter((comparison) => {
    const { value, low, high } = differenceOf(comparison, metric).difference as {
      value: number;
      low: number;
      high: number;
    };
    return exact >= value - scale * (value - low) && exact <= value + scale * (high - value);
  }).length / COMPARISONS;

describe("of 200 comparisons", () => {
  let paired: Comparison[] = [];
  const [small, large] = [truth({ places: 3 }), truth({ places: 4 })];
  const share = large.share - small.share;

  beforeAll(async () => {
    paired = await all(SMALL, LARGE, false);
  }, 300_000);

  test("91 to 98 % of the intervals hold the exact difference of the share that is refused", () => {
    expect(held(paired, "EAGAIN.share", share)).toBeGreaterThanOrEqual(0.91);
    expect(held(paired, "EAGAIN.share", share)).toBeLessThanOrEqual(0.98);
    // Not whatever they are: 0.7 times as wide they would hold 83 %.
    expect(held(paired, "EAGAIN.share", share, 0.7)).toBeLessThan(0.91);
  });

  test("and of the requests that succeed times their mean latency", () => {
    // latencyS counts a refused request as 0.
    const sums = (comparison: Comparison, side: "a" | "b") =>
      (differenceOf(comparison, "success.share")[side]?.value ?? 0) *
      (differenceOf(comparison, "success.latency.mean")[side]?.value ?? 0);
    const mean = (side: "a" | "b") => paired.reduce((sum, one) => sum + sums(one, side), 0) / COMPARISONS;
    expect(mean("b") - mean("a")).toBeCloseTo(large.latencyS - small.latencyS, 1);
  });
});

// Under A = B with other random numbers for B. Of one number 5 % are called different, and of all of them together at
// least one in 5 %: at most 5 % + 2.3 x 1.5 points.
describe("of 200 comparisons of a scenario with itself, with other random numbers", () => {
  let apart: Comparison[] = [];

  beforeAll(async () => {
    apart = await all(SMALL, SMALL, true);
  }, 300_000);

  test("at most 8.5 % find any difference after Holm's correction", () => {
    const alarms = apart.filter(({ differences }) =>
      differences.some(({ finding }) => finding !== "same" && finding !== "undecided"),
    );
    expect(alarms.length / COMPARISONS).toBeLessThanOrEqual(0.085);
  });

  test("about 5 % find one of a single number without it, and more of any", () => {
    const below = (comparison: Comparison, metric: string) =>
      (differenceOf(comparison, metric).p ?? 1) <= 0.05;
    for (const metric of ["EAGAIN.share", "success.latency.mean", "throughput"]) {
      const found = apart.filter((one) => below(one, metric)).length / COMPARISONS;
      expect(found).toBeGreaterThanOrEqual(0.015);
      expect(found).toBeLessThanOrEqual(0.085);
    }
    const any = apart.filter(({ differences }) => differences.some(({ p }) => (p ?? 1) <= 0.05));
    expect(any.length / COMPARISONS).toBeGreaterThan(0.085);
  });
});

// Where A fails in clusters of 1 / (1 - 0.8) = 5 (see coverage.test.ts) and B never does, 3,000 requests have 3 events
// on average, and 4 of 10 comparisons see none. Taken for one by one, none of those would hold the truth.
test("of 40 comparisons with a rare failure, also those hold the truth in which no pair differs", async () => {
  const [a, b] = [22, 32].map((places) => scenarioOf(finiteQueue({ places }, PAIRS))) as [Scenario, Scenario];
  const exact = truth({ places: 22 }).share - truth({ places: 32 }).share;
  let [none, held] = [0, 0];
  for (let seed = 0; seed < 40; seed++) {
    const { difference } = differenceOf(await compared(seeded(a, seed), seeded(b, seed)), "success.share");
    if (difference?.value === 0) none++;
    if (difference && difference.low <= exact && exact <= difference.high) held++;
  }
  expect(none).toBeGreaterThan(8);
  expect(held).toBeGreaterThanOrEqual(38);
}, 60_000);
