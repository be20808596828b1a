// Requests of the unix path through the built command line, beside a C program of just this scenario.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { measure, median } from "./measure.mjs";

const ROUNDS = 3;
const EVENTS_OF = 200_000;

/** Prints what was measured and answers the figures. */
export async function benchPath({ root, cache, bundled, requests }) {
  const { scenarioFile, unixPath } = await bundled("test/bench/unix-path.ts");
  const program = compiled(root, cache);
  const runs = { recvq: [], c: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const set = `clients.arrivals.0.requests=${requests}`;
    const recvq = [join(root, "dist/bin/recvq.js"), "run", join(root, scenarioFile), "--json", "--set", set];
    runs.recvq.push(await measure(process.execPath, recvq));
    // Requests, rate, workers, service in s, backlog, read timeout in s, seed: as in the scenario file.
    const args = [requests, 200, 8, 0.05, 128, 60, round + 1].map(String);
    if (program) runs.c.push(await measure(program, args));
  }
  const { events, sent } = await unixPath(root, EVENTS_OF);
  const recvq = figures(runs.recvq, requests);
  const c = program && figures(runs.c, requests);
  const blocked = JSON.parse(runs.recvq[0].output).outcomes["502"].share;
  console.log(
    `unix path: ${requests} requests in turn, ${ROUNDS} times; blocked share ${blocked.toFixed(4)}`,
  );
  if (c) {
    const [total, , refused] = runs.c[0].output.split(" ").map(Number);
    console.log(`the C program: blocked share ${(refused / total).toFixed(4)}`);
  }
  return {
    "unix path, million requests/s": recvq.millions,
    "C program, million requests/s": c?.millions,
    "unix path over C program": c && recvq.millions / c.millions,
    "unix path, peak MB": recvq.peakMb,
    "C program, peak MB": c?.peakMb,
    "unix path, events a request": events / sent,
  };
}

function figures(runs, requests) {
  return {
    millions: requests / median(runs.map(({ seconds }) => seconds)) / 1e6,
    peakMb: median(runs.map(({ peakMb }) => peakMb)),
  };
}

/** The C program's path; undefined, and said so, without a compiler. */
function compiled(root, cache) {
  mkdirSync(cache, { recursive: true });
  const program = join(cache, "unix-8-workers");
  const source = join(root, "test/bench/unix-8-workers.c");
  try {
    execFileSync("cc", ["-O3", "-march=native", "-o", program, source, "-lm"]);
    return program;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    console.log("no C compiler here: without the C program");
    return undefined;
  }
}
