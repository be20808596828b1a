// Confidence intervals of means of independent replications.

import jstat from "jstat";

/** What intervals hold unless something else is asked for. */
export const CONFIDENCE = 0.95;

export interface Interval {
  value: number;
  low: number;
  high: number;
}

/**
 * Mean of independent, identically distributed values with its two-sided interval: m -+ t(n-1) s / sqrt(n)
 * (Student 1908; Law, Simulation Modeling and Analysis, 4.5). With one value nothing is known of its spread:
 * the interval is from -Infinity to Infinity, unless `exact` says that there is none.
 */
export function meanInterval(
  values: readonly number[],
  exact = false,
  confidence: number = CONFIDENCE,
): Interval {
  const { length } = values;
  const value = values.reduce((sum, one) => sum + one, 0) / length;
  if (exact) return { value, low: value, high: value };
  const half =
    length > 1
      ? (quantileOfT(length - 1, confidence) * deviation(values, value)) / Math.sqrt(length)
      : Infinity;
  return { value, low: value - half, high: value + half };
}

/**
 * Share of events in `trials` trials of each replication: the mean of the replications' shares. Drops come in
 * clusters, so its variance is that between replications, never that of pooled trials; and few events are
 * skewed, so it is the exact interval of Clopper and Pearson (1934) for as many independent trials as have
 * this variance (the effective sample size), less what t takes for few replications: Korn and Graubard (1998,
 * Survey Methodology 24, 193-201). With many events it is that of the mean. The variance of a few clusters is
 * no less than `leastVariance` says.
 *
 * Events that never (or always) happened have no spread to judge by: see `extremeShare`.
 */
export function shareInterval(
  counts: readonly number[],
  trials: readonly number[],
  { exact = false, confidence = CONFIDENCE, together = 1 }: ShareOptions = {},
): Interval {
  const shares = counts.map((count, index) => {
    // nginx logs requests that were sent in the warm-up and are none of the trials.
    return trials[index] ? Math.min(1, count / (trials[index] as number)) : 0;
  });
  const { length } = shares;
  const value = shares.reduce((sum, one) => sum + one, 0) / length;
  if (exact) return { value, low: value, high: value };
  const extreme = [0, 1].find((end) => shares.every((share) => share === end));
  if (extreme !== undefined) return extremeShare(extreme, trials, { confidence, together });
  if (length < 2) return { value, low: 0, high: 1 };
  const seen = deviation(shares, value) ** 2 / length;
  const variance = Math.max(seen, leastVariance(value, counts, trials));
  return effectiveShare(value, variance, length - 1, confidence);
}

export interface ShareOptions {
  /** There is nothing that varies. */
  exact?: boolean;
  confidence?: number;
  /** So many events come together, on average, if any does: for shares of 0 and 1. */
  together?: number;
}

/**
 * What is known of a share of 0 or 1 in trials that come in replications, or batches. With m units that are
 * independent of each other, and events in none of them, the share of units with events is below
 * 1 - (1 - confidence)^(1/m) with this confidence (about 3 / m for 95 %: Hanley and Lippman-Hand 1983), and
 * so is the share of trials, however many of a unit's trials are events. Replications are such units. So
 * are as many trials as there are events in a cluster of them, if those are `together`, on average; where
 * these are more units, the bound is theirs.
 */
export function extremeShare(
  value: number,
  trials: readonly number[],
  { confidence = CONFIDENCE, together = 1 }: Omit<ShareOptions, "exact"> = {},
): Interval {
  const some = trials.filter((count) => count > 0);
  const units = Math.max(some.length, some.reduce((sum, one) => sum + one, 0) / together);
  const bound = -Math.expm1(Math.log(1 - confidence) / units);
  return value === 0 ? { value, low: 0, high: bound } : { value, low: 1 - bound, high: 1 };
}

const MOST_AFFECTED = 8;

/**
 * The least variance that the mean of shares can have of which few clusters have been seen. The spread of a
 * few clusters of about one size by chance, or of a single one, promises too much: of 2 to 8 clusters of 10
 * events, intervals from the spread alone held the truth in 88 to 93 %, with this variance in 92 to 95 %.
 *
 * Of n replications k have events. Were clusters a Poisson process, there would be m = -n ln(1 - k/n) of
 * them, of d = events / m each on average; and if their sizes have a geometric law, as those of overflows of
 * an M/M/c queue do (a period of them ends with each arrival that finds a place again with a probability
 * that is always the same), then the variance is 2 d - 1 times that of as many independent trials: the
 * variance of a compound Poisson sum (W. Feller, An Introduction to Probability Theory, 1968, XII.2). Where
 * more replications have events, or more than half of them, their own spread knows better.
 */
export function leastVariance(value: number, counts: readonly number[], trials: readonly number[]): number {
  const { length } = counts;
  const all = trials.reduce((sum, one) => sum + one, 0);
  // What is rare is the event.
  const rare =
    value <= 0.5 ? counts : counts.map((count, index) => Math.max(0, (trials[index] as number) - count));
  const affected = rare.filter((count) => count > 0).length;
  if (affected > Math.min(MOST_AFFECTED, length / 2)) return 0;
  const clusters = -length * Math.log(1 - affected / length);
  const together = Math.max(1, rare.reduce((sum, one) => sum + one, 0) / clusters);
  return (value * (1 - value) * (2 * together - 1)) / all;
}

/** Korn and Graubard's interval of a share whose estimate has this variance: see `shareInterval`. */
export function effectiveShare(
  value: number,
  variance: number,
  degreesOfFreedom: number,
  confidence: number = CONFIDENCE,
): Interval {
  // Replications that hardly differ: less is the rounding of sums.
  if (variance <= 1e-24 * value ** 2) return { value, low: value, high: value };
  const effective = (value * (1 - value)) / variance;
  const perT = quantileOfNormal(confidence) / quantileOfT(degreesOfFreedom, confidence);
  return { value, ...clopperPearson(value, effective * perT ** 2, confidence) };
}

// Beyond this many events on either side the beta distribution is normal to four digits.
const MANY = 1e4;

/** The exact interval for this share of so many independent trials, which need not be a whole number. */
function clopperPearson(share: number, trials: number, confidence: number): Omit<Interval, "value"> {
  const [events, others] = [share * trials, (1 - share) * trials];
  if (Math.min(events, others) > MANY) {
    const half = quantileOfNormal(confidence) * Math.sqrt((share * (1 - share)) / trials);
    return { low: Math.max(0, share - half), high: Math.min(1, share + half) };
  }
  const tail = (1 - confidence) / 2;
  return {
    low: jstat.beta.inv(tail, events, others + 1),
    high: jstat.beta.inv(1 - tail, events + 1, others),
  };
}

function deviation(values: readonly number[], mean: number): number {
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** So many standard errors to each side: Student's t. */
export function quantileOfT(degreesOfFreedom: number, confidence: number): number {
  return jstat.studentt.inv((1 + confidence) / 2, degreesOfFreedom);
}

/** The same of the normal distribution. */
export function quantileOfNormal(confidence: number): number {
  return jstat.normal.inv((1 + confidence) / 2, 0, 1);
}
