// What the formulas ask of a law of service, against samples of it: seeded, 200,000 of each.

import { describe, expect, test } from "vitest";
import { type Distribution, sampler } from "../../src/engine/distribution.js";
import { streams } from "../../src/engine/random.js";
import { SECOND } from "../../src/engine/time.js";
import { arrivalsDuring, longerThan, moments } from "../../src/theory/service.js";

const SAMPLES = 200_000;
const laws: Distribution[] = [
  { kind: "constant", valueNs: SECOND },
  { kind: "uniform", lowNs: 0.5 * SECOND, highNs: 2 * SECOND },
  { kind: "exponential", meanNs: SECOND },
  { kind: "lognormal", meanNs: SECOND, cv: 0.8 },
  { kind: "gamma", meanNs: SECOND, cv: 0.5 },
  { kind: "empirical", valuesNs: [0.2 * SECOND, SECOND, 3 * SECOND] },
  {
    kind: "hyperexponential",
    phases: [
      { probability: 0.3, meanNs: 2 * SECOND },
      { probability: 0.7, meanNs: 0.5 * SECOND },
    ],
  },
  {
    kind: "mixture",
    parts: [
      { weight: 3, of: { kind: "constant", valueNs: 0.1 * SECOND } },
      { weight: 1, of: { kind: "gamma", meanNs: 2 * SECOND, cv: 0.7 } },
    ],
  },
  { kind: "weibull", shape: 1.5, scaleNs: SECOND },
  { kind: "pareto", minimumNs: 0.3 * SECOND, alpha: 3 },
  { kind: "truncated", of: { kind: "exponential", meanNs: SECOND }, lowNs: 0, highNs: 2 * SECOND },
];

function samples(law: Distribution): Float64Array {
  const draw = sampler(law, streams("service", 0).stream(law.kind));
  return Float64Array.from({ length: SAMPLES }, () => draw() / SECOND);
}

const mean = (values: Float64Array) => values.reduce((sum, one) => sum + one, 0) / values.length;
/** Four standard errors of a mean: once in 16,000 times. */
const within = (values: Float64Array) => {
  const middle = mean(values);
  return 4 * Math.sqrt(mean(values.map((one) => (one - middle) ** 2)) / values.length) + 1e-9;
};

describe.each(laws.map((law) => [law.kind, law] as const))("%s", (_, law) => {
  const drawn = samples(law);

  test("its moments, with 0.1 s besides, are those of its samples, or not known", () => {
    const found = moments(law, 0.1 * SECOND);
    if (["weibull", "pareto", "truncated"].includes(law.kind)) {
      expect(found).toBeUndefined();
      return;
    }
    const longer = drawn.map((one) => one + 0.1);
    const squares = longer.map((one) => one ** 2);
    expect(Math.abs((found?.meanS as number) - mean(longer))).toBeLessThan(within(longer));
    expect(Math.abs((found?.squareS2 as number) - mean(squares))).toBeLessThan(within(squares));
  });

  test("n arrivals at 2/s during it and 0.1 s come as often as its samples say, or it is not known", () => {
    const found = arrivalsDuring(law, 0.1 * SECOND, 2, 200);
    if (["uniform", "lognormal", "empirical", "weibull", "pareto", "truncated"].includes(law.kind)) {
      expect(found).toBeUndefined();
      return;
    }
    let factorial = 1;
    for (let n = 0; n < 8; n++) {
      factorial *= Math.max(1, n);
      const each = drawn.map((one) => (Math.exp(-2 * (one + 0.1)) * (2 * (one + 0.1)) ** n) / factorial);
      expect(Math.abs((found?.[n] as number) - mean(each)), `${n}`).toBeLessThan(within(each));
    }
    expect(found?.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
  });

  test("it is longer than 0.5 s ... 5 s at most as often as its bound says", () => {
    for (const seconds of [0.5, 1, 1.5, 2, 3, 5]) {
      const longer = drawn.map((one) => (one > seconds ? 1 : 0));
      expect(mean(longer)).toBeLessThanOrEqual(longerThan(law, seconds * SECOND) + within(longer));
    }
  });
});

test("a bound is no idle one: it falls below 1e-12 where the law does", () => {
  const far = laws.filter(({ kind }) => kind !== "pareto" && kind !== "lognormal");
  for (const law of far) expect(longerThan(law, 100 * SECOND), law.kind).toBeLessThan(1e-12);
});
