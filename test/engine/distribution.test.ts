import fc from "fast-check";
import jstat from "jstat";
import { describe, expect, test } from "vitest";
import { type Distribution, isRandom, meanNs, sampler } from "../../src/engine/distribution.js";
import { streams } from "../../src/engine/random.js";
import { MILLISECOND as MS } from "../../src/engine/time.js";

const DRAWS = 200_000;

// Closed forms from outside: jstat's normal and gamma distributions.
const oracle = jstat as unknown as Record<
  "normal" | "gamma",
  { cdf(x: number, a: number, b: number): number }
>;

function drawn(distribution: Distribution, count = DRAWS): Float64Array {
  const next = sampler(distribution, streams("1", 0).stream("drawn"));
  return Float64Array.from({ length: count }, () => next());
}

const undrawn = () => {
  throw new Error("drew from its source");
};

interface Row {
  distribution: Distribution;
  /** Mean in milliseconds and coefficient of variation, worked out by hand or from the formula beside them. */
  meanMs: number;
  cv: number;
  /** Probability of at most x milliseconds. */
  cdf(x: number): number;
}

const exponentialCdf = (mean: number) => (x: number) => 1 - Math.exp(-x / mean);

// mean m, cv c: sigma^2 = ln(1 + c^2), mu = ln m - sigma^2 / 2
const lognormalCdf = (mean: number, cv: number) => (x: number) => {
  const variance = Math.log(1 + cv ** 2);
  return oracle.normal.cdf(Math.log(x), Math.log(mean) - variance / 2, Math.sqrt(variance));
};

const rows: Record<string, Row> = {
  uniform: {
    distribution: { kind: "uniform", lowNs: 10 * MS, highNs: 40 * MS },
    meanMs: 25,
    cv: 30 / Math.sqrt(12) / 25,
    cdf: (x) => (x - 10) / 30,
  },
  exponential: {
    distribution: { kind: "exponential", meanNs: 50 * MS },
    meanMs: 50,
    cv: 1,
    cdf: exponentialCdf(50),
  },
  "lognormal with a cv of 1.2": {
    distribution: { kind: "lognormal", meanNs: 50 * MS, cv: 1.2 },
    meanMs: 50,
    cv: 1.2,
    cdf: lognormalCdf(50, 1.2),
  },
  "lognormal with a cv of 0.1": {
    distribution: { kind: "lognormal", meanNs: 50 * MS, cv: 0.1 },
    meanMs: 50,
    cv: 0.1,
    cdf: lognormalCdf(50, 0.1),
  },
  "gamma with a cv of 0.5": {
    distribution: { kind: "gamma", meanNs: 50 * MS, cv: 0.5 },
    meanMs: 50,
    cv: 0.5,
    cdf: (x) => oracle.gamma.cdf(x, 4, 12.5),
  },
  "gamma with a cv of 2": {
    distribution: { kind: "gamma", meanNs: 50 * MS, cv: 2 },
    meanMs: 50,
    cv: 2,
    cdf: (x) => oracle.gamma.cdf(x, 0.25, 200),
  },
  // Shape 1/2: mean scale * 2, variance scale^2 * (24 - 4).
  weibull: {
    distribution: { kind: "weibull", shape: 0.5, scaleNs: 25 * MS },
    meanMs: 50,
    cv: Math.sqrt(5),
    cdf: (x) => 1 - Math.exp(-Math.sqrt(x / 25)),
  },
  // mean a m / (a - 1), squared cv 1 / (a (a - 2))
  pareto: {
    distribution: { kind: "pareto", minimumNs: 10 * MS, alpha: 6 },
    meanMs: 12,
    cv: 1 / Math.sqrt(24),
    cdf: (x) => 1 - (10 / x) ** 6,
  },
  // mean 19, second moment 2 (0.9 * 10^2 + 0.1 * 100^2) = 2180
  hyperexponential: {
    distribution: {
      kind: "hyperexponential",
      phases: [
        { probability: 0.9, meanNs: 10 * MS },
        { probability: 0.1, meanNs: 100 * MS },
      ],
    },
    meanMs: 19,
    cv: Math.sqrt(2180 - 19 ** 2) / 19,
    cdf: (x) => 0.9 * exponentialCdf(10)(x) + 0.1 * exponentialCdf(100)(x),
  },
  // Weights 3 to 1; mean 0.75 * 20 + 0.25 * 100, second moment 0.75 * (20^2 + 20^2 / 12) + 0.25 * 2 * 100^2
  mixture: {
    distribution: {
      kind: "mixture",
      parts: [
        { weight: 3, of: { kind: "uniform", lowNs: 10 * MS, highNs: 30 * MS } },
        { weight: 1, of: { kind: "exponential", meanNs: 100 * MS } },
      ],
    },
    meanMs: 40,
    cv: Math.sqrt(0.75 * (400 + 400 / 12) + 0.25 * 20_000 - 1600) / 40,
    cdf: (x) => 0.75 * Math.min(1, Math.max(0, (x - 10) / 20)) + 0.25 * exponentialCdf(100)(x),
  },
};

const table = Object.entries(rows);

describe("200,000 values have", () => {
  test.each(table)(
    "the mean of the %s distribution (within 4 standard errors)",
    (_, { distribution, meanMs, cv }) => {
      const standardErrorNs = (cv * meanMs * MS) / Math.sqrt(DRAWS);
      expect(Math.abs(averageOf(drawn(distribution)) - meanMs * MS) / standardErrorNs).toBeLessThan(4);
    },
  );

  test.each(table)("the cv of the %s distribution (variance within 4 standard errors)", (_, row) => {
    const { distribution, meanMs, cv } = row;
    const squares = drawn(distribution).map((valueNs) => (valueNs / MS - meanMs) ** 2);
    const variance = averageOf(squares);
    // The error of a variance follows from the fourth moment, which is taken from the values.
    const fourth = averageOf(squares.map((square) => (square - variance) ** 2));
    const standardError = Math.sqrt(fourth / DRAWS);
    expect(Math.abs(variance - (cv * meanMs) ** 2) / standardError).toBeLessThan(4);
  });

  // sqrt(n) D exceeds 2.23 once in 10,000 times (Kolmogorov: 2 exp(-2 x^2)).
  test.each(table)("the shape of the %s distribution (Kolmogorov-Smirnov, p > 0.0001)", (_, row) => {
    const sorted = drawn(row.distribution).sort();
    let largest = 0;
    // Jumps of at most ten values at a time: their width is far below the bound.
    for (let index = 0; index < DRAWS; index += 10) {
      const probability = row.cdf((sorted[index] as number) / MS);
      largest = Math.max(
        largest,
        Math.abs(probability - index / DRAWS),
        Math.abs(probability - (index + 1) / DRAWS),
      );
    }
    expect(Math.sqrt(DRAWS) * largest).toBeLessThan(2.23);
  });

  // A quantile q is right when q n values are below the true one, give or take sqrt(n q (1 - q)).
  test.each<[string, Distribution, quantile: number, valueMs: number]>([
    ["p50 of an exponential", { kind: "exponential", meanNs: 50 * MS }, 0.5, 50 * Math.LN2],
    ["p99.9 of an exponential", { kind: "exponential", meanNs: 50 * MS }, 0.999, 50 * Math.log(1000)],
    ["p50 of a lognormal", { kind: "lognormal", meanNs: 50 * MS, cv: 1 }, 0.5, 50 / Math.SQRT2],
    ["p63.2 of a Weibull", { kind: "weibull", shape: 0.7, scaleNs: 5 * MS }, 1 - Math.exp(-1), 5],
    ["p99.9 of a Pareto without variance", { kind: "pareto", minimumNs: MS, alpha: 1.5 }, 0.999, 100],
    ["p99.9 of a Pareto without mean", { kind: "pareto", minimumNs: MS, alpha: 0.5 }, 0.999, 1e6],
  ])("the %s (within 4 standard errors)", (_, distribution, quantile, valueMs) => {
    const below = drawn(distribution).filter((valueNs) => valueNs <= valueMs * MS).length;
    const z = (below - DRAWS * quantile) / Math.sqrt(DRAWS * quantile * (1 - quantile));
    expect(Math.abs(z)).toBeLessThan(4);
  });
});

describe("a sampler", () => {
  test.each(table)("gives whole nanoseconds of 0 or more, and few twice: %s", (_, { distribution }) => {
    const values = drawn(distribution, 10_000);
    expect(values.every((valueNs) => Number.isInteger(valueNs) && valueNs >= 0)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(9_900);
  });

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

function averageOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("the mean that follows from the parameters", () => {
  test.each(table)("is that of the %s distribution", (_, { distribution, meanMs }) => {
    expect(meanNs(distribution)).toBeCloseTo(meanMs * MS, 4);
  });

  test.each<[string, Distribution, number | undefined]>([
    ["a constant is its value", { kind: "constant", valueNs: 7 }, 7],
    ["a list is its average", { kind: "empirical", valuesNs: [1, 2, 6] }, 3],
    [
      "a Pareto with an alpha of 1 is infinite",
      { kind: "pareto", minimumNs: 1, alpha: 1 },
      Number.POSITIVE_INFINITY,
    ],
    [
      "a truncation is not known",
      { kind: "truncated", of: { kind: "exponential", meanNs: 1 }, lowNs: 0, highNs: 2 },
      undefined,
    ],
    [
      "a mixture with a truncation is not known either",
      {
        kind: "mixture",
        parts: [
          { weight: 1, of: { kind: "constant", valueNs: 5 } },
          {
            weight: 1,
            of: { kind: "truncated", of: { kind: "exponential", meanNs: 1 }, lowNs: 0, highNs: 2 },
          },
        ],
      },
      undefined,
    ],
  ])("of %s", (_, distribution, expected) => {
    expect(meanNs(distribution)).toBe(expected);
  });

  test("of a Weibull agrees with its moments for any shape: shape 1 is exponential, 2 is Rayleigh", () => {
    expect(meanNs({ kind: "weibull", shape: 1, scaleNs: MS })).toBeCloseTo(MS, 6);
    expect(meanNs({ kind: "weibull", shape: 2, scaleNs: MS })).toBeCloseTo((MS * Math.sqrt(Math.PI)) / 2, 6);
    expect(meanNs({ kind: "weibull", shape: 0.25, scaleNs: MS })).toBeCloseTo(24 * MS, 4);
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

  test.each(table)("is not the %s one, which is random", (_, { distribution }) => {
    expect(isRandom(distribution)).toBe(true);
    expect(() => sampler(distribution, undrawn)()).toThrow("drew from its source");
  });
});

describe("an empirical distribution", () => {
  test("gives each of its values equally often (within 4 standard errors), and no other", () => {
    const valuesNs = [3, 1, 4, 1_000_000_000];
    const values = drawn({ kind: "empirical", valuesNs });
    const standardError = Math.sqrt(DRAWS * 0.25 * 0.75);
    for (const wanted of valuesNs) {
      const count = values.filter((valueNs) => valueNs === wanted).length;
      expect(Math.abs(count - DRAWS / 4) / standardError).toBeLessThan(4);
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
    ["nothing", [], "empirical: expected at least one value, got none"],
    ["what is negative", [1, -2], "empirical: expected durations of 0 ns or more, got -2"],
    ["what is no number", [1, Number.NaN], "empirical: expected durations of 0 ns or more, got NaN"],
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
    const cdf = exponentialCdf(50);
    const of: Distribution = { kind: "exponential", meanNs: 50 * MS };
    const values = drawn({ kind: "truncated", of, lowNs: 20 * MS, highNs: 100 * MS });
    for (const x of [21, 30, 50, 80, 99]) {
      const share = (cdf(x) - cdf(20)) / (cdf(100) - cdf(20));
      const below = values.filter((valueNs) => valueNs <= x * MS).length;
      expect(Math.abs(below - DRAWS * share) / Math.sqrt(DRAWS * share * (1 - share))).toBeLessThan(4);
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
      "truncated: 10000 values in a row of the exponential distribution of mean 0.05 s were not within 9 s and 10 s; " +
        "choose limits that hold more of it",
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
    const share = weight / 10;
    const count = values.filter((valueNs) => valueNs === weight).length;
    expect(Math.abs(count - DRAWS * share) / Math.sqrt(DRAWS * share * (1 - share))).toBeLessThan(4);
  }
});
