// The estimator on a queue whose answer is known, in many small runs.

import { describe, expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import { balanced, pilot } from "../../src/rare/pilot.js";
import { noTotals, type Plan, splitting } from "../../src/rare/splitting.js";
import { ratioInterval } from "../../src/stats/ratio.js";
import { birthDeath, blocked } from "./birth-death.js";

const QUEUE = { utilisation: 0.5, places: 12 };
const EXACT = blocked(QUEUE.utilisation, QUEUE.places);
const uniform = streams("splitting", 0).stream("walk");
const supplies = { branch: () => 0, uniform: streams("splitting", 0).stream("copies") };

async function batchesOf(
  plan: Plan,
  { roots, batches, section }: Record<"roots" | "batches", number> & { section?: number },
) {
  const way = birthDeath(QUEUE, uniform, section);
  const walker = splitting(plan, supplies);
  const all = Array.from({ length: batches }, () => noTotals(plan));
  for (const totals of all) {
    walker.more(roots, totals);
    await way.walk(walker);
  }
  return all;
}

const intervalOf = (all: { refused: number; births: number }[]) =>
  ratioInterval(
    all.map(({ refused }) => refused),
    all.map(({ births }) => births),
  );

describe("splitting", () => {
  // The standard deviation of the mean is known from 400 batches: 4 of them are a chance of 1 in 16,000.
  test.each<[string, Plan, number | undefined]>([
    [
      "levels of every request",
      { ground: 0, levels: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], factors: Array(11).fill(2) },
      undefined,
    ],
    [
      "few levels, and factors that are no whole numbers",
      { ground: 0, levels: [2, 5, 9], factors: [3.5, 6.3, 7.7] },
      undefined,
    ],
    ["levels that are far apart", { ground: 0, levels: [4, 9], factors: [14, 30] }, undefined],
    [
      "a level on which everybody is refused",
      { ground: 0, levels: [3, 6, 9, 12], factors: [4, 6, 6, 2] },
      undefined,
    ],
    ["sections of a long run", { ground: 0, levels: [2, 5, 8], factors: [3, 6, 6] }, 50],
  ])("has the right expectation with %s", async (_, plan, section) => {
    const all = await batchesOf(plan, {
      roots: section === undefined ? 300 : 30,
      batches: 400,
      ...(section && { section }),
    });
    const { value, high } = intervalOf(all);
    // Student's quantile for 400 batches is 1.966.
    const z = (value - EXACT) / ((high - value) / 1.966);
    expect(Math.abs(z)).toBeLessThan(4);
    expect((high - value) / EXACT).toBeLessThan(0.15);
  });

  test("the probability of a refusal in a cycle is the gambler's", async () => {
    // Who finds K - 1 = 11 and joins fills the queue: from one customer 13 are hit before 0 with (2 - 1) / (2^13 - 1).
    const all = await batchesOf(
      { ground: 0, levels: [2, 4, 6, 8, 10], factors: [4, 4, 4, 4, 4] },
      { roots: 300, batches: 400 },
    );
    const { value, high } = ratioInterval(
      all.map(({ hit }) => hit),
      all.map(({ roots }) => roots),
    );
    expect(Math.abs(value - 1 / (2 ** 13 - 1)) / ((high - value) / 1.966)).toBeLessThan(4);
  });

  test("its 95 % interval holds the truth in 93 to 97 % of 1,000 small runs", {
    timeout: 60_000,
  }, async () => {
    const plan: Plan = { ground: 0, levels: [2, 4, 6, 8, 10], factors: [4, 4, 4, 4, 4] };
    let held = 0;
    for (let run = 0; run < 1_000; run++) {
      const { low, high } = intervalOf(await batchesOf(plan, { roots: 100, batches: 40 }));
      if (low <= EXACT && EXACT <= high) held++;
    }
    expect(held).toBeGreaterThanOrEqual(930);
    expect(held).toBeLessThanOrEqual(970);
  });

  test("the pilot's levels are 0.1 to 0.5 apart, and paths are about equally many on all of them", async () => {
    const way = birthDeath({ utilisation: 0.9, places: 100 }, uniform);
    const piloted = await pilot(way, supplies.branch);
    if ("level" in piloted) throw new Error("stuck");
    const plan = await balanced(piloted, way, supplies);
    const totals = noTotals(plan);
    const walker = splitting(plan, supplies);
    walker.more(4_000, totals);
    await way.walk(walker);
    expect(plan.levels.length).toBeGreaterThan(6);
    expect(plan.levels.length).toBeLessThan(16);
    const [first = 0] = totals.rises;
    expect(first).toBeGreaterThan(400);
    for (const rises of totals.rises) {
      expect(rises).toBeGreaterThan(first / 3);
      expect(rises).toBeLessThan(first * 3);
    }
  });

  test("the pilot says how far it got where nobody is ever refused", async () => {
    const endless = await pilot(birthDeath({ utilisation: 0.3, places: 1_000 }, uniform), supplies.branch);
    expect(endless).toMatchObject({ isTooRare: true });
  });
});
