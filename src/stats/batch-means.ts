// Confidence intervals from one long run in a steady state: it is cut into batches, which hardly depend on
// each other if they are long (Schmeiser 1982, Operations Research 30, 556-568: 10 to 30 of them).
//
// The centre is always the estimate of the whole run, the spread is that of the batches around it. With X the
// whole's and x_i a batch's value, and w_i the batch's part of what X is a mean of (its time, its requests;
// the w_i sum to 1),
//
//   se^2 = k / (k - 1) sum w_i^2 (x_i - X)^2,    X -+ t(k-1) se
//
// For a share, or a mean over the requests of a batch, w_i (x_i - X) is its residual of the ratio estimator
// (Cochran, Sampling Techniques, 1977, 6.4). For a quantile it is sectioning, which keeps the small bias of a
// batch's quantile out of the centre (Asmussen and Glynn, Stochastic Simulation, 2007, III.5a; Nakayama 2014,
// ACM TOMACS 24, 19). With batches of one length and w_i = 1 / k it is the usual interval of batch means.

import {
  CONFIDENCE,
  effectiveShare,
  extremeShare,
  type Interval,
  leastVariance,
  quantileOfNormal,
  quantileOfT,
  type ShareOptions,
} from "./interval.js";

/** The standard error of a whole run's value. A batch without weight has no say; weights have any unit. */
export function sectionError(value: number, values: readonly number[], weights: readonly number[]): number {
  const all = weights.reduce((sum, one) => sum + one, 0);
  const { length } = values;
  let squares = 0;
  for (const [index, one] of values.entries()) {
    const weight = (weights[index] as number) / all;
    if (weight > 0) squares += (weight * (one - value)) ** 2;
  }
  return Math.sqrt((length / (length - 1)) * squares);
}

/** The interval of a whole run's mean or quantile. */
export function sectionInterval(
  value: number,
  values: readonly number[],
  weights: readonly number[],
  confidence: number = CONFIDENCE,
): Interval {
  const half = quantileOfT(values.length - 1, confidence) * sectionError(value, values, weights);
  return { value, low: value - half, high: value + half };
}

/**
 * The interval of a whole run's share of events: that of Korn and Graubard, as from replications, and for
 * no event (or nothing else) the bound that there is then.
 */
export function sectionShare(
  counts: readonly number[],
  trials: readonly number[],
  { confidence = CONFIDENCE, together = 1 }: Omit<ShareOptions, "exact"> = {},
): Interval {
  const [count, all] = [counts, trials].map((each) => each.reduce((sum, one) => sum + one, 0)) as [
    number,
    number,
  ];
  // What began in the warm-up may be among the events, not among the trials: see `shareInterval`.
  const value = Math.min(1, count / all);
  if (value === 0 || value === 1) return extremeShare(value, trials, { confidence, together });
  const shares = counts.map((events, index) => (trials[index] ? events / (trials[index] as number) : 0));
  const seen = sectionError(value, shares, trials) ** 2;
  const variance = Math.max(seen, leastVariance(value, counts, trials));
  return effectiveShare(value, variance, counts.length - 1, confidence);
}

/** What the means of neighbouring batches have to do with each other. */
export interface Dependence {
  /** About their lag-1 correlation: 1 less half the ratio of von Neumann. */
  correlation: number;
  /** The same in its standard deviations under independence. */
  z: number;
}

/**
 * Von Neumann's ratio of successive differences (1941, Ann. Math. Statist. 12, 367-395) as a test of batch
 * means (Fishman 1978, Operations Research 26, 510-521; Fishman and Yarberry 1997, INFORMS J. Computing 9,
 * 296-310):
 *
 *   C = 1 - sum (x_i - x_(i+1))^2 / (2 sum (x_i - mean)^2),    C sqrt((k^2 - 1) / (k - 2)) ~ N(0, 1)
 *
 * for k independent values. Undefined if nothing varies.
 */
export function dependence(values: readonly number[]): Dependence | undefined {
  const { length } = values;
  const mean = values.reduce((sum, one) => sum + one, 0) / length;
  let [squares, differences] = [0, 0];
  for (const [index, value] of values.entries()) {
    squares += (value - mean) ** 2;
    if (index > 0) differences += (value - (values[index - 1] as number)) ** 2;
  }
  // Less is the rounding of sums.
  if (squares <= 1e-24 * length * mean ** 2) return undefined;
  const correlation = 1 - differences / (2 * squares);
  return { correlation, z: correlation * Math.sqrt((length ** 2 - 1) / (length - 2)) };
}

/** Probability that the batches of any of several independent series are called correlated. */
const LEVEL = 0.1;

/** The highest correlation of these series, and whether all of them pass as independent (Bonferroni). */
export function dependenceOfAll(series: readonly (readonly number[])[]): {
  correlation: number;
  isIndependent: boolean;
} {
  const found = series.map(dependence).filter((one) => one !== undefined);
  // One-sided: batches that alternate make an interval too wide, not too narrow.
  const critical = quantileOfNormal(1 - (2 * LEVEL) / Math.max(1, found.length));
  return {
    correlation: found.length > 0 ? Math.max(...found.map(({ correlation }) => correlation)) : 0,
    isIndependent: found.every(({ z }) => z <= critical),
  };
}
