// Where a run has filled up: MSER on the requests that wait or run.

import { mser } from "../stats/mser.js";

/** A load of fewer requests is a test that counts whole. */
export const LONG = 10_000;

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
  return mser(inSystem(levels, Math.floor(nowNs / stepNs))) !== undefined;
}

interface Ran {
  levels: readonly LevelOverTime[];
  stepNs: number;
  lastSentNs: number;
}

/** Whether a run has settled in the first half of what was left of it at `fromNs`. */
export function hasSettledSince({ levels, stepNs, lastSentNs }: Ran, fromNs: number): boolean {
  const all = inSystem(levels, Math.floor(lastSentNs / stepNs));
  return mser(all.slice(Math.ceil(fromNs / stepNs))) !== undefined;
}

/** Requests that wait or run, in each of the first steps. */
function inSystem(levels: readonly LevelOverTime[], steps: number): number[] {
  const all = levels.filter(isOfRequests);
  return Array.from({ length: steps }, (_, step) =>
    all.reduce((sum, { means }) => sum + (means[step] as number), 0),
  );
}
