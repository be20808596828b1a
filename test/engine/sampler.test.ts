import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Distribution, isRandom, meanNs, sampler } from "../../src/engine/distribution.js";
import { streams } from "../../src/engine/random.js";
import { MILLISECOND as MS } from "../../src/engine/time.js";

const DRAWS = 200_000;

function drawn(distribution: Distribution, count = DRAWS): Float64Array {
  const next = sampler(distribution, streams("1", 0).stream("drawn"));
  return Float64Array.from({ length: count }, () => next());
}

/** How many standard errors a count of values lies from what their probability leads to expect. */
function shareZ(count: number, probability: number): number {
  return Math.abs(count - DRAWS * probability) / Math.sqrt(DRAWS * probability * (1 - probability));
}

const undrawn = () => {
  throw new Error("drew from its source");
};

describe("a sampler", () => {
  test("rounds to the nearest nanosecond and not down", () => {
    const distribution: Distribution = { kind: "uniform", lowNs: 0, highNs: 2 };
    const sources = [0.2, 0.25, 0.74, 0.75].map((uniform) => sampler(distribution, () => uniform)());
    expect(sources).toEqual([0, 1, 1, 2]);
  });

  test("rounds 0.5 ns up and never gives minus zero", () => {
    expect(sampler({ kind: "exponential", meanNs: MS }, () => 0)()).toBe(0);
    expect(sampler({ kind: "constant", valueNs: 1.5 }, undrawn)()).toBe(2);
  });

  test("of a Pareto uses 53 bits: its largest value is 2^(53/alpha) minima", () => {
    const largest = sampler({ kind: "pareto", minimumNs: 1, alpha: 2 }, () => 1 - 2 ** -32)();
    expect(largest).toBe(Math.round(2 ** 26.5));
  });

  test("draws as many uniforms whatever the parameters, so that other values of a stream stay", () => {
    const used = (distribution: Distribution) => {
      const source = streams("1", 0).stream("counted");
      let count = 0;
      const next = sampler(distribution, () => {
        count++;
        return source();
      });
      for (let index = 0; index < 100; index++) next();
      return count;
    };
    expect(used({ kind: "exponential", meanNs: MS })).toBe(100);
    expect(used({ kind: "pareto", minimumNs: MS, alpha: 1 })).toBe(200);
    const phases = [0.5, 0.5].map((probability) => ({ probability, meanNs: MS }));
    expect(used({ kind: "hyperexponential", phases })).toBe(200);
    expect(used({ kind: "lognormal", meanNs: MS, cv: 5 })).toBe(
      used({ kind: "lognormal", meanNs: 9, cv: 1 }),
    );
  });

  test("of the same stream gives values in proportion to the mean (common random numbers)", () => {
    const [short, long] = [MS, 1000 * MS].map((meanNs) => drawn({ kind: "exponential", meanNs }, 100));
    short!.forEach((valueNs, index) => {
      expect(Math.abs((long![index] as number) / 1000 - valueNs)).toBeLessThanOrEqual(0.5);
    });
  });
});

const only = { kind: "constant", valueNs: 5 } as const;

describe("a distribution of a single value", () => {
  test.each<[string, Distribution]>([
    ["a constant", only],
    ["a uniform without width", { kind: "uniform", lowNs: 5, highNs: 5 }],
    ["a list of one value", { kind: "empirical", valuesNs: [5] }],
    ["a list of equal values", { kind: "empirical", valuesNs: [5, 5, 5] }],
    [
      "a mixture of one constant twice",
      { kind: "mixture", parts: [1, 2].map((weight) => ({ weight, of: only })) },
    ],
    ["a truncated constant", { kind: "truncated", of: only, lowNs: 5, highNs: 6 }],
  ])("is not random and draws nothing: %s", (_, distribution) => {
    expect(isRandom(distribution)).toBe(false);
    expect(meanNs(distribution)).toBe(5);
    expect(sampler(distribution, undrawn)()).toBe(5);
  });
});

describe("an empirical distribution", () => {
  test("gives each of its values equally often (within 4 standard errors), and no other", () => {
    const valuesNs = [3, 1, 4, 1_000_000_000];
    const values = drawn({ kind: "empirical", valuesNs });
    for (const wanted of valuesNs) {
      const count = values.filter((valueNs) => valueNs === wanted).length;
      expect(shareZ(count, 1 / 4)).toBeLessThan(4);
    }
    expect(new Set(values)).toEqual(new Set(valuesNs));
  });

  test("gives every value of any list, in whole nanoseconds", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (list) => {
          const found = new Set(drawn({ kind: "empirical", valuesNs: list }, 2_000));
          expect(found).toEqual(new Set(list.map((valueNs) => Math.round(valueNs))));
        },
      ),
      { seed: 1, numRuns: 30 },
    );
  });

  test.each<[string, number[], string]>([
    ["nothing", [], "expected at least one value of an empirical distribution, got none"],
    ["one negative value", [-2], "expected durations of 0 ns or more, got -2"],
    ["what is negative", [1, -2], "expected durations of 0 ns or more, got -2"],
    ["what is no number", [1, Number.NaN], "expected durations of 0 ns or more, got NaN"],
  ])("is refused if it holds %s", (_, valuesNs, message) => {
    expect(() => sampler({ kind: "empirical", valuesNs }, undrawn)).toThrow(message);
  });
});

describe("a truncation", () => {
  test("stays within its limits, both included", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 200 }), (lowNs, widthNs) => {
        const highNs = lowNs + widthNs;
        const values = drawn(
          { kind: "truncated", of: { kind: "exponential", meanNs: 100 }, lowNs, highNs },
          200,
        );
        for (const valueNs of values) {
          expect(valueNs).toBeGreaterThanOrEqual(lowNs);
          expect(valueNs).toBeLessThanOrEqual(highNs);
        }
      }),
      { seed: 1 },
    );
    const dice: Distribution = { kind: "empirical", valuesNs: [1, 2, 3, 4, 5, 6] };
    expect(new Set(drawn({ kind: "truncated", of: dice, lowNs: 2, highNs: 4 }, 200))).toEqual(
      new Set([2, 3, 4]),
    );
  });

  test("is the conditional distribution, without a heap of values at the limits", () => {
    // P(X <= x | 20 <= X <= 100) for an exponential of mean 50.
    const cdf = (x: number) => 1 - Math.exp(-x / 50);
    const of: Distribution = { kind: "exponential", meanNs: 50 * MS };
    const values = drawn({ kind: "truncated", of, lowNs: 20 * MS, highNs: 100 * MS });
    for (const x of [21, 30, 50, 80, 99]) {
      const share = (cdf(x) - cdf(20)) / (cdf(100) - cdf(20));
      const below = values.filter((valueNs) => valueNs <= x * MS).length;
      expect(shareZ(below, share)).toBeLessThan(4);
    }
  });

  test("that holds next to nothing gives up after 10,000 values, and says what to do", () => {
    const of: Distribution = { kind: "exponential", meanNs: 50 * MS };
    const source = streams("1", 0).stream("counted");
    let count = 0;
    const next = sampler({ kind: "truncated", of, lowNs: 9000 * MS, highNs: 10_000 * MS }, () => {
      count++;
      return source();
    });
    expect(next).toThrow(
      "truncated: 10000 values in a row of the exponential distribution of mean 0.05 s " +
        "were not within 9 s and 10 s; choose limits that hold more of it",
    );
    expect(count).toBe(10_000);
  });

  test("of a constant outside its limits is refused at once", () => {
    expect(() => sampler({ kind: "truncated", of: only, lowNs: 6, highNs: 7 }, undrawn)).toThrow(
      "choose limits",
    );
  });
});

test("a mixture chooses its parts in proportion to their weights (within 4 standard errors)", () => {
  const weights = [5, 3, 2];
  const parts = weights.map((weight) => ({ weight, of: { kind: "constant", valueNs: weight } as const }));
  const values = drawn({ kind: "mixture", parts });
  for (const weight of weights) {
    const count = values.filter((valueNs) => valueNs === weight).length;
    expect(shareZ(count, weight / 10)).toBeLessThan(4);
  }
});
