// Speed and memory beside the committed baseline: `npm run bench`, and with `-- --update-baseline` a new
// baseline. Nothing fails here: times depend on the machine. The number of events, which does not, is
// asserted in test/models/events.test.ts.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { benchEngine } from "./engine.mjs";
import { benchPath } from "./path.mjs";
import { benchScenarios } from "./scenarios.mjs";
import { benchThreads } from "./threads.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const cache = join(root, "node_modules/.cache/recvq/bench");
const baselineFile = join(root, "test/bench/baseline.json");

const { values: options } = parseArgs({
  options: {
    "update-baseline": { type: "boolean", default: false },
    requests: { type: "string", default: "20000000" },
  },
});

const file = "scenarios/bench/unix-8-workers.yaml";
const path = await benchPath({ root, cache, bundled, requests: Number(options.requests) });
const reference = path["C program, million requests/s"];
const now = {
  ...(await benchEngine(bundled)),
  ...path,
  ...(await benchThreads({ root, cache, file })),
  ...(await benchScenarios({ root, apart: file, reference })),
};
const known = Object.fromEntries(Object.entries(now).filter(([, value]) => value !== undefined));
printTable(known, readBaseline());
writeFileSync(join(cache, "figures.json"), `${JSON.stringify({ ...here(), figures: known }, null, 2)}\n`);
console.log(`wrote ${join(cache, "figures.json")}`);
if (options["update-baseline"]) writeBaseline(known);

/** The exports of a TypeScript file. */
async function bundled(path) {
  const { build } = await import("esbuild");
  const outfile = join(cache, basename(path).replace(/\.ts$/, ".mjs"));
  await build({
    absWorkingDir: root,
    entryPoints: [path],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    // Bundled CommonJS packages ask for node's own modules with require().
    banner: {
      js: `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url);`,
    },
  });
  return import(pathToFileURL(outfile));
}

function readBaseline() {
  return existsSync(baselineFile) ? JSON.parse(readFileSync(baselineFile, "utf8")) : undefined;
}

function printTable(figures, baseline) {
  const machine = (from) => `${from.cpu}, ${from.cores} cores, Node ${from.node}`;
  console.log(`\nnow:      ${machine(here())}`);
  if (baseline) console.log(`baseline: ${machine(baseline)}, ${baseline.date}`);
  const rows = Object.entries(figures).map(([name, value]) => {
    const before = baseline?.figures[name];
    return [
      name,
      text(value),
      before === undefined ? "-" : text(before),
      before ? text(value / before) : "-",
    ];
  });
  for (const [name, ...columns] of [["", "now", "baseline", "ratio"], ...rows])
    console.log(name.padEnd(44) + columns.map((column) => column.padStart(10)).join(""));
}

function text(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function here() {
  return { node: process.versions.node, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
}

function writeBaseline(figures) {
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(baselineFile, `${JSON.stringify({ date, ...here(), figures: rounded }, null, 2)}\n`);
  console.log(`wrote ${baselineFile}`);
}
