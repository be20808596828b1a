// How much sooner replications, and the points of a sweep, are there on two threads than on one: by the clock
// on the wall, the two in turn, of each the shortest of some runs, which other work on the machine has
// disturbed least.

import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { least, measure } from "./measure.mjs";

const ROUNDS = 2;
// Half a minute each: of a run half a second passes before another thread computes as fast as the first, and
// of a point a quarter of a second.
const REPLICATIONS = 8;
const POINTS = { from: 6, to: 13, requests: 5_000_000, replications: 4 };

/** Nothing on a machine with one processor. `cache` is where a scenario for the sweep is written. */
export async function benchThreads({ root, cache, file }) {
  if (availableParallelism() < 2) return {};
  const { from, to, requests, replications } = POINTS;
  const sweep = join(cache, "sweep.yaml");
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    sweep,
    JSON.stringify({
      extends: join(root, file),
      clients: { arrivals: [{ process: "poisson", rate: "200/s", requests }] },
      run: { replications },
    }),
  );
  const run = ["run", join(root, file), "--replications", String(REPLICATIONS)];
  const points = ["sweep", sweep, "--vary", `gunicorn.workers=${from}..${to}`];
  return {
    [`${REPLICATIONS} replications, speed on 2 threads over 1`]: await gain(root, run),
    [`${to - from + 1} points, speed on 2 threads over 1`]: await gain(root, points),
  };
}

async function gain(root, args) {
  const ms = { 1: [], 2: [] };
  const results = new Set();
  for (let round = 0; round < ROUNDS; round++) {
    for (const threads of [1, 2]) {
      const startMs = performance.now();
      const program = [join(root, "dist/bin/recvq.js"), ...args];
      const all = [...program, "--json", "--quiet", "--threads", String(threads)];
      const { output } = await measure(process.execPath, all);
      ms[threads].push(performance.now() - startMs);
      results.add(output);
    }
  }
  if (results.size > 1) console.log(`the results of ${args[0]} on one and on two threads differ`);
  return least(ms[1]) / least(ms[2]);
}
