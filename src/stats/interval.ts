// Confidence intervals of means of independent replications.

import jstat from "jstat";

const CONFIDENCE = 0.95;

export interface Interval {
  value: number;
  low: number;
  high: number;
}

/**
 * Mean of independent, identically distributed values with its two-sided 95 % interval: m -+ t(n-1) s /
 * sqrt(n) (Student 1908; Law, Simulation Modeling and Analysis, 4.5). With one value nothing is known of its
 * spread: the interval is from -Infinity to Infinity, unless `exact` says that there is none.
 */
export function meanInterval(values: readonly number[], exact = false): Interval {
  const { length } = values;
  const value = values.reduce((sum, one) => sum + one, 0) / length;
  if (exact) return { value, low: value, high: value };
  const half =
    length > 1 ? (quantileOfT(length - 1) * deviation(values, value)) / Math.sqrt(length) : Infinity;
  return { value, low: value - half, high: value + half };
}

/**
 * Share of events in `trials` trials of each replication. Between 0 and 1 it is the interval of the mean.
 * Events that never (or always) happened have no spread to judge by: then the bound is 3 / n, the 95 % limit
 * for 0 of n independent trials (Hanley and Lippman-Hand 1983). Drops come in clusters, so this bound is the
 * least that can be said.
 */
export function shareInterval(counts: readonly number[], trials: readonly number[], exact = false): Interval {
  const shares = counts.map((count, index) => (trials[index] ? count / (trials[index] as number) : 0));
  const interval = meanInterval(shares, exact);
  if (exact) return interval;
  const all = trials.reduce((sum, one) => sum + one, 0);
  const rule = Math.min(1, 3 / all);
  if (shares.every((share) => share === 0)) return { value: 0, low: 0, high: rule };
  if (shares.every((share) => share === 1)) return { value: 1, low: 1 - rule, high: 1 };
  return { value: interval.value, low: Math.max(0, interval.low), high: Math.min(1, interval.high) };
}

function deviation(values: readonly number[], mean: number): number {
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

function quantileOfT(degreesOfFreedom: number): number {
  return jstat.studentt.inv((1 + CONFIDENCE) / 2, degreesOfFreedom);
}
