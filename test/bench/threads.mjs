// How much sooner a run with several replications ends on two threads than on one: by the clock on the wall,
// the two in turn, of each the shortest of some runs, which other work on the machine has disturbed least.

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.mjs";

const ROUNDS = 3;
const REPLICATIONS = 8;
// About a second each.
const REQUESTS = 5_000_000;

/** Nothing on a machine with one processor. */
export async function benchThreads({ root, file }) {
  if (availableParallelism() < 2) return {};
  const shortest = { 1: Number.POSITIVE_INFINITY, 2: Number.POSITIVE_INFINITY };
  const results = new Set();
  for (let round = 0; round < ROUNDS; round++) {
    for (const threads of [1, 2]) {
      const startMs = performance.now();
      const { output } = await measure(process.execPath, [
        join(root, "dist/bin/recvq.js"),
        ...["run", join(root, file), "--json", "--quiet", "--threads", String(threads)],
        ...["--set", `clients.arrivals.0.requests=${REQUESTS}`, "--set", "run.warmup=0s"],
        ...["--replications", String(REPLICATIONS)],
      ]);
      shortest[threads] = Math.min(shortest[threads], performance.now() - startMs);
      results.add(output);
    }
  }
  if (results.size > 1) console.log("the results on one and on two threads differ");
  return { [`${REPLICATIONS} replications, speed on 2 threads over 1`]: shortest[1] / shortest[2] };
}
