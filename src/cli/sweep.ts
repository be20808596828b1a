// recvq sweep: flags, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { outputFile } from "../node/files.js";
import { inlineMore } from "../node/inlining.js";
import { letSignalsIn, progressBar } from "../node/progress.js";
import { sweepJournal } from "../node/sweep-journal.js";
import { sweepThreads } from "../node/sweep-threads.js";
import { terminal } from "../node/terminal.js";
import { sweepText } from "../report/sweep.js";
import { sweepCsv, sweepParquet } from "../report/sweep-rows.js";
import { type SweptPoint, sweepOf } from "../run/sweep.js";
import { sweepId, sweepPoints } from "../run/sweep-points.js";
import { type Sweep, sweepMetrics, sweepResult } from "../run/sweep-result.js";
import { type Knob, overlayKnob, parseKnob } from "../scenario/knob-values.js";
import { scenarioLoader } from "../scenario/load.js";
import { EXIT } from "./exit.js";
import { color, last, output, quiet, threadCount, threads as threadsOption } from "./options.js";
import { UsageError } from "./signals.js";
import { readerOf, tableReader } from "./tables.js";

interface Given {
  scenario: string;
  vary: string[];
  overlay?: string;
  lhs?: string;
  metric: string[];
  set: string[];
  rate?: string;
  seed?: string;
  replications?: string;
  threads?: string;
  json: boolean;
  csv: boolean;
  parquet: boolean;
  journal?: string;
  output: string;
  quiet: boolean;
  color?: boolean;
}

export function options(yargs: Argv): Argv {
  const list = { type: "string", array: true, nargs: 1, default: [] } as const;
  const text = { type: "string", requiresArg: true } as const;
  return yargs
    .positional("scenario", { describe: "scenario file, - for standard input", type: "string" })
    .option("vary", {
      describe: "a setting and its values: gunicorn.workers=1..16, rate=10/s..1000/s:log9, KEY=A,B,C",
      ...list,
    })
    .option("overlay", { describe: "files laid over the scenario, one at a time: a.yaml,b.yaml", ...text })
    .option("lhs", { describe: "so many points of a Latin hypercube instead of all combinations", ...text })
    .option("metric", { describe: "what is told of each point: 502.share, 200.latency.p99, ...", ...list })
    .option("set", { describe: "override a setting at all points: --set gunicorn.workers=8", ...list })
    .option("rate", { describe: "rate of the arrivals at all points, such as 200/s", ...text })
    .option("seed", { describe: "seed of the random streams of all points", ...text })
    .option("replications", { describe: "number of independent runs of each point", ...text })
    .option("threads", threadsOption)
    .option("json", { describe: "the whole Sweep as JSON", type: "boolean", default: false })
    .option("csv", { describe: "one row a point as CSV", type: "boolean", default: false })
    .option("parquet", { describe: "one row a point as Parquet", type: "boolean", default: false })
    .option("journal", { describe: "where finished points are kept until the sweep is complete", ...text })
    .option("output", { ...output, describe: "write to this file: .json, .csv and .parquet say the format" })
    .option("quiet", quiet("print the table only"))
    .option("color", color)
    .coerce(["overlay", "lhs", "rate", "seed", "replications", "threads", "journal", "output"], last)
    .example("$0 app.yaml --vary gunicorn.workers=1..16", "how many workers?")
    .example("$0 app.yaml --vary rate=10/s..1000/s:log9 --vary gunicorn.backlog=128,2048", "a heat map")
    .example("$0 app.yaml --vary app.sleep=10ms..1s:log --vary rate=1/s..99/s:lin --lhs 50", "50 points");
}

// Every command is a chunk in a folder of its own (scripts/build.mjs).
const THREAD = new URL("../sweep-thread.js", import.meta.url);

export async function command(given: Given): Promise<number> {
  const count = threadCount(given.threads, "recvq sweep");
  const format = formatOf(given);
  const lhs = pointCount(given.lhs);
  const knobs = knobsOf(given, lhs !== undefined);
  const metrics = sweepMetrics(given.metric);
  const { set, rate, seed, replications } = given;
  const shared = {
    set,
    ...(rate !== undefined && { rate }),
    ...(seed !== undefined && { seed }),
    ...(replications !== undefined && { replications }),
  };
  const load = scenarioLoader(given.scenario, { read: readerOf(), components });
  const base = load(shared);
  const files = new Map();
  const points = await sweepPoints({ knobs, lhs }, base.settings.run.seed, {
    load: (overrides) => load({ ...shared, ...overrides }),
    components,
    table: (scenario) => tableReader(scenario, files),
    progress: letSignalsIn,
  });
  const screen = terminal(given.color, given.output);
  // Opened before the sweep: what cannot be written is known at once.
  const file = outputFile(given.output);
  const bar = progressBar(base.source, { quiet: given.quiet });
  const journal = sweepJournal(points.length, sweepId(points), given, bar.stop);
  inlineMore();
  const crew = sweepThreads({ count, program: THREAD, components, system: queueingSystem });
  const swept: SweptPoint[] = [];
  try {
    const { known, add: finished } = journal;
    const rows = sweepOf(points, { computer: crew, known, finished, progress: bar.report });
    for await (const row of rows) swept.push(row);
  } finally {
    bar.stop();
    await crew.stop();
  }
  await letSignalsIn();
  const sweep = sweepResult(base, { knobs, lhs }, metrics, swept);
  file.write(await printed(sweep, format, { ...screen, quiet: given.quiet }));
  file.finish();
  journal.finish();
  if (swept.some((one) => "failed" in one)) return EXIT.input;
  const isDecided = swept.every((one) => "result" in one && one.result.stopping?.reached !== false);
  return isDecided ? EXIT.ok : EXIT.undecided;
}

type Format = "text" | "json" | "csv" | "parquet";

async function printed(
  sweep: Sweep,
  format: Format,
  screen: Parameters<typeof sweepText>[1],
): Promise<string | Uint8Array> {
  if (format === "json") return `${JSON.stringify(sweep, null, 2)}\n`;
  if (format === "csv") return sweepCsv(sweep);
  return format === "parquet" ? sweepParquet(sweep) : sweepText(sweep, screen);
}

/** By an option, or by how the name of the file ends. */
function formatOf({ json, csv, parquet, output }: Given): Format {
  const asked = Object.entries({ json, csv, parquet }).flatMap(([name, is]) => (is ? [name as Format] : []));
  if (asked.length > 1) {
    throw new UsageError(`expected one of --json, --csv and --parquet, got ${asked.length}`, "recvq sweep");
  }
  const format = asked[0] ?? (/\.(json|csv|parquet)$/.exec(output)?.[1] as Format | undefined) ?? "text";
  if (format === "parquet" && output === "-" && process.stdout.isTTY) {
    throw new UsageError("--parquet: expected -o FILE, since a terminal cannot show it", "recvq sweep");
  }
  return format;
}

function knobsOf({ vary, overlay }: Given, sampled: boolean): Knob[] {
  const knobs = vary.map((text) => parseKnob(text, { sampled }));
  if (overlay !== undefined) knobs.unshift(overlayKnob(overlay));
  if (knobs.length === 0) throw new UsageError("expected --vary or --overlay, got neither", "recvq sweep");
  const twice = knobs.find(({ name }, index) => knobs.findIndex((other) => other.name === name) !== index);
  if (twice)
    throw new UsageError(`--vary ${twice.name}: is there twice; name all its values once`, "recvq sweep");
  return knobs;
}

function pointCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 2) return count;
  throw new UsageError(`--lhs: expected a whole number from 2, got ${text}`, "recvq sweep");
}
