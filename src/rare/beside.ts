// An estimate of rare refusals beside an ordinary run of the same scenario.

import type { RareResult, Result } from "../run/result.js";

/** From fewer failures of the run nothing follows. */
const FEWEST = 20;

/**
 * The result with what splitting has found, and a warning where the run saw more refusals than that: they
 * come otherwise then than by a queue that fills step by step, of which splitting knows nothing.
 */
export function withRare(result: Result, rare: RareResult): Result {
  const same = result.causes.filter(({ id }) => id === rare.cause);
  const low = same.reduce((sum, cause) => sum + cause.low, 0);
  const count = same.reduce((sum, cause) => sum + cause.count, 0);
  if (count * result.replications < FEWEST || low <= rare.high) return { ...result, rare };
  const text =
    "--rare found fewer refusals than the run: believe the run. They come otherwise than by a queue that " +
    "fills step by step, such as from single requests that take very long.";
  return { ...result, rare, warnings: [...result.warnings, text] };
}
