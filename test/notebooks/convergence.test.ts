import { describe, expect, test } from "vitest";
import {
  experiments,
  halfWidths,
  MEASURED,
  ordinaryMisses,
  refusedIn,
  squareRootLaw,
  TRUTH,
} from "../../notebooks/lib/convergence.js";

const pause = async () => {};
/** Shares of 4.6 and 5.2 %, whose mean is near the truth of 4.88 %. */
const alternating = Array.from({ length: 40 }, (_, index) => MEASURED * (index % 2 === 0 ? 0.046 : 0.052));

describe("the notebook's intervals", () => {
  test("count as many misses as are ordinary", () => {
    // Of 100 with 5 % each: P(0) = 0.95^100 = 0.6 %, P(0 or 1) = 3.7 %; P(more than 9) = 2.8 %, P(more than 10) = 1.1 %.
    expect(ordinaryMisses(100, 0.95)).toEqual([1, 10]);
    // P(0) = 0.99^100 = 37 %; P(more than 2) = 7.9 %, P(more than 3) = 1.8 %.
    expect(ordinaryMisses(100, 0.99)).toEqual([0, 3]);
    // Two tosses of a coin: each number of misses has 25 % or more.
    expect(ordinaryMisses(2, 0.5)).toEqual([0, 2]);
  });

  test("are of disjoint groups, and only of whole ones", () => {
    const options = { size: 3, count: 100, confidence: 0.95 };
    expect(experiments(alternating, options).map(({ number }) => number)).toEqual(
      Array.from({ length: 13 }, (_, index) => index + 1),
    );
    expect(experiments(alternating, { ...options, count: 5 })).toHaveLength(5);
  });

  test("say whether they hold the truth", () => {
    const options = { size: 40, count: 1, confidence: 0.95 };
    expect(experiments(alternating, options)).toMatchObject([{ holdsTruth: true }]);
    const doubled = alternating.map((count) => 2 * count);
    expect(experiments(doubled, options)).toMatchObject([{ holdsTruth: false }]);
  });

  test("shrink along paths of equal length, the last point with all of its replications", () => {
    const found = halfWidths(alternating, 4);
    for (const path of [0, 1, 2, 3]) {
      const own = found.filter((one) => one.path === path).map(({ replications }) => replications);
      expect([own[0], own.at(-1)]).toEqual([2, 10]);
      expect(own).toEqual([...new Set(own)]);
    }
  });

  test("follow the square root: half of it for four times the replications", () => {
    // s = 0.3 % sqrt(40 / 39): the shares lie 0.3 % on either side of their mean.
    expect(squareRootLaw(alternating, 1)).toBeCloseTo(1.96 * 0.003 * Math.sqrt(40 / 39), 10);
    expect(squareRootLaw(alternating, 100)).toBeCloseTo(squareRootLaw(alternating, 25) / 2, 12);
  });

  test("have no bias: the mean of 200 replications is within 4 standard errors of the exact share", async () => {
    const batches = await Promise.all([0, 1, 2, 3].map((batch) => refusedIn(batch, pause)));
    const refused = batches.flat();
    const mean = refused.reduce((sum, count) => sum + count, 0) / refused.length / MEASURED;
    expect(Math.abs(mean - TRUTH)).toBeLessThan((4 / 1.96) * squareRootLaw(refused, refused.length));
  });
});
