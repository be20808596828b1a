// Limits of the engine itself that a user can reach.

import { DAY } from "./time.js";

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
