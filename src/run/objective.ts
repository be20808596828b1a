// An objective: a metric of a run, and what it has to be below or above.

import type { MetricUnit } from "./metrics.js";

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
