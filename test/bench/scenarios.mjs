// Other shapes of load through the built command line: TIME_WAIT, a closed loop, many servers, threads, M/M/1.

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { least, measure } from "./measure.mjs";

const ROUNDS = 4;
// So many that starting and compiling, half a second and more, are a small part of it; ten million of the
// M/M/1 would outlast the longest run, which is 104 days.
const REQUESTS = 8_000_000;
const LOADS = { "closed-loop": "clients.closed.requests" };
const OPEN_LOOP = "clients.arrivals.0.requests";
const FOLDER = "scenarios/bench";
const SILENT = ["--json", "--quiet", "-o", "/dev/null"];

/**
 * Figures of every scenario of the folder but `apart`, with 8 million requests each; `reference` is the C
 * program's million requests/s.
 */
export async function benchScenarios({ root, apart, reference }) {
  const figures = {};
  for (const name of readdirSync(join(root, FOLDER)).sort()) {
    const file = `${FOLDER}/${name}`;
    if (file === apart) continue;
    const title = basename(name, ".yaml");
    const requests = ["--set", `${LOADS[title] ?? OPEN_LOOP}=${REQUESTS}`];
    const args = [join(root, "dist/bin/recvq.js"), "run", join(root, file), ...requests, ...SILENT];
    const runs = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await measure(process.execPath, args));
    const millions = REQUESTS / least(runs.map(({ seconds }) => seconds)) / 1e6;
    figures[`${title} (8 million), million requests/s`] = millions;
    figures[`${title} over C program`] = reference && millions / reference;
    figures[`${title}, peak MB`] = least(runs.map(({ peakMb }) => peakMb));
  }
  return figures;
}
