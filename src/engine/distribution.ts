// Distributions of durations, as plain data in nanoseconds, and their samplers.
//
// The variates are those of d3-random, bit by bit. A sampler draws from its source only, and how many
// uniforms it draws does not depend on the distribution's parameters save for gamma, mixtures and
// truncations.

import { randomGamma, randomPareto, randomUniform, randomWeibull } from "d3-random";
import type { Source } from "./random.js";
import { SECOND } from "./time.js";

/** `cv` is the coefficient of variation, standard deviation over mean. */
export type Simple =
  | { kind: "constant"; valueNs: number }
  | { kind: "uniform"; lowNs: number; highNs: number }
  | { kind: "exponential"; meanNs: number }
  | { kind: "lognormal"; meanNs: number; cv: number }
  | { kind: "gamma"; meanNs: number; cv: number }
  | { kind: "weibull"; shape: number; scaleNs: number }
  | { kind: "pareto"; minimumNs: number; alpha: number }
  | { kind: "hyperexponential"; phases: { probability: number; meanNs: number }[] }
  | { kind: "empirical"; valuesNs: number[] };

/** One of the parts, with a probability in proportion to its weight. */
export interface Mixture<Of> {
  kind: "mixture";
  parts: { weight: number; of: Of }[];
}

/** The values of another distribution on condition that they lie within the limits, both included. */
export interface Truncated<Of> {
  kind: "truncated";
  of: Of;
  lowNs: number;
  highNs: number;
}

export type Distribution = Simple | Mixture<Distribution> | Truncated<Distribution>;

type Kind<K extends Distribution["kind"]> = Extract<Distribution, { kind: K }>;

/**
 * Values of a distribution in whole nanoseconds, 0 or more, one a call. One that has a single value draws
 * nothing. Throws when an empirical distribution is empty or holds what is no duration, and when a truncation
 * has rejected 10,000 values in a row.
 */
export function sampler(distribution: Distribution, source: Source): () => number {
  const onlyNs = onlyValueNs(distribution);
  if (onlyNs !== undefined) {
    const wholeNs = Math.round(checked(onlyNs));
    return () => wholeNs;
  }
  const { block } = source;
  if (distribution.kind === "exponential" && block) {
    // What variates() gives, in one function: it is drawn for each request.
    const rate = 1 / distribution.meanNs;
    return () => Math.floor(block.exponential() / rate + 0.5);
  }
  const variateNs = variates(distribution, source);
  // Math.floor(x + 0.5) is Math.round(x) here, where x is not negative; Math.round costs 23 ns more
  // (measured: Node 20.20, an exponential variate in 20 and in 43 ns).
  return () => Math.floor(variateNs() + 0.5);
}

/** The mean in nanoseconds; undefined for a truncation, infinite for a Pareto with an alpha of 1 or less. */
export function meanNs(distribution: Distribution): number | undefined {
  switch (distribution.kind) {
    case "uniform":
      return (distribution.lowNs + distribution.highNs) / 2;
    case "exponential":
    case "lognormal":
    case "gamma":
      return distribution.meanNs;
    case "weibull":
      return distribution.scaleNs * gammaFunction(1 + 1 / distribution.shape);
    case "pareto": {
      const { minimumNs, alpha } = distribution;
      return alpha > 1 ? (minimumNs * alpha) / (alpha - 1) : Number.POSITIVE_INFINITY;
    }
    case "hyperexponential":
      return average(distribution.phases.map((phase) => [phase.probability, phase.meanNs]));
    case "mixture": {
      const means = distribution.parts.map((part) => [part.weight, meanNs(part.of)] as const);
      return means.every(([, mean]) => mean !== undefined) ? average(means as [number, number][]) : undefined;
    }
    case "empirical":
      return average(distribution.valuesNs.map((valueNs) => [1, valueNs]));
    case "constant":
    case "truncated":
      return onlyValueNs(distribution);
  }
}

/** Whether it has more than one value, so that sampling it draws from the source. */
export function isRandom(distribution: Distribution): boolean {
  return onlyValueNs(distribution) === undefined;
}

/** The value of a distribution that has no other. */
function onlyValueNs(distribution: Distribution): number | undefined {
  switch (distribution.kind) {
    case "constant":
      return distribution.valueNs;
    case "uniform":
      return distribution.lowNs === distribution.highNs ? distribution.lowNs : undefined;
    case "mixture":
      return same(distribution.parts.map((part) => onlyValueNs(part.of)));
    case "empirical":
      return same(distribution.valuesNs);
    case "truncated": {
      const onlyNs = onlyValueNs(distribution.of);
      if (onlyNs !== undefined && !within(distribution, onlyNs)) throw rejected(distribution);
      return onlyNs;
    }
    default:
      return undefined;
  }
}

function variates(distribution: Distribution, source: Source): () => number {
  switch (distribution.kind) {
    case "constant":
      return () => distribution.valueNs;
    case "uniform":
      return randomUniform.source(source)(distribution.lowNs, distribution.highNs);
    case "exponential":
      // With 32 bits the largest value is 22.2 means; a larger one has a probability of 2^-32.
      return exponential(1 / distribution.meanNs, source);
    case "lognormal":
      return lognormal(distribution, source);
    case "gamma": {
      const scale = distribution.cv ** 2;
      const made = () => randomGamma.source(source)(1 / scale, distribution.meanNs * scale);
      // It keeps the other one of a pair of normal variates.
      const now = { draw: made() };
      source.onReset?.(() => {
        now.draw = made();
      });
      return () => now.draw();
    }
    case "weibull":
      return randomWeibull.source(fine(source))(distribution.shape, 0, distribution.scaleNs);
    case "pareto": {
      const { minimumNs, alpha } = distribution;
      const ratio = randomPareto.source(fine(source))(alpha);
      return () => minimumNs * ratio();
    }
    case "hyperexponential":
      return hyperexponential(distribution, source);
    case "mixture": {
      const parts = distribution.parts.map((part) => variates(part.of, source));
      const chosen = chooser(
        distribution.parts.map((part) => part.weight),
        source,
      );
      return () => (parts[chosen()] as () => number)();
    }
    case "empirical":
      return empirical(distribution, source);
    case "truncated":
      return truncated(distribution, source);
  }
}

function exponential(rate: number, source: Source): () => number {
  const { block } = source;
  const unit = block ? () => block.exponential() : () => -Math.log1p(-source());
  return () => unit() / rate;
}

// The logarithm is normal; its sigma and mu follow from cv^2 = exp(sigma^2) - 1 and mean = exp(mu + sigma^2 /
// 2).
function lognormal({ meanNs, cv }: Kind<"lognormal">, source: Source): () => number {
  const variance = Math.log1p(cv ** 2);
  const mu = Math.log(meanNs) - variance / 2;
  const sigma = Math.sqrt(variance);
  // Bit by bit the polar method of d3-random, which keeps the other one of a pair of normal variates in a
  // captured variable and takes each logarithm twice.
  const spare = { isThere: false, x: 0, factor: 0 };
  source.onReset?.(() => {
    spare.isThere = false;
  });
  return () => {
    if (spare.isThere) {
      spare.isThere = false;
      return Math.exp(mu + sigma * spare.x * spare.factor);
    }
    let [x, y, square] = [0, 0, 0];
    do {
      x = source() * 2 - 1;
      y = source() * 2 - 1;
      square = x * x + y * y;
    } while (square === 0 || square > 1);
    spare.isThere = true;
    spare.x = x;
    spare.factor = Math.sqrt((-2 * Math.log(square)) / square);
    return Math.exp(mu + sigma * y * spare.factor);
  };
}

function hyperexponential({ phases }: Kind<"hyperexponential">, source: Source): () => number {
  const chosen = chooser(
    phases.map((phase) => phase.probability),
    source,
  );
  const ratio = exponential(1, source);
  const means = phases.map((phase) => phase.meanNs);
  return () => (means[chosen()] as number) * ratio();
}

function empirical({ valuesNs }: Kind<"empirical">, source: Source): () => number {
  if (valuesNs.length === 0)
    throw new Error("expected at least one value of an empirical distribution, got none");
  valuesNs.forEach(checked);
  return () => valuesNs[Math.floor(source() * valuesNs.length)] as number;
}

function checked(valueNs: number): number {
  if (valueNs >= 0 && valueNs < Number.POSITIVE_INFINITY) return valueNs;
  throw new Error(`expected durations of 0 ns or more, got ${valueNs}`);
}

const MOST_REJECTIONS = 10_000;

function truncated(distribution: Kind<"truncated">, source: Source): () => number {
  const variateNs = variates(distribution.of, source);
  return () => {
    for (let tries = 0; tries < MOST_REJECTIONS; tries++) {
      const valueNs = variateNs();
      if (within(distribution, valueNs)) return valueNs;
    }
    throw rejected(distribution);
  };
}

function within({ lowNs, highNs }: Kind<"truncated">, valueNs: number): boolean {
  return valueNs >= lowNs && valueNs <= highNs;
}

function rejected({ of, lowNs, highNs }: Kind<"truncated">): Error {
  const mean = meanNs(of);
  const name = mean === undefined ? of.kind : `${of.kind} distribution of mean ${mean / SECOND} s`;
  return new Error(
    `truncated: ${MOST_REJECTIONS} values in a row of the ${name} were not within ${lowNs / SECOND} s and ` +
      `${highNs / SECOND} s; choose limits that hold more of it`,
  );
}

/** The index of a weight, with a probability in proportion to it. */
function chooser(weights: number[], source: Source): () => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const below = weights.slice(0, -1).map((weight) => {
    sum += weight;
    return sum / total;
  });
  return () => {
    const uniform = source();
    let index = 0;
    while (index < below.length && uniform >= (below[index] as number)) index++;
    return index;
  };
}

// Heavy tails are cut where the uniforms end: a Pareto never exceeds (2^bits)^(1/alpha) minima. What lies
// beyond holds (2^-bits)^(1 - 1/alpha) of the mean: at alpha = 1.1 that is 13 % with 32 bits and 3.5 % with
// 53; at 1.5
// 0.06 % and 0.0005 %.
function fine(source: Source): Source {
  return () => source() + Math.floor(source() * 2 ** 21) * 2 ** -53;
}

function same(values: readonly (number | undefined)[]): number | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

function average(weighted: (readonly [weight: number, value: number])[]): number {
  const total = weighted.reduce((sum, [weight]) => sum + weight, 0);
  return weighted.reduce((sum, [weight, value]) => sum + weight * value, 0) / total;
}

// The gamma function for x >= 1 to fifteen digits: the approximation of C. Lanczos (SIAM J. Numer. Anal. 1,
// 1964) with g = 7 and the nine coefficients of P. Godfrey.
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

function gammaFunction(x: number): number {
  const series = LANCZOS.reduce((sum, term, index) => sum + term / (x + index), 0.9999999999998099);
  const base = x + 6.5;
  return Math.sqrt(2 * Math.PI) * base ** (x - 0.5) * Math.exp(-base) * series;
}
