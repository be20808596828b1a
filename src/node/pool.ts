// Threads that answer what they are asked: each runs one program to its end, task after task.

import type { Tinypool } from "tinypool";

// Longer than any run: a thread that has nothing to do for a moment has compiled what the next task needs.
// The longest time-out that there is.
const IDLE_MS = 2 ** 31 - 1;

/** Up to so many threads of a program that exports `answer`; `workerData` is for all of them. */
export async function threadPool(program: URL, most: number, workerData?: object): Promise<Tinypool> {
  // Loaded only now: most runs are over before.
  const { Tinypool } = await import("tinypool");
  return new Tinypool({
    ...{ filename: program.href, name: "answer", workerData },
    ...{ minThreads: 1, maxThreads: most, isolateWorkers: false, idleTimeout: IDLE_MS },
  });
}
