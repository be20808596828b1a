// Whether the queue still grows when a load ends: then what is measured depends on how long it lasted.

import { meanInterval } from "../stats/interval.js";
import type { Replication } from "./replicate.js";
import { isOfRequests } from "./settled.js";

const LEAST_STEPS = 16;
/**
 * Of a queue that grows evenly from nothing the last quarter of the time has 2.3 times what the second one
 * has.
 */
const FACTOR = 1.5;

/**
 * Mean number of requests that wait or run in the last quarter of the time in which they are sent, less half
 * as much again as in the second quarter; NaN of a load that changes, or of too short a time to tell.
 */
export function growthOf({ changes, levels, stepNs, firstSentNs, lastSentNs }: Replication): number {
  const begin = firstSentNs / stepNs;
  const steps = lastSentNs / stepNs - begin;
  if (changes.length > 0 || !(steps >= LEAST_STEPS)) return Number.NaN;
  const all = levels.filter(isOfRequests);
  const mean = (from: number, to: number) => {
    const [first, last] = [Math.floor(begin + from * steps), Math.floor(begin + to * steps)];
    const sums = all.map(({ means }) => means.subarray(first, last).reduce((sum, one) => sum + one, 0));
    return sums.reduce((sum, one) => sum + one, 0) / (last - first);
  };
  return mean(0.75, 1) - FACTOR * mean(0.25, 0.5);
}

/** By the 95 % interval of these numbers of replications. */
export function isGrowing(growths: readonly number[]): boolean {
  const known = growths.filter((growth) => !Number.isNaN(growth));
  if (known.length === 0) return false;
  return known.length === 1 ? (known[0] as number) > 0 : meanInterval(known).low > 0;
}
