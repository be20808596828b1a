// Progress, and the end of a run that is not wanted any more.

import type { RunOptions } from "./run.js";

/** So many calls apart the event loop has its turn: about 0.1 s of a long run, or as many short ones. */
const EVERY = 10;

/**
 * What is called now and then with the share that is done, and waited for; undefined if nobody watches.
 * Throws the signal's reason, at once if it is aborted already. Timers and handlers that may abort it get
 * their turn as well: a run in this thread leaves them none.
 */
export function watched({
  progress,
  signal,
}: Pick<RunOptions, "progress" | "signal">): RunOptions["progress"] {
  if (!signal) return progress;
  signal.throwIfAborted();
  let calls = 0;
  return async (share) => {
    await progress?.(share);
    if (calls++ % EVERY === 0) await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  };
}
