// recvq sweep: flags, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { outputFile } from "../node/files.js";
import { pointQueue } from "../node/point-queue.js";
import { letSignalsIn, progressBar } from "../node/progress.js";
import { redacted } from "../node/redacted.js";
import { redisAddress } from "../node/redis-address.js";
import { scenarioFile } from "../node/shipped.js";
import { sweepJournal } from "../node/sweep-journal.js";
import { sweepThreads } from "../node/sweep-threads.js";
import { terminal } from "../node/terminal.js";
import { partOf, type Shard, sweepPart } from "../run/merge.js";
import { type SweptPoint, sweepOf } from "../run/sweep.js";
import { sweepId, sweepPoints } from "../run/sweep-points.js";
import { checkCauses, sweepMetrics, sweepResult } from "../run/sweep-result.js";
import { type Knob, overlayKnob, parseKnob } from "../scenario/knob-values.js";
import { scenarioLoader } from "../scenario/load.js";
import {
  durationMs,
  last,
  patience,
  scenario as scenarioOption,
  text,
  texts,
  threadCount,
  threads as threadsOption,
} from "./options.js";
import { SWEEP_THREAD } from "./programs.js";
import { overridesOf } from "./scenario.js";
import { UsageError } from "./signals.js";
import { exitOf, formatOf, formats, printed, type Shown } from "./sweep-output.js";
import { readerOf, tableReader } from "./tables.js";

interface Given extends Shown {
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
  engine?: string;
  patience: string;
  shard?: string;
  journal?: string;
}

export function options(yargs: Argv): Argv {
  return yargs
    .positional("scenario", scenarioOption)
    .option("vary", {
      describe: "a setting and its values: gunicorn.workers=1..16, rate=10/s..1000/s:log9, KEY=A,B,C",
      ...texts,
    })
    .option("overlay", { describe: "files laid over the scenario, one at a time: a.yaml,b.yaml", ...text })
    .option("lhs", { describe: "so many points of a Latin hypercube instead of all combinations", ...text })
    .option("metric", { describe: "what is told of each point: 502.share, 200.latency.p99, ...", ...texts })
    .option("set", { describe: "override a setting at all points: --set gunicorn.workers=8", ...texts })
    .option("rate", { describe: "rate of the arrivals at all points, such as 200/s", ...text })
    .option("seed", { describe: "seed of the random streams of all points", ...text })
    .option("replications", { describe: "number of independent runs of each point", ...text })
    .option("threads", threadsOption)
    .option("engine", { describe: "other machines compute, by redis://host: see recvq worker", ...text })
    .option("patience", patience)
    .option("shard", { describe: "only a share of the points, such as 2/4, for recvq merge", ...text })
    .options(formats)
    .option("journal", { describe: "where finished points are kept until the sweep is complete", ...text })
    .coerce(["overlay", "lhs", "rate", "seed", "replications", "threads", "journal", "output"], last)
    .coerce(["engine", "patience", "shard"], last)
    .example("$0 app.yaml --vary gunicorn.workers=1..16", "how many workers?")
    .example("$0 app.yaml --vary rate=10/s..1000/s:log9 --vary gunicorn.backlog=128,2048", "a heat map")
    .example("$0 app.yaml --vary app.sleep=10ms..1s:log --vary rate=1/s..99/s:lin --lhs 50", "50 points");
}

export async function command(given: Given): Promise<number> {
  const shard = given.shard === undefined ? undefined : shardOf(given.shard);
  const engine = engineOf(given);
  const format = formatOf(given, "recvq sweep", shard && "json");
  const lhs = pointCount(given.lhs);
  const knobs = knobsOf(given, lhs !== undefined);
  const metrics = sweepMetrics(given.metric);
  const shared = overridesOf(given);
  const load = scenarioLoader(scenarioFile(given.scenario), { read: readerOf(), components });
  const base = load(shared);
  const files = new Map();
  const causes = new Set<string>();
  const all = await sweepPoints({ knobs, lhs }, base.settings.run.seed, {
    load: (overrides) => load({ ...shared, ...overrides }),
    components,
    table: (scenario) => tableReader(scenario, files),
    causes: (ids) => {
      for (const id of ids) causes.add(id);
    },
    progress: letSignalsIn,
  });
  checkCauses(metrics, causes);
  const points = shard ? partOf(all, shard) : all;
  const screen = terminal(given.color, given.output);
  // Opened before the sweep: what cannot be written is known at once.
  const file = outputFile(given.output);
  const bar = progressBar(base.source, { quiet: given.quiet });
  const journal = sweepJournal(points.length, sweepId(points), given, bar.stop);
  const tell = (text: string) => {
    bar.stop();
    process.stderr.write(`${redacted(text)}\n`);
  };
  const swept: SweptPoint[] = [];
  const crew = await engine(tell);
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
  const shown = shard ? sweepPart(sweep, shard, all) : sweep;
  file.write(await printed(shown, format, { ...screen, quiet: given.quiet }));
  file.finish();
  if (sweep.points.some(({ blame }) => blame)) journal.keep();
  else journal.finish();
  return exitOf(sweep);
}

/** Who computes the points: told later, so that what is wrong with the options is told first. */
function engineOf({ engine, threads, patience }: Given) {
  const patienceMs = durationMs("--patience", patience, "recvq sweep");
  const count = threadCount(threads, "recvq sweep");
  if (engine === undefined) {
    return async () => sweepThreads({ count, program: SWEEP_THREAD, components, system: queueingSystem });
  }
  if (count !== undefined) {
    throw new UsageError("--threads: expected none with --engine, whose workers have theirs", "recvq sweep");
  }
  const address = redisAddress(engine, process.env, "--engine");
  return (tell: (text: string) => void) => pointQueue(address, { patienceMs, tell });
}

function shardOf(text: string): Shard {
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text)?.map(Number) ?? [];
  if (index && count && index <= count) return { index, count };
  throw new UsageError(`--shard: expected I/N with I from 1 to N, such as 2/4, got ${text}`, "recvq sweep");
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
