// Whether intervals are as wide as they should be: one that is too wide is as wrong as one too narrow.
//
// The replications of an estimate are cut into groups, of which each is a short estimate of its own, with its own
// interval. Its distance from the exact value in standard errors has Student's distribution if all is right; taken
// to the normal quantile of the same probability, it is standard normal, and so are those of all cases together.

import jstat from "jstat";
import { meanInterval } from "../../src/stats/interval.js";

/** Distance of a short estimate from the truth in its own standard errors, which follow from so many values. */
export interface Score {
  t: number;
  degreesOfFreedom: number;
}

const SMALLEST_GROUP = 10;
const MOST_GROUPS = 10;
const LEVEL = 0.001;

/** Those of independent values whose mean is to be the exact one. */
export function scoresOf(values: readonly number[], exact: number): Score[] {
  const groups = Math.min(MOST_GROUPS, Math.floor(values.length / SMALLEST_GROUP));
  return Array.from({ length: groups }, (_, group) => {
    const [from, to] = [group, group + 1].map((at) => Math.floor((values.length * at) / groups));
    const { value, low, high } = meanInterval(values.slice(from, to));
    const degreesOfFreedom = (to as number) - (from as number) - 1;
    const error = (high - low) / 2 / jstat.studentt.inv(0.975, degreesOfFreedom);
    return { t: (value - exact) / error, degreesOfFreedom };
  });
}

/** As standard normal values; `scale` is what the intervals are widened by, to see whether that is noticed. */
export function normal(scores: readonly Score[], scale = 1): number[] {
  return scores.map(({ t, degreesOfFreedom }) => {
    const below = jstat.studentt.cdf(-Math.abs(t / scale), degreesOfFreedom);
    return -Math.sign(t) * jstat.normal.inv(Math.max(below, Number.MIN_VALUE), 0, 1);
  });
}

export interface Moments {
  count: number;
  mean: number;
  variance: number;
  /** Largest distance between the values' distribution and the normal one (A. Kolmogorov, 1933). */
  distance: number;
}

export function momentsOf(values: readonly number[]): Moments {
  const count = values.length;
  const sorted = [...values].sort((one, other) => one - other);
  const distance = sorted.reduce((most, value, index) => {
    const below = jstat.normal.cdf(value, 0, 1);
    return Math.max(most, below - index / count, (index + 1) / count - below);
  }, 0);
  return {
    count,
    mean: values.reduce((sum, value) => sum + value, 0) / count,
    variance: values.reduce((sum, value) => sum + value ** 2, 0) / count,
    distance,
  };
}

/** What contradicts that these are independent standard normal values: see `doubtsIn`. */
export function doubts(values: readonly number[]): string[] {
  return doubtsIn(momentsOf(values));
}

/**
 * What contradicts that independent values are standard normal, each once in a thousand times although they are:
 * their mean, their mean square (which has a chi-squared law), and Kolmogorov's distance with the critical value of
 * M. Stephens, J. R. Stat. Soc. B 32, 1970.
 */
export function doubtsIn({ count, mean, variance, distance }: Moments): string[] {
  const mostMean = jstat.normal.inv(1 - LEVEL / 2, 0, 1) / Math.sqrt(count);
  const [least, most] = [LEVEL / 2, 1 - LEVEL / 2].map((p) => jstat.chisquare.inv(p, count) / count);
  const root = Math.sqrt(count);
  const mostDistance = Math.sqrt(Math.log(2 / LEVEL) / 2) / (root + 0.12 + 0.11 / root);
  return [
    ...(Math.abs(mean) <= mostMean ? [] : [`mean ${mean.toFixed(3)}, at most ${mostMean.toFixed(3)}`]),
    ...(variance <= (most as number) ? [] : [`variance ${variance.toFixed(3)}, at most ${most?.toFixed(3)}`]),
    ...(variance >= (least as number)
      ? []
      : [`variance ${variance.toFixed(3)}, at least ${least?.toFixed(3)}`]),
    ...(distance <= mostDistance
      ? []
      : [`distance ${distance.toFixed(3)}, at most ${mostDistance.toFixed(3)}`]),
  ];
}
