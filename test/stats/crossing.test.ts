import { describe, expect, test } from "vitest";
import { lastAbove, lineBetween } from "../../src/stats/crossing.js";
import { meanInterval, shareInterval } from "../../src/stats/interval.js";

const NEAR = [0.01, 0.03, 0.02, 0.02];
const FAR = [0.09, 0.07, 0.08, 0.08];
const TRIALS = [1000, 1000, 1000, 1000];

describe("between two ends", () => {
  test("the estimate is their geometric mean where both are above 0, and at the ends it is theirs", () => {
    const line = lineBetween({ near: NEAR, far: FAR });
    // sqrt(0.02 x 0.08).
    expect(line.at(0.5).value).toBeCloseTo(0.04, 12);
    for (const [place, values] of [
      [0, NEAR],
      [1, FAR],
    ] as const) {
      const { value, low, high } = meanInterval(values);
      expect(line.at(place).value).toBeCloseTo(value, 12);
      expect(line.at(place).low).toBeCloseTo(low, 12);
      expect(line.at(place).high).toBeCloseTo(high, 12);
    }
  });

  test("it is their weighted mean where one of them is 0", () => {
    expect(lineBetween({ near: [0, 0], far: [1, 3] }).at(0.25).value).toBe(0.5);
  });

  test("what the ends have in common narrows the interval: opposite deviations cancel halfway", () => {
    // y_i = 0.04 (near_i / 0.02 + far_i / 0.08) / 2: deviations of -+ 50 % and +- 12.5 %, against the same
    // sign.
    const half = (far: number[]) => {
      const { low, high } = lineBetween({ near: NEAR, far }).at(0.5);
      return high - low;
    };
    expect(half(FAR) / half([0.07, 0.09, 0.08, 0.08])).toBeCloseTo((50 - 12.5) / (50 + 12.5), 9);
  });

  test("shares have the interval of shares, also where there were none", () => {
    const line = lineBetween({ near: NEAR, far: FAR, trials: TRIALS });
    const counts = NEAR.map((share) => share * 1000);
    const expected = shareInterval(counts, TRIALS);
    expect(line.at(0).low).toBeCloseTo(expected.low, 12);
    expect(line.at(0).high).toBeCloseTo(expected.high, 12);
    // Of 4,000 independent trials.
    const none = lineBetween({ near: [0, 0, 0, 0], far: FAR, trials: TRIALS }).at(0);
    expect(none.high).toBeCloseTo(1 - 0.05 ** (1 / 4000), 12);
    // Of 1,000 clusters of four.
    const fours = lineBetween({ near: [0, 0, 0, 0], far: FAR, trials: TRIALS, together: 4 }).at(0);
    expect(fours.high).toBeCloseTo(1 - 0.05 ** (1 / 1000), 12);
  });

  test("pairs of which one has no number are left out; without any nothing is known", () => {
    expect(lineBetween({ near: [1, Number.NaN, 3], far: [1, 5, 3] }).at(0).value).toBe(2);
    expect(lineBetween({ near: [Number.NaN], far: [1] }).at(0)).toEqual({
      value: Number.NaN,
      low: -Infinity,
      high: Infinity,
    });
  });
});

test("lastAbove finds where a function stops to be positive, or answers the end", () => {
  expect(lastAbove((place) => 0.3 - place, 0, 1)).toBeCloseTo(0.3, 8);
  expect(lastAbove((place) => 2 - place, 0, 1)).toBe(1);
});
