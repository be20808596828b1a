// How long this thread has computed, which is what something costs on a machine with others on it too.

import { readFileSync } from "node:fs";
import { MILLISECOND } from "../engine/time.js";

// The time on a processor in nanoseconds is the first number of it (Linux,
// Documentation/scheduler/sched-stats.rst).
const STATISTICS = "/proc/thread-self/schedstat";

/** Milliseconds since some moment: on a processor if the system tells, else by the clock. */
export const threadMs: () => number = onProcessorMs() === undefined ? () => performance.now() : computedMs;

function computedMs(): number {
  return onProcessorMs() ?? 0;
}

function onProcessorMs(): number | undefined {
  try {
    const ns = Number(readFileSync(STATISTICS, "utf8").split(" ")[0]);
    // Zeros are all there is where the kernel was built without them.
    return ns > 0 ? ns / MILLISECOND : undefined;
  } catch {
    return undefined;
  }
}
