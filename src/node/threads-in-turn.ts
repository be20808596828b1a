// Threads for scenarios that are computed one after the other, each to its end.

import type { Job } from "../run/replicate.js";
import type { Replicator } from "../run/replicator.js";
import { type Threads, type ThreadsOptions, threads } from "./threads.js";

/**
 * Until a scenario has been computed so long here it gets no threads: they would take half a second of a
 * processor to compile what they run, and most scenarios of a suite are over by then.
 */
const PATIENCE_MS = 1_000;

export interface ThreadsInTurn {
  /** Those of the scenario before are sent home. */
  replicator(scenario: Record<string, unknown>, job: Job): Replicator;
  /** Ends the threads. */
  stop(): Promise<void>;
}

/** So many threads for each scenario, one for each processor without `count`. */
export function threadsInTurn(shared: Pick<ThreadsOptions, "count" | "program" | "here">): ThreadsInTurn {
  let current: Threads | undefined;
  const leaving: Promise<void>[] = [];
  const leave = () => {
    if (current) leaving.push(current.stop());
    current = undefined;
  };
  return {
    replicator(scenario, job) {
      leave();
      current = threads({ ...shared, scenario, patienceMs: PATIENCE_MS });
      return current.replicator(job, Number.POSITIVE_INFINITY);
    },
    async stop() {
      leave();
      await Promise.all(leaving);
    },
  };
}
