// What is promised of a capacity, counted over many seeds: queues with 300 requests whose exact share of
// refusals is known for each load, number of servers and of places (finite-queue.ts).

import { beforeAll, describe, expect, test } from "vitest";
import { capacity, load } from "../../src/index.js";
import type { Capacity, CapacityEnd } from "../../src/run/capacity-result.js";
import { type FiniteQueue, finiteQueue, truth } from "./finite-queue.js";

const shareOf = (queue: FiniteQueue) => truth(queue).share;
const answer = (found: Capacity) => found.answer as CapacityEnd;

describe("the largest rate of M/M/1/4 that is refused to 10 %, of 40 seeds", () => {
  const SEEDS = 40;
  const found: Capacity[] = [];
  let exact = 0;

  beforeAll(async () => {
    let [low, high] = [0.1, 2];
    for (let halving = 0; halving < 40; halving++) {
      const middle = (low + high) / 2;
      if (shareOf({ places: 4, rho: middle }) < 0.1) low = middle;
      else high = middle;
    }
    exact = low;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const scenario = load(finiteQueue({ places: 4 }, 20), { seed });
      const search = { max: "rate", slo: "EAGAIN.share < 10%", within: "0.5/s..1.2/s", precision: 0.08 };
      found.push(await capacity(scenario, search));
    }
  }, 300_000);

  const held = (scale: number) =>
    found.map(answer).filter(({ value, low, high }) => {
      return exact >= value - scale * (value - low) && exact <= value + scale * (high - value);
    }).length / SEEDS;

  // 95 % of 40 have a standard error of 3.4 points.
  test("85 to 100 % of the intervals hold the exact one, and of those half as wide far fewer", () => {
    expect(held(1)).toBeGreaterThanOrEqual(0.85);
    expect(held(0.5)).toBeLessThan(0.85);
  });

  test("all are as precise as asked for, with no bias beyond its noise", () => {
    expect(found.map(({ status }) => status)).toEqual(found.map(() => "found"));
    const halves = found
      .map(answer)
      .map(({ value, low, high }) => Math.max(high - value, value - low) / value);
    expect(Math.max(...halves)).toBeLessThanOrEqual(0.0805);
    // 8 % are 2 standard errors of one, and 12 of the mean of 40.
    const mean = found.reduce((sum, one) => sum + answer(one).value, 0) / SEEDS;
    expect(Math.abs(mean / exact - 1)).toBeLessThan(0.02);
  });

  test("with fewer replications than bisection, which sees no more of the range", () => {
    const sum = (of: (one: Capacity) => number) => found.reduce((all, one) => all + of(one), 0);
    expect(sum((one) => one.replications)).toBeLessThan(sum((one) => one.bisection_replications ?? 0));
  });
});

// An error of 5 % in 12 searches: more than 3 wrong ones have a probability of 0.2 %.
describe("at most 3 of 12 searches are wrong about whole numbers:", () => {
  const wrong = async (queue: FiniteQueue, knob: string, within: string, slo: string, exact: number) => {
    let count = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const scenario = load(finiteQueue(queue, 20), { seed });
      const found = await capacity(scenario, { min: knob, slo, within });
      expect(found.status).toBe("found");
      if (answer(found).value !== exact) count++;
    }
    return count;
  };

  test("the fewest servers of M/M/c/8", { timeout: 300_000 }, async () => {
    // The backlog is 3 with 4 servers; with c of them there are c + 4 places.
    const share = (servers: number) => shareOf({ places: servers + 4, rho: 3.2, servers });
    expect([share(4) > 0.03, share(5) < 0.03]).toEqual([true, true]);
    const queue = { places: 8, rho: 3.2, servers: 4 };
    expect(await wrong(queue, "gunicorn.workers", "1..9", "EAGAIN.share < 3%", 5)).toBeLessThanOrEqual(3);
  });

  test("the smallest backlog of M/M/1/K", { timeout: 300_000 }, async () => {
    // K = backlog + 2.
    // 8.64 % with 5 places and 6.5 % with 6.
    expect([shareOf({ places: 5 }) > 0.075, shareOf({ places: 6 }) < 0.075]).toEqual([true, true]);
    const slo = "EAGAIN.share < 7.5%";
    expect(await wrong({ places: 4 }, "gunicorn.backlog", "1..12", slo, 4)).toBeLessThanOrEqual(3);
  });
});
