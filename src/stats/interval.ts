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
 * Survey Methodology 24, 193-201). With many events it is that of the mean.
 *
 * Events that never (or always) happened have no spread to judge by: then the bound is -ln(0.05) / n, about
 * 3 / n, the 95 % limit for 0 of n independent trials (Hanley and Lippman-Hand 1983), the least that can be
 * said.
 */
export function shareInterval(
  counts: readonly number[],
  trials: readonly number[],
  exact = false,
  confidence: number = CONFIDENCE,
): Interval {
  const shares = counts.map((count, index) => {
    // nginx logs requests that were sent in the warm-up and are none of the trials.
    return trials[index] ? Math.min(1, count / (trials[index] as number)) : 0;
  });
  const { length } = shares;
  const value = shares.reduce((sum, one) => sum + one, 0) / length;
  if (exact) return { value, low: value, high: value };
  const all = trials.reduce((sum, one) => sum + one, 0);
  const extreme = [0, 1].find((end) => shares.every((share) => share === end));
  if (extreme !== undefined) return extremeShare(extreme, all, confidence);
  if (length < 2) return { value, low: 0, high: 1 };
  return effectiveShare(value, deviation(shares, value) ** 2 / length, length - 1, confidence);
}

/** What is known of a share of 0 or 1 in so many trials: see `shareInterval`. */
export function extremeShare(value: number, trials: number, confidence: number = CONFIDENCE): Interval {
  const bound = Math.min(1, -Math.log(1 - confidence) / trials);
  return value === 0 ? { value, low: 0, high: bound } : { value, low: 1 - bound, high: 1 };
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
