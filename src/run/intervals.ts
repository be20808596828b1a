// Where a run's intervals come from, and why a single replication has none.

import { SECOND } from "../engine/time.js";
import type { Batches } from "./batch-numbers.js";
import type { Replication } from "./replicate.js";
import type { Intervals, WarmUp } from "./result.js";
import { hasSettledSince, LONG } from "./settled.js";

export interface OfOne {
  intervals: Intervals;
  /** What the user should know, if the intervals cannot be trusted. */
  warning?: string;
  batches?: Batches;
}

/** Of the first of several replications, if the others were not made. */
export function ofFirst(wanted: number): OfOne {
  return { intervals: { method: "none", why: `only one of ${wanted} replications was made` } };
}

/**
 * Of the only replication: its batches, if they say how sure its numbers are. `isGiven` says that the user
 * has given the warm-up.
 */
export function ofOne(one: Replication, warmUp: WarmUp, isGiven: boolean): OfOne {
  const { batches } = one;
  const why = reasonAgainst(one, warmUp, isGiven);
  if (why !== undefined) return { intervals: { method: "none", why } };
  if (!batches) {
    return {
      intervals: { method: "none", why: "what counts of the run is too short to be cut into batches" },
    };
  }
  const { rows, lengthNs, correlation, isIndependent } = batches;
  const intervals: Intervals = {
    method: "batch means",
    batches: rows.length,
    length_s: lengthNs / SECOND,
    correlation,
    independent: isIndependent,
  };
  const text =
    `The ${rows.length} batches of the one run are still correlated (${correlation.toFixed(2)} between ` +
    "halves of them), so every ± is too narrow: let the load last longer (for or requests of " +
    "clients.arrivals), or set run.replications to 10";
  return { intervals, batches, ...(!isIndependent && { warning: text }) };
}

/** Why parts of the run say nothing about the whole. */
function reasonAgainst(
  one: Replication,
  { left_out_s, steady }: WarmUp,
  isGiven: boolean,
): string | undefined {
  if (one.changes[0] !== undefined) return one.changes[0];
  if (one.expected < LONG) return `a test of fewer than ${LONG} requests is not cut into batches`;
  if (!steady) return "no steady state was reached";
  if (!isGiven) return undefined;
  if (left_out_s === 0) return "with run.warmup 0s the filling up counts, and it happens only once";
  return hasSettledSince(one, one.measuredFromNs)
    ? undefined
    : "by MSER no steady state was reached after run.warmup";
}
