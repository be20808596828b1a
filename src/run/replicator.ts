// Who computes replications: this thread, one after the other, or whoever a program hands in.

import type { EndedRequest } from "../component/recorder.js";
import { type Job, type Manner, type Replication, replicate, type Watch } from "./replicate.js";
import { Worlds } from "./worlds.js";

export interface Replicator {
  /** As many replications as are worth asking for at a time; it may change after each. */
  readonly width: number;
  /** Calls `then` when `width` has grown while a replication is being computed. */
  onWider?(then: () => void): void;
  /** Nothing is wanted any more of what has been asked for and not begun; nobody waits for it. */
  withdraw?(): void;
  /**
   * Replication number `index` from 0. Its outcome depends on the job, the index and the manner only.
   * `progress` is told the share of it that is done.
   */
  replicate(index: number, manner: Manner, progress?: Watch["progress"]): Promise<Replication>;
}

/** One after the other, in this thread. `ended` is told each request. Several may share the job's worlds. */
export function inline(
  job: Job,
  ended?: (replication: number, request: EndedRequest) => void,
  worlds = new Worlds(job),
): Replicator {
  return {
    width: 1,
    replicate(index, manner, progress) {
      return replicate(
        job,
        index,
        { ended: ended && ((request) => ended(index, request)), progress },
        manner,
        worlds,
      );
    },
  };
}
