// Simulated time is a whole number of nanoseconds in a double: exact up to 2^53 ns, so sums and ties are
// exact and a run is the same on every machine.

export const MICROSECOND = 1_000;
export const MILLISECOND = 1_000_000;
export const SECOND = 1_000_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The longest run: 2^53 ns, about 104 days. */
export const LONGEST_NS = Number.MAX_SAFE_INTEGER;

/** Whole nanoseconds from seconds; every sampled or computed duration goes through here once. */
export function fromSeconds(seconds: number): number {
  return Math.round(seconds * SECOND);
}
