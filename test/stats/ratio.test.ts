import { describe, expect, test } from "vitest";
import { ratioInterval } from "../../src/stats/ratio.js";

describe("the interval of a ratio", () => {
  test("is that of the mean if all batches are of one size", () => {
    // Mean 2, standard deviation 1, n = 3: 2 -+ 4.302653 / sqrt(3) (SciPy: stats.t.ppf(0.975, 2)), and 0 at least.
    const { value, low, high } = ratioInterval([1, 2, 3], [1, 1, 1]);
    expect(value).toBe(2);
    expect(low).toBe(0);
    expect(high).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 6);
  });

  test("is a point if the two are in proportion, whatever the sizes", () => {
    const { value, low, high } = ratioInterval([1, 2, 4], [10, 20, 40]);
    expect([value, low, high].map((one) => Number(one.toFixed(12)))).toEqual([0.1, 0.1, 0.1]);
  });

  test("needs something below the line", () => {
    expect(() => ratioInterval([], [])).toThrow("something below the line");
    expect(() => ratioInterval([1], [0])).toThrow("something below the line");
  });
});
