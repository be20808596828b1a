// Other shapes of load through the built command line: TIME_WAIT, a closed loop, many servers, threads, M/M/1.

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { measure, median } from "./measure.mjs";

const ROUNDS = 3;
const REQUESTS = 2_000_000;
const FOLDER = "scenarios/bench";

/** Figures of every scenario of the folder but `apart`; `reference` is the C program's million requests/s. */
export async function benchScenarios({ root, apart, reference }) {
  const figures = {};
  for (const name of readdirSync(join(root, FOLDER)).sort()) {
    const file = `${FOLDER}/${name}`;
    if (file === apart) continue;
    const args = [
      join(root, "dist/bin/recvq.js"),
      "run",
      join(root, file),
      "--json",
      "--quiet",
      "-o",
      "/dev/null",
    ];
    const runs = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await measure(process.execPath, args));
    const title = basename(name, ".yaml");
    const millions = REQUESTS / median(runs.map(({ seconds }) => seconds)) / 1e6;
    figures[`${title}, million requests/s`] = millions;
    figures[`${title} over C program`] = reference && millions / reference;
    figures[`${title}, peak MB`] = median(runs.map(({ peakMb }) => peakMb));
  }
  return figures;
}
