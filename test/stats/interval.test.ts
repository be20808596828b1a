import { randomExponential, randomNormal } from "d3-random";
import { describe, expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import { meanInterval, shareInterval } from "../../src/stats/interval.js";

describe("the interval of a mean", () => {
  // The two-sided 5 % points of Student's t, as printed in every statistics book.
  test.each([
    [1, 12.7062],
    [2, 4.3027],
    [4, 2.7764],
    [9, 2.2622],
    [19, 2.093],
    [29, 2.0452],
    [120, 1.9799],
  ])("with %d degrees of freedom is %d standard errors to each side", (degreesOfFreedom, t) => {
    const length = degreesOfFreedom + 1;
    const values = Array.from({ length }, (_, index) => 100 + index);
    // The variance of n consecutive whole numbers is n (n + 1) / 12.
    const standardError = Math.sqrt((length * (length + 1)) / 12 / length);
    const { value, low, high } = meanInterval(values);
    expect(value).toBeCloseTo(100 + degreesOfFreedom / 2, 12);
    expect((high - value) / standardError).toBeCloseTo(t, 4);
    expect((value - low) / standardError).toBeCloseTo(t, 4);
  });

  test("of 3, 5, 7 is 5 -+ 4.303 x 2 / sqrt(3)", () => {
    const { value, low, high } = meanInterval([3, 5, 7]);
    expect(value).toBe(5);
    expect(low).toBeCloseTo(0.0317, 3);
    expect(high).toBeCloseTo(9.9683, 3);
  });

  test("of one value has no bound, since nothing is known of its spread", () => {
    expect(meanInterval([4])).toEqual({ value: 4, low: -Infinity, high: Infinity });
  });

  test("of an exact value, or of equal ones, has no width", () => {
    expect(meanInterval([4], true)).toEqual({ value: 4, low: 4, high: 4 });
    expect(meanInterval([4, 4, 4])).toEqual({ value: 4, low: 4, high: 4 });
  });

  test("covers the true mean in about 95 of 100 samples of 10", () => {
    const SAMPLES = 2_000;
    const normal = randomNormal.source(streams("coverage", 0).stream("normal"))(50, 7);
    let covered = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const { low, high } = meanInterval(Array.from({ length: 10 }, normal));
      if (low <= 50 && 50 <= high) covered++;
    }
    // The standard error of 0.95 in 2,000 trials is 0.0049: three of them.
    expect(Math.abs(covered / SAMPLES - 0.95)).toBeLessThan(0.0147);
  });

  test("covers less, about 90 of 100, when 10 skewed values stand in for normal ones", () => {
    const SAMPLES = 2_000;
    const skewed = randomExponential.source(streams("coverage", 0).stream("exponential"))(1 / 50);
    let covered = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const { low, high } = meanInterval(Array.from({ length: 10 }, skewed));
      if (low <= 50 && 50 <= high) covered++;
    }
    // The interval is exact for normal values only: replications have to be long enough for that.
    expect(covered / SAMPLES).toBeGreaterThan(0.87);
    expect(covered / SAMPLES).toBeLessThan(0.93);
  });
});

describe("the interval of a share", () => {
  test("is the mean's, cut at 0 and 1", () => {
    const { value, low, high } = shareInterval([10, 30, 20], [100, 100, 100]);
    // 0.2 -+ 4.303 x 0.1 / sqrt(3) would be -0.048 to 0.448.
    expect(value).toBeCloseTo(0.2, 12);
    expect(low).toBe(0);
    expect(high).toBeCloseTo(0.4484, 3);
    expect(shareInterval([90, 70, 80], [100, 100, 100]).high).toBe(1);
  });

  test("is the mean of the replications' shares, however many trials each had", () => {
    expect(shareInterval([1, 0], [2, 1_000]).value).toBe(0.25);
    expect(shareInterval([1, 0], [2, 0]).value).toBe(0.25);
  });

  test("of what never happened goes up to 3 in all trials; of what always did, down to as many less", () => {
    expect(shareInterval([0, 0, 0], [100, 100, 100])).toEqual({ value: 0, low: 0, high: 0.01 });
    expect(shareInterval([100, 200], [100, 200])).toEqual({ value: 1, low: 0.99, high: 1 });
    expect(shareInterval([0], [2])).toEqual({ value: 0, low: 0, high: 1 });
    expect(shareInterval([0], [0])).toEqual({ value: 0, low: 0, high: 1 });
  });

  test("of one replication says nothing beyond 0 and 1", () => {
    expect(shareInterval([67], [200])).toEqual({ value: 0.335, low: 0, high: 1 });
  });

  test("of an exact run has no width", () => {
    expect(shareInterval([0], [200], true)).toEqual({ value: 0, low: 0, high: 0 });
    expect(shareInterval([67], [200], true)).toEqual({ value: 0.335, low: 0.335, high: 0.335 });
  });
});
