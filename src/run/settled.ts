// Where a run has filled up: MSER on the requests that wait or run.

import { mser } from "../stats/mser.js";

interface LevelOverTime {
  name: string;
  /** Mean level in each step. */
  means: ArrayLike<number>;
}

/** Whether this is a level of requests that wait or run. */
export function isOfRequests({ name }: { name: string }): boolean {
  return /^(busy |accept queue of )/.test(name);
}

/** Whether these levels have settled in the first half of the time up to now. */
export function isSettled(levels: readonly LevelOverTime[], stepNs: number, nowNs: number): boolean {
  const steps = Math.floor(nowNs / stepNs);
  const all = levels.filter(isOfRequests);
  const sums = Array.from({ length: steps }, (_, step) =>
    all.reduce((sum, { means }) => sum + (means[step] as number), 0),
  );
  return mser(sums) !== undefined;
}
