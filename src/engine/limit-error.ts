// Limits of the engine itself that a user can reach.

import { DAY, LONGEST_NS } from "./time.js";

/** The sentence says what reached the limit, at which simulated time if that is known, and what to do. */
export class LimitError extends Error {
  override readonly name = "LimitError";
}

/** What is thrown for something that would happen later than the clock can count. */
export function beyond(name: string, nowNs: number): LimitError {
  return new LimitError(
    `expected at most 2^53 ns, about 104 days of simulated time; at ${(nowNs / DAY).toFixed(1)} days ` +
      `"${name}" is due after that: raise the rate, send fewer requests or shorten the delays`,
  );
}

/** What is thrown for a delay that is negative or too long. */
export function refusedDelay(name: string, delayNs: number, nowNs: number): Error {
  if (delayNs >= 0) return beyond(name, nowNs);
  return new Error(`${name}: expected a delay of 0 ns or more, got ${delayNs}`);
}

/** The same for a time. */
export function refusedTime(name: string, timeNs: number, nowNs: number): Error {
  if (timeNs > LONGEST_NS) return beyond(name, nowNs);
  return new Error(`${name}: ${timeNs} ns is in the past at ${nowNs} ns`);
}
