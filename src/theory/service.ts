// What the formulas ask of a law of service: its moments, how many requests arrive meanwhile, and how likely
// a long one is.

import { type Distribution, meanNs } from "../engine/distribution.js";
import { SECOND } from "../engine/time.js";

export interface Moments {
  meanS: number;
  squareS2: number;
}

/** E[S] and E[S^2] of the service and a constant time besides; undefined where one is not known. */
export function moments(service: Distribution, besidesNs: number): Moments | undefined {
  const mean = meanNs(service);
  const ratio = squareOverMean(service);
  if (mean === undefined || ratio === undefined || !Number.isFinite(mean * ratio)) return undefined;
  const [meanS, besidesS] = [mean / SECOND, besidesNs / SECOND];
  const squareS2 = ratio * meanS ** 2;
  return { meanS: meanS + besidesS, squareS2: squareS2 + 2 * besidesS * meanS + besidesS ** 2 };
}

/** E[S^2] / E[S]^2. */
function squareOverMean(service: Distribution): number | undefined {
  switch (service.kind) {
    case "constant":
      return 1;
    case "exponential":
      return 2;
    case "lognormal":
    case "gamma":
      return 1 + service.cv ** 2;
    case "uniform": {
      const { lowNs, highNs } = service;
      return 1 + ((highNs - lowNs) / (highNs + lowNs)) ** 2 / 3;
    }
    case "hyperexponential":
      return together(service.phases.map((phase) => [phase.probability, phase.meanNs, 2]));
    case "empirical":
      return together(service.valuesNs.map((valueNs) => [1, valueNs, 1]));
    case "mixture": {
      const parts = service.parts.map(({ weight, of }) => [weight, meanNs(of), squareOverMean(of)] as const);
      const isKnown = parts.every(([, mean, ratio]) => mean !== undefined && ratio !== undefined);
      return isKnown ? together(parts as unknown as Part[]) : undefined;
    }
    default:
      return undefined;
  }
}

type Part = readonly [weight: number, mean: number, ratio: number];

function together(parts: readonly Part[]): number {
  const total = parts.reduce((sum, [weight]) => sum + weight, 0);
  const mean = parts.reduce((sum, [weight, one]) => sum + weight * one, 0) / total;
  const square = parts.reduce((sum, [weight, one, ratio]) => sum + weight * ratio * one ** 2, 0) / total;
  return square / mean ** 2;
}

/**
 * Probabilities of 0, 1, ... `most` Poisson arrivals during a service and a constant time besides; undefined
 * for a law whose probabilities have no closed form.
 */
export function arrivalsDuring(
  service: Distribution,
  besidesNs: number,
  perSecond: number,
  most: number,
): Float64Array | undefined {
  const own = during(service, perSecond, most);
  if (!own || besidesNs === 0) return own;
  const other = poisson((perSecond * besidesNs) / SECOND, most);
  return own.map((_, n) => {
    let sum = 0;
    for (let index = 0; index <= n; index++) sum += (own[index] as number) * (other[n - index] as number);
    return sum;
  });
}

function during(service: Distribution, perSecond: number, most: number): Float64Array | undefined {
  const load = (ns: number) => (perSecond * ns) / SECOND;
  switch (service.kind) {
    case "constant":
      return poisson(load(service.valueNs), most);
    case "exponential":
      return pascal(1, load(service.meanNs), most);
    case "gamma":
      return pascal(service.cv ** -2, load(service.meanNs) * service.cv ** 2, most);
    case "hyperexponential":
      return mixed(
        service.phases.map(({ probability, meanNs }) => [probability, pascal(1, load(meanNs), most)]),
        most,
      );
    case "mixture": {
      const parts = service.parts.map(({ weight, of }) => [weight, during(of, perSecond, most)] as const);
      const isKnown = parts.every(([, one]) => one !== undefined);
      return isKnown ? mixed(parts as [number, Float64Array][], most) : undefined;
    }
    default:
      return undefined;
  }
}

function poisson(load: number, most: number): Float64Array {
  return series(Math.exp(-load), most, (n) => load / n);
}

/** During a gamma time of this shape, with `load` arrivals in its scale: the negative binomial law. */
function pascal(shape: number, load: number, most: number): Float64Array {
  const later = load / (1 + load);
  return series((1 + load) ** -shape, most, (n) => ((shape + n - 1) / n) * later);
}

function series(first: number, most: number, ratio: (n: number) => number): Float64Array {
  const found = new Float64Array(most + 1);
  found[0] = first;
  for (let n = 1; n <= most; n++) found[n] = (found[n - 1] as number) * ratio(n);
  return found;
}

function mixed(parts: readonly (readonly [weight: number, law: Float64Array])[], most: number): Float64Array {
  const total = parts.reduce((sum, [weight]) => sum + weight, 0);
  const all = new Float64Array(most + 1);
  for (const [weight, law] of parts)
    for (let n = 0; n <= most; n++) (all[n] as number) += (weight / total) * (law[n] as number);
  return all;
}

/** An upper bound of the probability that a service takes longer; 1 for a law of which none is known here. */
export function longerThan(service: Distribution, ns: number): number {
  if (ns < 0) return 1;
  switch (service.kind) {
    case "constant":
      return service.valueNs > ns ? 1 : 0;
    case "uniform":
    case "truncated":
      return service.highNs > ns ? 1 : 0;
    case "exponential":
      return Math.exp(-ns / service.meanNs);
    case "hyperexponential":
      return Math.max(...service.phases.map((phase) => Math.exp(-ns / phase.meanNs)));
    case "weibull":
      return Math.exp(-((ns / service.scaleNs) ** service.shape));
    case "pareto":
      return ns < service.minimumNs ? 1 : (service.minimumNs / ns) ** service.alpha;
    case "gamma": {
      // H. Chernoff, Ann. Math. Statist. 23, 1952.
      const [ratio, shape] = [ns / service.meanNs, service.cv ** -2];
      return ratio <= 1 ? 1 : Math.exp(shape * (1 + Math.log(ratio) - ratio));
    }
    case "mixture":
      return Math.max(...service.parts.map(({ of }) => longerThan(of, ns)));
    case "empirical":
      return service.valuesNs.some((valueNs) => valueNs > ns) ? 1 : 0;
    case "lognormal": {
      // Mills' ratio: the normal tail beyond z is below its density, if z is at least 1.
      const sigma = Math.sqrt(Math.log1p(service.cv ** 2));
      const z = (Math.log(ns / service.meanNs) + sigma ** 2 / 2) / sigma;
      return z < 1 ? 1 : Math.exp((-z * z) / 2);
    }
  }
}
