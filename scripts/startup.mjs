// Prints what starting recvq costs, beside a node that does nothing: medians of 20 starts, taken in turn so
// that whatever else the machine does meets all of them alike. `npm run startup`.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const STARTS = 20;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const recvq = join(root, "dist/bin/recvq.js");
const smallRun = ["run", join(root, "scenarios/seed-rate10.yaml")];

const starts = [
  { name: "node -e 0", args: ["-e", "0"] },
  { name: "recvq --version", args: [recvq, "--version"], goalMs: 60 },
  { name: "recvq run (small)", args: [recvq, ...smallRun], goalMs: 150 },
].map((start) => ({ ...start, takenMs: [] }));

for (let turn = 0; turn < STARTS; turn++) {
  for (const start of starts) start.takenMs.push(startOnce(start));
}

const bareMs = medianOf(starts[0].takenMs);
for (const { name, takenMs, goalMs } of starts) {
  const medianMs = medianOf(takenMs);
  const added =
    goalMs === undefined ? "" : `  ${`+${(medianMs - bareMs).toFixed(1)}`.padStart(6)} ms of ${goalMs}`;
  console.log(`${name.padEnd(18)} ${medianMs.toFixed(1).padStart(6)} ms${added}`);
}

function startOnce({ name, args }) {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const takenMs = performance.now() - startMs;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return takenMs;
}

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(STARTS >> 1) - 1] + sorted[STARTS >> 1]) / 2;
}
