import { randomExponential, randomNormal } from "d3-random";
import jstat from "jstat";
import { describe, expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import { effectiveShare, leastVariance, meanInterval, shareInterval } from "../../src/stats/interval.js";

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
  test("of more events than trials, some of which were in the warm-up, is that of 1", () => {
    // 1 - 0.05^(1/200) = 0.01487.
    const { value, low, high } = shareInterval([101, 100], [100, 100]);
    expect([value, high]).toEqual([1, 1]);
    expect(low).toBeCloseTo(1 - 0.01487, 5);
  });

  test("is that of Clopper and Pearson for one trial a replication", () => {
    const { value, low, high } = shareInterval([1, 1, 1, ...Array(17).fill(0)], Array(20).fill(1));
    expect(value).toBeCloseTo(0.15, 12);
    // The variance between replications is 20/19 of the binomial one, and t(19) is 2.093 where z is 1.960: it
    // is the interval of 2.5 events in 16.7 trials.
    const trials = 19 * (1.959964 / 2.093024) ** 2;
    expect(low).toBeCloseTo(jstat.beta.inv(0.025, 0.15 * trials, 0.85 * trials + 1), 6);
    expect(high).toBeCloseTo(jstat.beta.inv(0.975, 0.15 * trials + 1, 0.85 * trials), 6);
  });

  test("does not shrink with the trials of a cluster: only the spread between replications counts", () => {
    const few = shareInterval([10, 30, 20], [100, 100, 100]);
    const many = shareInterval([1000, 3000, 2000], [10_000, 10_000, 10_000]);
    expect(many.low).toBeCloseTo(few.low, 12);
    expect(many.high).toBeCloseTo(few.high, 12);
    expect(few.low).toBeGreaterThan(0);
    expect(few.high).toBeLessThan(1);
  });

  test("of many events is that of the mean", () => {
    const counts = [5010, 4980, 5020, 4995, 5005, 4990, 5000, 5003, 4997, 5000];
    const trials = counts.map(() => 10_000);
    const mean = meanInterval(counts.map((count) => count / 10_000));
    const share = shareInterval(counts, trials);
    expect((share.high - share.low) / (mean.high - mean.low)).toBeCloseTo(1, 2);
  });

  test("covers the truth in 95 of 100 samples of few events in clusters, where a symmetric one covers less", () => {
    // A replication has, with probability 0.1, a cluster of drops, of 1 to 5 in 1,000 requests: 0.03 %.
    const SAMPLES = 2_000;
    const draw = streams("coverage", 0).stream("clusters");
    let covered = 0;
    let symmetric = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const counts = Array.from({ length: 40 }, () => (draw() < 0.1 ? 1 + Math.floor(5 * draw()) : 0));
      const { low, high } = shareInterval(
        counts,
        counts.map(() => 1_000),
      );
      const mean = meanInterval(counts.map((count) => count / 1_000));
      if (low <= 0.0003 && 0.0003 <= high) covered++;
      if (mean.low <= 0.0003 && 0.0003 <= mean.high) symmetric++;
    }
    // The standard error is 0.005.
    expect(covered / SAMPLES).toBeGreaterThan(0.93);
    expect(covered / SAMPLES).toBeLessThan(0.985);
    expect(covered / SAMPLES).toBeGreaterThan(symmetric / SAMPLES + 0.02);
  });

  test("is the mean of the replications' shares, however many trials each had", () => {
    expect(shareInterval([1, 0], [2, 1_000]).value).toBe(0.25);
    expect(shareInterval([1, 0], [2, 0]).value).toBe(0.25);
  });

  test("of what never happened goes up to about 3 in all trials; of what always did, down to as many less", () => {
    // 1 - 0.05^(1/300).
    expect(shareInterval([0, 0, 0], [100, 100, 100])).toEqual({
      value: 0,
      low: 0,
      high: expect.closeTo(0.009936, 6),
    });
    expect(shareInterval([100, 200], [100, 200])).toEqual({
      value: 1,
      low: expect.closeTo(0.990064, 6),
      high: 1,
    });
    // sqrt(0.05) is 0.2236: two requests that both succeed are no surprise if three in four fail.
    expect(shareInterval([0], [2])).toEqual({ value: 0, low: 0, high: expect.closeTo(0.7764, 4) });
    expect(shareInterval([0], [0])).toEqual({ value: 0, low: 0, high: 1 });
  });

  test("of what never happened goes by clusters where events come together, and by replications at most", () => {
    const none = (together: number) => shareInterval(Array(20).fill(0), Array(20).fill(100), { together });
    // 2,000 requests are 200 clusters of 10: 1 - 0.05^(1/200); of 500 there are fewer than the 20 replications.
    expect(none(10).high).toBeCloseTo(0.01487, 5);
    expect(none(500).high).toBeCloseTo(1 - 0.05 ** (1 / 20), 12);
  });

  test("covers the truth in 91 of 100 samples or more that show any of 3 clusters of about 10", () => {
    // Clusters have a geometric size, as overflows of a queue have, and are anywhere in 20 replications of 10,000.
    // With the spread between replications alone it covers less than 90: 1,500 samples, a standard error of 0.7.
    const SAMPLES = 1_500;
    const draw = streams("coverage", 0).stream("geometric");
    const [truth, trials] = [30 / 200_000, Array(20).fill(10_000)];
    const covered = { now: 0, before: 0, some: 0 };
    for (let sample = 0; sample < SAMPLES; sample++) {
      const counts = trials.map(() => 0);
      const gap = () => -Math.log(1 - draw()) / 3;
      for (let at = gap(); at < 1; at += gap()) {
        counts[Math.floor(20 * at)] += 1 + Math.floor(Math.log(1 - draw()) / Math.log(0.9));
      }
      if (counts.every((count) => count === 0)) continue;
      covered.some++;
      const { value, low, high } = shareInterval(counts, trials);
      if (low <= truth && truth <= high) covered.now++;
      const squares = counts.reduce((sum, count) => sum + (count / 10_000 - value) ** 2, 0);
      const before = effectiveShare(value, squares / 19 / 20, 19);
      if (before.low <= truth && truth <= before.high) covered.before++;
    }
    expect(covered.now / covered.some).toBeGreaterThan(0.91);
    expect(covered.now / covered.some).toBeLessThan(0.975);
    expect(covered.before / covered.some).toBeLessThan(0.905);
  });

  test("is no wider for clusters where most replications have some events", () => {
    const counts = [3, 0, 1, 7, 2, 0, 4, 1, 5, 2];
    expect(leastVariance(0.025, counts, Array(10).fill(100))).toBe(0);
    expect(leastVariance(0.001, [1, ...Array(9).fill(0)], Array(10).fill(100))).toBeGreaterThan(0);
  });

  test("of one replication says nothing beyond 0 and 1", () => {
    expect(shareInterval([67], [200])).toEqual({ value: 0.335, low: 0, high: 1 });
  });

  test("of an exact run has no width", () => {
    expect(shareInterval([0], [200], { exact: true })).toEqual({ value: 0, low: 0, high: 0 });
    expect(shareInterval([67], [200], { exact: true })).toEqual({ value: 0.335, low: 0.335, high: 0.335 });
  });
});
