// Two systems run with common random numbers: what differs between them, from the differences of pairs.

import jstat from "jstat";
import {
  CONFIDENCE,
  effectiveShare,
  extremeShare,
  type Interval,
  leastVariance,
  quantileOfT,
} from "./interval.js";

/** The difference B - A of one number, and how sure it is. */
export interface PairedDifference extends Interval {
  /** Pairs in which both have the number. */
  pairs: number;
  /** Pairs in which it differs. */
  differing: number;
  /** `none`: with fewer than two pairs nothing is known of their spread. */
  method: "exact" | "t" | "gained and lost" | "none";
  /** Probability of a difference as large as this or larger where there is none; of both signs. */
  p: number;
  /** The interval of another confidence. */
  at(confidence: number): Interval;
}

/** Events of so many trials in each replication. */
export interface Counted {
  shares: readonly number[];
  trials: readonly number[];
  /** So many events come together, on average, if any does: 1 unless told. */
  together?: number;
}

/**
 * Difference of two means from pairs of replications: with d = b - a of each pair, d's mean -+ t(n-1) s /
 * sqrt(n) (the paired-t interval: Law, Simulation Modeling and Analysis, 10.2.1; with common random
 * numbers 11.2). Pairs are independent of each other and d is nearly normal; a and b of a pair may depend
 * on each other in any way, and have different variances. A pair of which one number is NaN is left out.
 * `exact` says that nothing is random.
 */
export function pairedMean(a: readonly number[], b: readonly number[], exact = false): PairedDifference {
  const differences = differencesOf(a, b);
  const pairs = differences.length;
  const value = meanOf(differences);
  const differing = differences.filter((difference) => difference !== 0).length;
  if (exact) return { ...known(value), pairs, differing };
  if (pairs < 2) return { ...nothing(value), pairs, differing };
  const error = Math.sqrt(varianceOf(differences) / pairs);
  const at = (confidence: number) => {
    const half = error === 0 ? 0 : quantileOfT(pairs - 1, confidence) * error;
    return { value, low: value - half, high: value + half };
  };
  return { ...at(CONFIDENCE), pairs, differing, method: "t", p: pOfT(value, error, pairs - 1), at };
}

// Student's t wants differences that are nearly normal, or enough of them that are not 0.
const MANY_EVENTS = 10;
const MANY_PAIRS = 10;

/**
 * Difference of two shares. It is that of two means, unless few events make the difference: fewer than 10
 * in all, or those of fewer than 10 pairs while others do not differ at all. Then t would trust a spread
 * that it has hardly seen, or say ± 0 where no pair differs; so what B has more in some pairs (gained) and
 * less in others (lost) are two shares, each with the interval of Korn and Graubard for few clustered
 * events (see `shareInterval`; never narrower than for as many independent ones), or the bound of
 * `extremeShare` if there were none, by clusters of the size of `sizeOf`. The interval of the difference is
 * MOVER's (Zou and Donner 2008, Statistics in Medicine 27, 1693-1702, with their correlation), which with
 * many events is that of t. Its p is 1 less the confidence at which it reaches 0.
 */
export function pairedShare(a: Counted, b: Counted, exact = false): PairedDifference {
  const trials = a.trials.map((one, index) => Math.min(one, b.trials[index] as number));
  const differences = a.shares.map((share, index) => rounded(share, b.shares[index] as number));
  const whole = differences.flatMap((one, index) =>
    Number.isNaN(one) || trials[index] === 0 ? [] : [{ difference: one, trials: trials[index] as number }],
  );
  const pairs = whole.length;
  const events = whole.reduce((sum, one) => sum + Math.abs(one.difference) * one.trials, 0);
  const differing = whole.filter(({ difference }) => difference !== 0).length;
  // The sum of shares that were counts.
  const isFew = events < MANY_EVENTS - 1e-6 || (differing < MANY_PAIRS && differing < pairs);
  if (exact || pairs < 2 || !isFew) return pairedMean(a.shares, b.shares, exact);
  const value = meanOf(whole.map(({ difference }) => difference));
  const of = (sign: number) => whole.map((one) => Math.max(0, sign * one.difference));
  const at = gainedAndLost(of(1), of(-1), {
    trials: whole.map((one) => one.trials),
    together: Math.max(a.together ?? 1, b.together ?? 1),
  });
  const { low, high } = at(CONFIDENCE);
  return { value, low, high, pairs, differing, method: "gained and lost", p: pOf(value, at), at };
}

type Tried = Required<Omit<Counted, "shares">>;

/** MOVER's interval of a difference of two shares, which hardly ever happen in the same pair. */
function gainedAndLost(gained: number[], lost: number[], tried: Tried): PairedDifference["at"] {
  const correlation = correlationOf(gained, lost);
  // At most one of both has none if there are any.
  const each = { ...tried, together: sizeOf(gained.some((share) => share > 0) ? gained : lost, tried) };
  const [gainAt, lossAt] = [fewOf(gained, each), fewOf(lost, each)];
  return (confidence) => {
    const [gain, loss] = [gainAt(confidence), lossAt(confidence)];
    const reach = (one: number, other: number) =>
      Math.sqrt(Math.max(0, one * one + other * other - 2 * correlation * one * other));
    const value = gain.value - loss.value;
    return {
      value,
      low: Math.max(-1, value - reach(gain.value - gain.low, loss.high - loss.value)),
      high: Math.min(1, value + reach(gain.high - gain.value, loss.value - loss.low)),
    };
  };
}

/**
 * How many events would be gained, or lost, together, of which there were none. As long as there are none of
 * the other kind either, nothing is known but how many fail together at most. Those that there are say more,
 * the more clusters of them there were: of so many as a Poisson process has in the pairs with any (see
 * `leastVariance`) the mean, the size that was expected counting as one more.
 */
function sizeOf(shares: readonly number[], { trials, together }: Tried): number {
  const events = shares.reduce((sum, share, index) => sum + share * (trials[index] as number), 0);
  const affected = shares.filter((share) => share > 0).length;
  const clusters = -shares.length * Math.log(1 - affected / shares.length);
  return Math.max(1, (together + events) / (1 + clusters));
}

/** The interval of a share of few events; that they are spread evenly over few pairs is chance. */
function fewOf(shares: readonly number[], { trials, together }: Tried): (confidence: number) => Interval {
  const all = trials.reduce((sum, one) => sum + one, 0);
  const value = meanOf(shares);
  const counts = shares.map((share, index) => share * (trials[index] as number));
  const variance = Math.max(
    varianceOf(shares) / shares.length,
    (value * (1 - value)) / all,
    leastVariance(value, counts, trials),
  );
  return (confidence) =>
    value === 0
      ? extremeShare(0, trials, { confidence, together })
      : effectiveShare(value, variance, shares.length - 1, confidence);
}

/**
 * By how much pairing narrows: the variance of b - a of a pair over what it would be of independent runs,
 * which is the sum of both variances. Below 1 the common random numbers help, above 1 they do harm.
 * Undefined where nothing varies, and of fewer than two pairs.
 */
export function varianceRatio(a: readonly number[], b: readonly number[]): number | undefined {
  const pairs = pairsOf(a, b);
  if (pairs.length < 2) return undefined;
  const independent = varianceOf(pairs.map(([one]) => one)) + varianceOf(pairs.map(([, other]) => other));
  return independent > 0 ? varianceOf(differencesOf(a, b)) / independent : undefined;
}

/**
 * Holm's adjusted probabilities (1979, Scandinavian Journal of Statistics 6, 65-70): those that are at most
 * 0.05 can all be called differences, and with 95 % none of them is a false alarm, however the numbers depend
 * on each other. That of Benjamini and Hochberg promises only a small part of false ones, and that only for
 * numbers that go together; the shares of one run sum to 1 and do not.
 */
export function holm(probabilities: readonly number[]): number[] {
  const order = [...probabilities.keys()].sort(
    (one, other) => (probabilities[one] as number) - (probabilities[other] as number),
  );
  const adjusted = new Array<number>(probabilities.length);
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, (probabilities.length - rank) * (probabilities[index] as number)));
    adjusted[index] = least;
  });
  return adjusted;
}

function pairsOf(a: readonly number[], b: readonly number[]): [number, number][] {
  return a.flatMap((one, index): [number, number][] => {
    const other = b[index] as number;
    return Number.isNaN(one) || Number.isNaN(other) ? [] : [[one, other]];
  });
}

function differencesOf(a: readonly number[], b: readonly number[]): number[] {
  return pairsOf(a, b).map(([one, other]) => rounded(one, other));
}

/** What is less than the rounding of sums is no difference. */
function rounded(one: number, other: number): number {
  const difference = other - one;
  return Math.abs(difference) <= 1e-12 * Math.max(Math.abs(one), Math.abs(other)) ? 0 : difference;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, one) => sum + one, 0) / values.length;
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1);
  // Less is the rounding of sums.
  return variance <= 1e-24 * mean ** 2 ? 0 : variance;
}

function correlationOf(one: readonly number[], other: readonly number[]): number {
  const [meanOne, meanOther] = [meanOf(one), meanOf(other)];
  const sum = one.reduce(
    (all, value, index) => all + (value - meanOne) * ((other[index] as number) - meanOther),
    0,
  );
  const spread = Math.sqrt(varianceOf(one) * varianceOf(other)) * (one.length - 1);
  return spread === 0 ? 0 : Math.max(-1, Math.min(1, sum / spread));
}

function pOfT(value: number, error: number, degreesOfFreedom: number): number {
  if (value === 0) return 1;
  return error === 0 ? 0 : Math.min(1, 2 * jstat.studentt.cdf(-Math.abs(value) / error, degreesOfFreedom));
}

// Halves of what is not known of a confidence: 2^-50 is less than its rounding.
const HALVINGS = 50;

/** One less the confidence at which an interval reaches 0. */
function pOf(value: number, at: PairedDifference["at"]): number {
  if (value === 0) return 1;
  let [low, high] = [0, 1];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const p = (low + high) / 2;
    const interval = at(1 - p);
    if (interval.low <= 0 && interval.high >= 0) low = p;
    else high = p;
  }
  return high;
}

type Known = Omit<PairedDifference, "pairs" | "differing">;

function known(value: number): Known {
  const at = () => ({ value, low: value, high: value });
  return { ...at(), method: "exact", p: value === 0 ? 1 : 0, at };
}

function nothing(value: number): Known {
  const at = () => ({ value, low: -Infinity, high: Infinity });
  return { ...at(), method: "none", p: 1, at };
}
