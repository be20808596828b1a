// Intervals of one long run from its batches, against arithmetic on paper.

import { randomNormal } from "d3-random";
import { describe, expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import {
  dependence,
  dependenceOfAll,
  sectionError,
  sectionInterval,
  sectionShare,
} from "../../src/stats/batch-means.js";
import { meanInterval, shareInterval } from "../../src/stats/interval.js";

describe("the interval of a whole run's value", () => {
  test("is that of the batches' mean if they are of one length", () => {
    const values = [3, 5, 7, 4];
    const plain = meanInterval(values);
    const { value, low, high } = sectionInterval(4.75, values, [2, 2, 2, 2]);
    expect(value).toBe(4.75);
    expect(low).toBeCloseTo(plain.low, 12);
    expect(high).toBeCloseTo(plain.high, 12);
  });

  test("weighs batches by their lengths", () => {
    // Means 10 and 16 of 1 and 3 requests: the whole's is 58 / 4 = 14.5. The residuals are
    // 1/4 (10 - 14.5) = -1.125 and 3/4 (16 - 14.5) = 1.125; 2/1 x 2 x 1.125^2 = 5.0625 = 2.25^2.
    expect(sectionError(14.5, [10, 16], [1, 3])).toBeCloseTo(2.25, 12);
    // t with one degree of freedom is 12.7062.
    expect(sectionInterval(14.5, [10, 16], [1, 3]).high).toBeCloseTo(14.5 + 12.7062 * 2.25, 3);
  });

  test("has its centre in the whole's value, whatever the batches' quantiles are on average", () => {
    // The batches' mean is 6, the centre 5, and the weights are 1/4: 4/3 x 1/16 x (0 + 1 + 1 + 4) = 0.5.
    const { value, low, high } = sectionInterval(5, [5, 6, 6, 7], [1, 1, 1, 1]);
    expect(value).toBe(5);
    expect(sectionError(5, [5, 6, 6, 7], [1, 1, 1, 1])).toBeCloseTo(Math.sqrt(0.5), 12);
    expect(high - 5).toBeCloseTo(5 - low, 12);
  });

  test("is not moved by a batch of no requests", () => {
    // 3/2 x (1/4 (1^2) + 1/4 (1^2)) = 3/4.
    expect(sectionError(2, [1, 3, Number.NaN], [5, 5, 0])).toBeCloseTo(Math.sqrt(0.75), 12);
  });
});

describe("the interval of a share", () => {
  const trials = [100, 100, 100, 100];

  test("is that of replications with as many trials each", () => {
    const counts = [3, 5, 2, 6];
    const [one, other] = [sectionShare(counts, trials), shareInterval(counts, trials)];
    expect(one.value).toBe(0.04);
    expect(one.low).toBeCloseTo(other.low, 12);
    expect(one.high).toBeCloseTo(other.high, 12);
  });

  test("has its centre in all events of all trials", () => {
    // 4 of 10 and 0 of 30 are 10 %, not the 20 % of the batches' shares.
    expect(sectionShare([4, 0], [10, 30]).value).toBeCloseTo(0.1, 12);
  });

  test("of no event is 0 to 1 - 0.05^(1/n), and as far from 1 if all are", () => {
    const [none, all] = [sectionShare([0, 0, 0, 0], trials), sectionShare(trials, trials)];
    expect(none).toMatchObject({ value: 0, low: 0 });
    expect(none.high).toBeCloseTo(0.0074613, 6);
    expect(all).toMatchObject({ value: 1, high: 1 });
    expect(all.low).toBeCloseTo(1 - 0.0074613, 6);
  });

  test("of more events than trials, some of which were in the warm-up, is that of 1", () => {
    expect(sectionShare([100, 101], [100, 100])).toMatchObject({ value: 1, high: 1 });
  });

  test("of one event in one batch is no narrower than of none", () => {
    const none = sectionShare([0, 0, 0, 0], trials);
    const { value, low, high } = sectionShare([0, 1, 0, 0], trials);
    expect(value).toBe(0.0025);
    expect(low).toBeLessThan(0.001);
    expect(high).toBeGreaterThan(none.high);
  });
});

describe("von Neumann's ratio", () => {
  test("of 1, 2, 3, 4 gives 0.7, or 1.92 standard deviations", () => {
    // Squares around 2.5: 2.25 + 0.25 + 0.25 + 2.25 = 5; differences 1 + 1 + 1 = 3; 1 - 3 / 10 = 0.7.
    // 0.7 sqrt(15 / 2) = 1.917.
    const { correlation, z } = dependence([1, 2, 3, 4]) ?? { correlation: 0, z: 0 };
    expect(correlation).toBeCloseTo(0.7, 12);
    expect(z).toBeCloseTo(1.917, 3);
  });

  test("of values that alternate is negative: they are no reason for a doubt", () => {
    // Squares 4, differences 3 x 4 = 12; 1 - 12 / 8 = -0.5.
    expect(dependence([1, -1, 1, -1])?.correlation).toBeCloseTo(-0.5, 12);
    const many = Array.from({ length: 40 }, (_, index) => index % 2);
    expect(dependenceOfAll([many]).isIndependent).toBe(true);
  });

  test("of what never varies says nothing", () => {
    expect(dependence([0.1, 0.1, 0.1, 0.1])).toBeUndefined();
    expect(dependenceOfAll([[7, 7, 7]])).toEqual({ correlation: 0, isIndependent: true });
  });

  test("refuses about one in ten of independent triples of series", () => {
    const SAMPLES = 2_000;
    const normal = randomNormal.source(streams("batches", 0).stream("normal"))(0, 1);
    const series = () => Array.from({ length: 40 }, normal);
    let refused = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      if (!dependenceOfAll([series(), series(), series()]).isIndependent) refused++;
    }
    // 1 - (1 - 0.1 / 3)^3 = 0.0967, with a standard error of 0.0066: three of them.
    expect(Math.abs(refused / SAMPLES - 0.0967)).toBeLessThan(0.02);
  });

  test("refuses nearly all series of a correlation of 0.6", () => {
    const normal = randomNormal.source(streams("batches", 0).stream("correlated"))(0, 1);
    let refused = 0;
    for (let sample = 0; sample < 200; sample++) {
      let last = 0;
      const series = Array.from({ length: 40 }, () => (last = 0.6 * last + 0.8 * normal()));
      if (!dependenceOfAll([series]).isIndependent) refused++;
    }
    // The ratio is 0.6 -+ 0.14 then, and 0.2 is the most that passes: 2.8 standard deviations.
    expect(refused / 200).toBeGreaterThan(0.95);
  });
});
