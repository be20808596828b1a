// Where a mean crosses a limit, between two systems that were run with common random numbers.

import { CONFIDENCE, effectiveShare, extremeShare, type Interval, quantileOfT } from "./interval.js";

/** A number of each replication at both ends, pair by pair; NaN where there is none. */
export interface Ends {
  near: readonly number[];
  far: readonly number[];
  /** Of shares: trials in each replication at the near end. */
  trials?: readonly number[] | undefined;
  /** And how many events come together, if any does: 1 unless told. */
  together?: number;
}

export interface Line {
  /**
   * Estimate and interval at this place: 0 is the near end and 1 the far one; beyond both it is extrapolated.
   */
  at(place: number, confidence?: number): Interval;
}

/**
 * What lies between two ends, from pairs of replications.
 *
 * With the means g0 and g1 of the n pairs the estimate at t is g0^(1-t) g1^t if both are above 0, since
 * losses grow by a factor with the load, and (1-t) g0 + t g1 otherwise. Each pair i says of it, by the first
 * derivatives (the delta method), y_i = (g0^(1-t) g1^t) ((1-t) g0_i / g0 + t g1_i / g1), or (1-t) g0_i + t
 * g1_i: independent numbers with the estimate as their mean, so that their spread, which has what common
 * random numbers make the ends have in common, gives the interval: Student's, and of shares that of Korn and
 * Graubard (see `shareInterval`). The set of t whose interval holds a limit is then one for the place where
 * the mean crosses it (E. Fieller, J. R. Stat. Soc. B 16, 1954).
 *
 * It neglects how far the curve is from this one between the ends, which falls with the square of their
 * distance: ends that are a few half-widths of that interval apart are near enough.
 */
export function lineBetween({ near, far, trials, together = 1 }: Ends): Line {
  const pairs = near.flatMap((one, index) => {
    const other = far[index];
    return other === undefined || Number.isNaN(one) || Number.isNaN(other) ? [] : [[one, other] as const];
  });
  const count = pairs.length;
  const all = trials?.slice(0, near.length);
  const mean = (side: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[side], 0) / count;
  const [start, end] = [mean(0), mean(1)];
  const isPower = start > 0 && end > 0;
  return {
    at(place, confidence = CONFIDENCE) {
      if (count === 0) return { value: Number.NaN, low: -Infinity, high: Infinity };
      const power = start ** (1 - place) * end ** place;
      const value = isPower ? power : (1 - place) * start + place * end;
      const each = pairs.map(([one, other]) => {
        if (!isPower) return (1 - place) * one + place * other;
        return power * ((1 - place) * (one / start) + place * (other / end));
      });
      if (count === 1) return { value, low: -Infinity, high: Infinity };
      const squares = each.reduce((sum, one) => sum + (one - value) ** 2, 0);
      const variance = squares / (count - 1) / count;
      if (all === undefined) {
        const half = variance === 0 ? 0 : quantileOfT(count - 1, confidence) * Math.sqrt(variance);
        return { value, low: value - half, high: value + half };
      }
      const share = Math.min(1, Math.max(0, value));
      if (share === 0 || share === 1) return extremeShare(share, all, { confidence, together });
      return effectiveShare(share, variance, count - 1, confidence);
    },
  };
}

/** Where something that is above 0 at `from` stops to be so, up to `to`; `to` if it never does. */
export function lastAbove(of: (place: number) => number, from: number, to: number): number {
  if (of(to) > 0) return to;
  let [inside, outside] = [from, to];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (inside + outside) / 2;
    if (of(middle) > 0) inside = middle;
    else outside = middle;
  }
  return inside;
}

/** Of a distance between ends: less than any digit that is printed. */
const HALVINGS = 30;
