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

/**
 * What a field begins with that is to hold nanoseconds: `reset` says what it really is. V8 lays an object
 * out by the first values of its fields, and 0 is a small integer; the first time beyond 2.1 s would be
 * another layout, and all code that knows the first one would be taken back and compiled again (measured:
 * 0.88 to 0.96 times the processor time of 8 million requests of the bench scenarios without that, 2 cores,
 * Node 20.20, 2026-12).
 */
export const DOUBLE = Number.NaN;

/**
 * Lays the fields of an object out, as far as they end in `Ns`, for doubles: see `DOUBLE`. Objects of one
 * literal have one layout in all copies of the program (node/copies.ts): it must not depend on the scenario.
 */
export function laidOut<Values extends object>(values: Values): Values {
  for (const [name, value] of Object.entries(values)) {
    if (name.endsWith("Ns") && typeof value === "number")
      Object.assign(values, { [name]: DOUBLE }, { [name]: value });
  }
  return values;
}

/** Whole nanoseconds from seconds; every sampled or computed duration goes through here once. */
export function fromSeconds(seconds: number): number {
  return Math.round(seconds * SECOND);
}
