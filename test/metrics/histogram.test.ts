import fc from "fast-check";
import { build } from "hdr-histogram-js";
import { describe, expect, test } from "vitest";
import { Histogram, joined, type Records } from "../../src/metrics/histogram.js";

const WORST = 0.001;
const LARGEST = 2 ** 53;

// As many small numbers as large ones: a uniform one has 53 bits as a rule.
const value = fc.oneof(
  fc.nat(2_000),
  fc.double({ min: 0, max: 53, noNaN: true }).map((bits) => Math.min(Math.floor(2 ** bits), LARGEST)),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, LARGEST - 1, LARGEST),
);
const values = fc.array(value, { minLength: 1, maxLength: 300 });
const share = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 1),
);

function histogramOf(recorded: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const one of recorded) histogram.record(one);
  return histogram;
}

/** The rule that all quantiles here follow. */
function exactQuantile(recorded: readonly number[], q: number): number {
  const sorted = [...recorded].sort((one, other) => one - other);
  return sorted[Math.min(Math.floor(q * sorted.length), sorted.length - 1)] as number;
}

describe("a histogram", () => {
  test("gives every quantile within 0.1 % of the sorted values, by rank floor(q n)", () => {
    fc.assert(
      fc.property(values, fc.array(share, { minLength: 1, maxLength: 20 }), (recorded, shares) => {
        const histogram = histogramOf(recorded);
        for (const q of shares) {
          const exact = exactQuantile(recorded, q);
          expect(Math.abs(histogram.quantile(q) - exact)).toBeLessThanOrEqual(WORST * exact);
        }
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  test("keeps that promise at the edges of buckets in every octave", () => {
    // Every 37th bucket of 512; zero and the largest value keep the middle one from being an extreme.
    for (let octave = 0; octave <= 52; octave++) {
      for (let bucket = 0; bucket <= 512; bucket += 37) {
        const lowest = Math.ceil(2 ** octave * (1 + bucket / 512));
        for (const exact of [lowest, Math.max(1, lowest - 1)]) {
          const error = Math.abs(histogramOf([0, exact, LARGEST]).quantile(0.5) - exact) / exact;
          if (error > WORST) expect.fail(`${exact} is off by ${error}`);
        }
      }
    }
  });

  test("has exact count, minimum, maximum and mean", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e12), { minLength: 1, maxLength: 200 }), (recorded) => {
        const { count, min, max, mean } = histogramOf(recorded);
        const sum = recorded.reduce((total, one) => total + one, 0);
        expect([count, min, max, mean]).toEqual([
          recorded.length,
          Math.min(...recorded),
          Math.max(...recorded),
          sum / recorded.length,
        ]);
      }),
      { seed: 4 },
    );
  });

  test("that was merged equals one that has recorded everything", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e12)), fc.array(fc.nat(1e12)), (some, others) => {
        const merged = histogramOf(some);
        merged.merge(histogramOf(others));
        const all = histogramOf([...some, ...others]);
        expect([merged.count, merged.sum, merged.min, merged.max]).toEqual([
          all.count,
          all.sum,
          all.min,
          all.max,
        ]);
        for (const q of [0, 0.1, 0.5, 0.9, 1]) expect(merged.quantile(q)).toEqual(all.quantile(q));
      }),
      { seed: 5 },
    );
  });

  test.each([0, 1, 2, 1023, 1024, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 1, 2 ** 53])(
    "of nothing but %d has that value in every respect",
    (only) => {
      const histogram = histogramOf([only, only, only]);
      expect([histogram.min, histogram.max, histogram.mean]).toEqual([only, only, only]);
      for (const q of [0, 0.5, 1]) expect(histogram.quantile(q)).toBe(only);
    },
  );

  test("of zero and one keeps them apart", () => {
    const histogram = histogramOf([0, 0, 1, 1]);
    expect([0, 0.49, 0.5, 1].map((q) => Math.round(histogram.quantile(q)))).toEqual([0, 0, 1, 1]);
  });

  test("has rank floor(q n), which for a whole q n is the value above", () => {
    // Of 1000, 2000 ... 10000: floor(0.5 x 10) is rank 5, the sixth value.
    const histogram = histogramOf(Array.from({ length: 10 }, (_, index) => (index + 1) * 1_000));
    const thousands = (q: number) => Math.round(histogram.quantile(q) / 1_000);
    expect([0, 0.09, 0.1, 0.5, 0.95, 0.99, 1].map(thousands)).toEqual([1, 1, 2, 6, 10, 10, 10]);
  });

  test("without records has no mean and no quantiles", () => {
    const histogram = new Histogram();
    expect([histogram.count, histogram.mean, histogram.quantile(0.5)]).toEqual([0, Number.NaN, Number.NaN]);
  });

  test("agrees with HdrHistogram of five digits on 200,000 latencies", () => {
    const histogram = new Histogram();
    const oracle = build({ numberOfSignificantValueDigits: 5, highestTrackableValue: LARGEST / 2 });
    // Lognormal-like: the product of uniforms of a small linear congruential generator.
    let state = 1;
    const uniform = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 1) / 2 ** 32;
    };
    for (let index = 0; index < 200_000; index++) {
      const latencyNs = Math.round(5e7 * uniform() * uniform() * 10 ** (3 * uniform()));
      histogram.record(latencyNs);
      oracle.recordValue(latencyNs);
    }
    for (const q of [0, 0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999]) {
      // The oracle rounds the rank, counted from 1, to the nearest.
      const rank = Math.floor(q * 200_000) + 1;
      const expected = oracle.getValueAtPercentile((100 * rank) / 200_000);
      const relativeError = Math.abs(histogram.quantile(q) / expected - 1);
      expect(relativeError).toBeLessThan(WORST + 2e-5);
    }
    expect(histogram.mean / oracle.mean).toBeCloseTo(1, 4);
  });
});

test("records that are taken out and put back, in any parts, are the histogram they were", () => {
  fc.assert(
    // Of up to 400 values below 2^44 the sum is exact.
    fc.property(fc.array(fc.array(fc.nat(2 ** 31 - 1), { maxLength: 100 }), { maxLength: 4 }), (parts) => {
      const live = new Histogram();
      const taken = parts.map((part) => {
        for (const one of part) live.record(one * 4096);
        return live.take();
      });
      expect(live).toEqual(new Histogram());
      for (const records of taken) live.put(records);
      expect(live).toEqual(histogramOf(parts.flat().map((one) => one * 4096)));
    }),
    // Each comparison looks at all 27,649 buckets.
    { numRuns: 12 },
  );
});

test("records that are joined are those of one histogram", () => {
  const part = fc.array(fc.oneof(fc.nat(20), fc.nat(2 ** 31 - 1)), { maxLength: 60 });
  fc.assert(
    fc.property(part, part, (some, others) => {
      const [one, other] = [some, others].map((all) => histogramOf(all).take());
      const both = joined(one as Records, other as Records);
      expect(both).toEqual(histogramOf([...some, ...others]).take());
    }),
    { numRuns: 50 },
  );
});
