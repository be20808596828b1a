// Differences of pairs, against values computed by hand and against what is promised of intervals.

import { describe, expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import { shareInterval } from "../../src/stats/interval.js";
import { type Counted, holm, pairedMean, pairedShare, varianceRatio } from "../../src/stats/paired.js";

describe("the difference of two means", () => {
  // d = 1, 2, 0, 3: mean 1.5, s^2 = (0.25 + 0.25 + 2.25 + 2.25) / 3 = 5/3, error sqrt(5/12) = 0.645497,
  // t(0.975; 3) = 3.182446, half-width 2.054261.
  const [a, b] = [
    [1, 2, 3, 4],
    [2, 4, 3, 7],
  ] as const;

  test("has the paired-t interval", () => {
    const { value, low, high, method, pairs, differing } = pairedMean(a, b);
    expect([value, method, pairs, differing]).toEqual([1.5, "t", 4, 3]);
    expect(low).toBeCloseTo(1.5 - 2.054261, 5);
    expect(high).toBeCloseTo(1.5 + 2.054261, 5);
  });

  test("has the p of Student's t in both directions", () => {
    // With 3 degrees of freedom F(t) = 1/2 + (x / (1 + x^2) + atan x) / pi, x = t / sqrt 3 (Student 1908).
    const x = 1.5 / Math.sqrt(5 / 12) / Math.sqrt(3);
    const p = 1 - (2 / Math.PI) * (x / (1 + x * x) + Math.atan(x));
    expect(pairedMean(a, b).p).toBeCloseTo(p, 9);
    expect(pairedMean(b, a).p).toBeCloseTo(p, 9);
  });

  test("of 0.95 is as wide as p says: it reaches 0 at the confidence 1 - p", () => {
    const { at, p } = pairedMean(a, b);
    expect(at(1 - p).low).toBeCloseTo(0, 6);
  });

  test("leaves out pairs of which one has no such number", () => {
    const found = pairedMean([1, Number.NaN, 3, 5], [2, 2, Number.NaN, 8]);
    expect([found.value, found.pairs]).toEqual([2, 2]);
  });

  test("is not known of a single pair, unless nothing is random", () => {
    expect(pairedMean([1], [3])).toMatchObject({
      value: 2,
      low: -Infinity,
      high: Infinity,
      method: "none",
      p: 1,
    });
    expect(pairedMean([1], [3], true)).toMatchObject({ value: 2, low: 2, high: 2, method: "exact", p: 0 });
  });

  test("is exactly 0 where the numbers differ by their rounding only", () => {
    expect(pairedMean([0.3, 0.6], [0.1 + 0.2, 0.6])).toMatchObject({
      value: 0,
      low: 0,
      high: 0,
      p: 1,
      differing: 0,
    });
  });
});

/** So many events in each pair, of 100 trials. */
const of100 = (counts: readonly number[]): Counted => ({
  shares: counts.map((count) => count / 100),
  trials: counts.map(() => 100),
});

describe("the difference of two shares", () => {
  test("is Student's where enough pairs differ by enough events", () => {
    const a = of100([10, 12, 9, 14, 11]);
    const b = of100([15, 16, 15, 17, 18]);
    const t = pairedMean(a.shares, b.shares);
    expect(pairedShare(a, b)).toMatchObject({ low: t.low, high: t.high, method: "t", p: t.p });
  });

  test("reaches about 3 / n to both sides where no pair differs", () => {
    // 1 - 0.05^(1/500) of 500 trials.
    const found = pairedShare(of100([3, 0, 1, 0, 2]), of100([3, 0, 1, 0, 2]));
    expect(found).toMatchObject({ value: 0, method: "gained and lost", differing: 0, p: 1 });
    expect(found.high).toBeCloseTo(1 - 0.05 ** (1 / 500), 12);
    expect(found.low).toBeCloseTo(0.05 ** (1 / 500) - 1, 12);
  });

  test("reaches as far as clusters do where events come together and no pair differs", () => {
    // 100 clusters of 5 in 500 trials could have been.
    const one = { ...of100([3, 0, 1, 0, 2]), together: 5 };
    for (const [a, b] of [
      [one, of100([3, 0, 1, 0, 2])],
      [of100([3, 0, 1, 0, 2]), one],
    ] as const) {
      const found = pairedShare(a, b);
      expect(found.high).toBeCloseTo(1 - 0.05 ** (1 / 100), 12);
      expect(found.low).toBeCloseTo(0.05 ** (1 / 100) - 1, 12);
    }
  });

  test("of lost events, if none were, has a bound by the clusters of those that were gained", () => {
    // In 8 of 20 pairs: -20 ln(12/20) = 10.217 clusters, of 8 events, beside one of 10: 18 / 11.217 each.
    const counts = [...new Array(8).fill(1), ...new Array(12).fill(0)];
    const none = of100(new Array(20).fill(0));
    const [single, some] = [
      pairedShare(none, of100(counts)),
      pairedShare({ ...none, together: 10 }, of100(counts)),
    ];
    // MOVER: the low end is the value - sqrt(l^2 + u^2 + 2 r l u) with l that of what is gained, and u the bound
    // of what is lost, whose correlation with none is 0.
    const l = 0.004 - shareInterval(counts, new Array(20).fill(100)).low;
    const bound = (together: number) => 1 - 0.05 ** (together / 2000);
    expect(single.low).toBeCloseTo(0.004 - Math.hypot(l, bound(1)), 4);
    expect(some.low).toBeCloseTo(0.004 - Math.hypot(l, bound(18 / 11.217)), 4);
    expect([single.p < 0.05, some.p < 0.05]).toEqual([true, true]);
    // One cluster of 8 is no such evidence: there may be as many of the other kind.
    const cluster = of100([8, ...new Array(19).fill(0)]);
    expect(pairedShare({ ...none, together: 10 }, cluster).p).toBeGreaterThan(0.3);
  });

  test("with one event in one pair has the upper end of that event, and is no finding", () => {
    const [none, one] = [of100(new Array(10).fill(0)), of100([1, ...new Array(9).fill(0)])];
    const found = pairedShare(none, one);
    expect(found.high).toBeCloseTo(
      shareInterval([1, ...new Array(9).fill(0)], new Array(10).fill(100)).high,
      12,
    );
    expect(found.low).toBeLessThan(0);
    expect(found.p).toBeGreaterThan(0.05);
    // The other way round it is the mirror image.
    const mirrored = pairedShare(one, none);
    expect([mirrored.low, mirrored.high, mirrored.p]).toEqual([-found.high, -found.low, found.p]);
  });

  test("of the same one event in each pair is not thought to be without spread", () => {
    // t would say 0.01 -+ 0 after three pairs.
    const found = pairedShare(of100([0, 0, 0]), of100([1, 1, 1]));
    expect(found.method).toBe("gained and lost");
    expect(pairedMean([0, 0, 0], [0.01, 0.01, 0.01]).high).toBe(0.01);
    // Three independent events in 300 trials have the exact interval 0.2 to 2.9 % (Clopper and Pearson 1934),
    // less what t with 2 degrees of freedom takes.
    expect(found.high).toBeGreaterThan(0.029);
    expect(found.low).toBeLessThan(0.002);
  });

  test("has a p that its interval reaches 0 at", () => {
    const found = pairedShare(of100([0, 0, 0, 1, 0, 0]), of100([2, 0, 3, 0, 1, 0]));
    expect(found.method).toBe("gained and lost");
    expect(found.at(1 - found.p).low).toBeCloseTo(0, 9);
  });

  // Pairs of 1,000 trials: an event of both has the mean 0.2 in a pair, one of B alone as well; so 4 are gained in
  // 20 pairs on average. The truth is 0.0002. Of 1,000 intervals 95 % have a standard error of 0.7 points; exact
  // intervals of few events hold more.
  test("with few events holds the truth at least 93 times in a hundred, where t does less often", () => {
    const draw = poisson("few events");
    let [held, heldByT] = [0, 0];
    for (let run = 0; run < 1000; run++) {
      const a = Array.from({ length: 20 }, () => draw(0.2));
      const b = a.map((count) => count + draw(0.2));
      const [one, other] = [a, b].map(of1000) as [Counted, Counted];
      const found = pairedShare(one, other);
      const t = pairedMean(one.shares, other.shares);
      if (found.low <= 0.0002 && found.high >= 0.0002) held++;
      if (t.low <= 0.0002 && t.high >= 0.0002) heldByT++;
    }
    expect(held).toBeGreaterThanOrEqual(930);
    expect(heldByT).toBeLessThan(930);
  });

  // Both alike and independent, 6 events each in 20 pairs on average. Of 1,000 at most 5 % + 3 x 0.7 points.
  test("with few events and no difference is rarely a finding", () => {
    const draw = poisson("no difference");
    let alarms = 0;
    for (let run = 0; run < 1000; run++) {
      const counts = () => of1000(Array.from({ length: 20 }, () => draw(0.3)));
      if (pairedShare(counts(), counts()).p <= 0.05) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(71);
  });
});

const of1000 = (counts: readonly number[]): Counted => ({
  shares: counts.map((count) => count / 1000),
  trials: counts.map(() => 1000),
});

/** Poisson numbers by inversion. */
function poisson(stream: string): (mean: number) => number {
  const uniform = streams("1", 0).stream(stream);
  return (mean) => {
    let [count, left, probability] = [0, uniform(), Math.exp(-mean)];
    while (left >= probability) {
      left -= probability;
      probability *= mean / ++count;
    }
    return count;
  };
}

describe("the variance ratio", () => {
  test("is that of the differences over the sum of both", () => {
    // Variances 5/3 of 1, 2, 3, 4 and 14/3 of 2, 4, 3, 7; of the differences 5/3.
    expect(varianceRatio([1, 2, 3, 4], [2, 4, 3, 7])).toBeCloseTo(5 / 19, 12);
  });

  test("is 0 where B is A and a constant, 2 where B goes against A", () => {
    expect(varianceRatio([1, 2, 4], [6, 7, 9])).toBe(0);
    expect(varianceRatio([1, 2, 4], [-1, -2, -4])).toBeCloseTo(2, 12);
  });

  test("is not known where nothing varies, nor of one pair", () => {
    expect(varianceRatio([1, 1], [2, 2])).toBeUndefined();
    expect(varianceRatio([1], [2])).toBeUndefined();
  });
});

test("Holm's probabilities are those times what is left to judge, and never fall", () => {
  // Sorted 0.005, 0.01, 0.03, 0.04: times 4, 3, 2, 1 are 0.02, 0.03, 0.06, 0.04 -> 0.06 (Holm 1979).
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.7, 0.8])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
