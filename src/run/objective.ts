// An objective: a metric of a run, and what it has to be below or above.

import { type MetricUnit, unknownCause } from "./metrics.js";
import type { Replication } from "./replicate.js";

export interface Objective {
  /** As it was written. */
  text: string;
  metric: string;
  op: "<" | "<=" | ">" | ">=";
  /** Shares from 0 to 1, seconds, a second, or a plain number. */
  limit: number;
  unit: MetricUnit;
}

/**
 * Whether this value meets it. What has no value, such as a latency of requests that there are not, does not.
 */
export function isMet({ op, limit }: Objective, value: number): boolean {
  if (op === "<") return value < limit;
  if (op === "<=") return value <= limit;
  return op === ">" ? value > limit : value >= limit;
}

/** It wants little of its metric. */
export function isBelow({ op }: Objective): boolean {
  return op === "<" || op === "<=";
}

/**
 * Why no number of replications could show that it is met, as a sentence without its place, given the
 * scenario's first one; undefined if they can.
 */
export function unprovable(
  objective: Objective,
  first: Pick<Replication, "outcomes" | "causes" | "levels" | "deterministic">,
): string | undefined {
  const known = first.causes.map(({ id }) => id);
  const cause = unknownCause(objective.metric, known);
  if (cause !== undefined) return `expected a cause of this scenario (${known.join(", ")}), got "${cause}"`;
  const { unit, limit } = objective;
  if (unit !== "share" || limit !== (isBelow(objective) ? 0 : 1) || first.deterministic) return undefined;
  const than = isBelow(objective) ? "above 0, such as 0.001%" : "below 100%, such as 99.999%";
  return `expected a limit ${than}: that something never happens no number of random runs can show`;
}
