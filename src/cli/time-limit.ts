// run.time_limit, which only the edge knows to keep: the core has no clock.

import { MILLISECOND } from "../engine/time.js";

/** Whether so many nanoseconds are over, from now on; never without a limit. */
export function overAfter(limitNs: number | undefined): () => boolean {
  if (limitNs === undefined) return () => false;
  const startMs = performance.now();
  return () => performance.now() - startMs >= limitNs / MILLISECOND;
}
