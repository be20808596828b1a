import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { threadMs } from "../../src/node/thread-time.js";

test.runIf(existsSync("/proc/thread-self/schedstat"))(
  "a thread's time is what it computes, not what it waits",
  () => {
    const startMs = threadMs();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    const waitedMs = threadMs() - startMs;
    let sum = 0;
    while (threadMs() - startMs < waitedMs + 50) sum++;
    expect(waitedMs).toBeLessThan(150);
    expect(sum).toBeGreaterThan(0);
  },
);
