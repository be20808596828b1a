// Replications that are computed once for several questions about the same scenario.

import type { Job, Manner, Replication } from "../../src/run/replicate.js";
import { inline, type Replicator } from "../../src/run/replicator.js";

/** In this thread; whoever asks again for the same replication gets the same. */
export function remembering(job: Job): Replicator {
  const computing = inline(job);
  const known = new Map<string, Promise<Replication>>();
  return {
    width: 1,
    replicate(index: number, manner: Manner) {
      const asked = Object.entries(manner).filter(([, value]) => value);
      const key = JSON.stringify([index, Object.fromEntries(asked)]);
      const found = known.get(key) ?? computing.replicate(index, manner);
      known.set(key, found);
      return found;
    },
  };
}
