// Threads that answer what they are asked: each runs one program to its end, task after task.

import type { Tinypool } from "tinypool";

// A thread that has nothing to do for a moment has compiled what the next task needs: between two steps of a
// sensitivity threads that ended at once made it three times as long. One that nobody needs holds memory.
const IDLE_MS = 10_000;

/** Up to so many threads of a program that exports `answer`; `workerData` is for all of them. */
export async function threadPool(program: URL, most: number, workerData?: object): Promise<Tinypool> {
  // Loaded only now: most runs are over before.
  const { Tinypool } = await import("tinypool");
  return new Tinypool({
    ...{ filename: program.href, name: "answer", workerData },
    ...{ minThreads: 1, maxThreads: most, isolateWorkers: false, idleTimeout: IDLE_MS },
  });
}
