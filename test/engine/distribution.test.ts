import { randomLogNormal } from "d3-random";
import jstat from "jstat";
import { describe, expect, test } from "vitest";
import { type Distribution, isRandom, meanNs, sampler } from "../../src/engine/distribution.js";
import { Draws } from "../../src/engine/draws.js";
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
    // Ten values at a time: the step, 0.00005, is far below the bound on D, 0.005.
    for (let index = 0; index < DRAWS - 1; index += 10) {
      const valueNs = sorted[index] as number;
      if (sorted[index + 1] === valueNs) continue;
      // What is at most v after rounding was below v + 0.5 ns: 0.8 % of the gamma with a cv of 2 are 0 ns.
      const probability = row.cdf((valueNs + 0.5) / MS);
      largest = Math.max(largest, Math.abs(probability - (index + 1) / DRAWS));
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

  test.each(table)("nothing but whole nanoseconds of 0 or more: %s", (_, { distribution }) => {
    expect(drawn(distribution).every((valueNs) => Number.isInteger(valueNs) && valueNs >= 0)).toBe(true);
  });
});

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

test.each(table)("the %s distribution is random: it draws", (_, { distribution }) => {
  expect(isRandom(distribution)).toBe(true);
  const undrawn = () => {
    throw new Error("drew from its source");
  };
  expect(() => sampler(distribution, undrawn)()).toThrow("drew from its source");
});

// An odd number of values, of which the polar method makes two at a time.
test.each(table)("values of the %s distribution begin anew with their stream", (_, { distribution }) => {
  const reused = streams("1", 0);
  const [plain, ahead] = [reused.stream("plain"), reused.stream("ahead")];
  const next = sampler(distribution, plain);
  const draws = new Draws(sampler(distribution, ahead), ahead);
  for (let number = 0; number < 17; number++) [next(), draws.next()];
  reused.reset(1);
  const own = streams("1", 1);
  const [expected, also] = [own.stream("plain"), own.stream("ahead")].map((of) => sampler(distribution, of));
  for (let number = 0; number < 99; number++) {
    expect(next()).toBe(expected?.());
    expect(draws.next()).toBe(also?.());
  }
});

function averageOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2; whole nanoseconds.
test("lognormal variates are those of d3-random, and blocks change none", () => {
  const variance = Math.log1p(1.2 ** 2);
  const source = streams("1", 0).stream("drawn");
  const theirs = randomLogNormal.source(source)(Math.log(50 * MS) - variance / 2, Math.sqrt(variance));
  const lognormal: Distribution = { kind: "lognormal", meanNs: 50 * MS, cv: 1.2 };
  const own = streams("1", 0).stream("drawn");
  const draws = new Draws(sampler(lognormal, own), own);
  for (let number = 0; number < 1_000; number++) expect(draws.next()).toBe(Math.round(theirs()));
});
