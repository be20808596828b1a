// recvq capacity: flags, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { parseExpression } from "../check/expression.js";
import { parseBytes } from "../component/units.js";
import { copies } from "../node/copies.js";
import { outputFile } from "../node/files.js";
import { letSignalsIn, progressBar } from "../node/progress.js";
import { terminal } from "../node/terminal.js";
import { threads } from "../node/threads.js";
import { capacityText } from "../report/capacity.js";
import { type CapacityOptions, capacity } from "../run/capacity.js";
import type { Capacity } from "../run/capacity-result.js";
import type { Objective } from "../run/objective.js";
import { EXIT } from "./exit.js";
import {
  color,
  last,
  output,
  overrides,
  quiet,
  scenario as scenarioOption,
  text,
  texts,
  threadCount,
  threads as threadsOption,
} from "./options.js";
import { COPY, THREAD } from "./programs.js";
import { scenarioOf } from "./scenario.js";
import { UsageError } from "./signals.js";
import { tableReader } from "./tables.js";
import { overAfter } from "./time-limit.js";

interface Given {
  scenario: string;
  max?: string;
  min?: string;
  slo: string[];
  within?: string;
  precision?: string;
  confidence?: string;
  workerMemory?: string;
  memory?: string;
  rate?: string;
  set: string[];
  seed?: string;
  replications?: string;
  threads?: string;
  json: boolean;
  output: string;
  quiet: boolean;
  color?: boolean;
}

const NAME = "recvq capacity";

export function options(yargs: Argv): Argv {
  const one = (describe: string) => ({ describe, ...text });
  return yargs
    .positional("scenario", scenarioOption)
    .option("max", one("look for the largest: rate, or a setting such as clients.closed.concurrency"))
    .option("min", one("look for the smallest: a setting such as gunicorn.workers"))
    .option("slo", {
      describe: "an objective, such as '502.share < 0.1%' or '200.latency.p99 < 1s'; all must hold",
      ...texts,
    })
    .option("within", one("where to look, as 100/s..300/s; without it around what the scenario has"))
    .option(
      "precision",
      one("half-width of the answer's interval: 1% of a rate, 5% of another value, unless told"),
    )
    .option("confidence", one("how often the answer's interval holds the truth: 95%, unless told"))
    .option(
      "worker-memory",
      one("memory of a gunicorn worker, such as 150MiB: the report says what is needed"),
    )
    .option("memory", one("memory for all workers, such as 4GiB: as many workers as fit"))
    .options(overrides)
    .option("replications", one("runs of each value at the first look: 5, unless told"))
    .option("threads", threadsOption)
    .option("json", { describe: "print the Capacity as JSON", type: "boolean", default: false })
    .option("output", output)
    .option("quiet", quiet("print the verdict only"))
    .option("color", color)
    .coerce(
      ["max", "min", "within", "precision", "confidence", "worker-memory", "memory", "rate"].concat([
        "seed",
        "replications",
        "threads",
        "output",
      ]),
      last,
    )
    .epilogue("Exit codes: 0 an answer, 99 no value meets the objectives, 98 a limit came before the answer.")
    .example(
      "$0 app.yaml --max rate --slo '502.share < 0.1%' --slo '200.latency.p99 < 1s'",
      "how much can it take?",
    )
    .example(
      "$0 app.yaml --min gunicorn.workers --slo 'success.share > 99.9%'",
      "how many workers does it need?",
    );
}

// Each value has threads of its own, which take half a second of a processor to compile what they run.
const PATIENCE_MS = 1_000;

export async function command(given: Given): Promise<number> {
  const count = threadCount(given.threads, NAME);
  const search = searched(given);
  const scenario = scenarioOf(given.scenario, { ...given, replications: undefined });
  const screen = terminal(given.color, given.output);
  // Opened before the search: what cannot be written is known at once.
  const file = outputFile(given.output);
  const bar = progressBar(scenario.source, { quiet: given.quiet });
  const shared = { count, program: THREAD, patienceMs: PATIENCE_MS, here: copies(COPY).replicator };
  const found = await capacity(scenario, {
    ...search,
    components,
    table: tableReader,
    crew(one, job) {
      const crew = threads({ ...shared, scenario: one.resolved });
      return { replicator: crew.replicator(job, Number.POSITIVE_INFINITY), close: crew.stop };
    },
    isOver: overAfter(scenario.settings.run.time_limit),
    progress: bar.report,
  }).finally(() => bar.stop());
  await letSignalsIn();
  file.write(
    given.json
      ? `${JSON.stringify(found, null, 2)}\n`
      : capacityText(found, { ...screen, quiet: given.quiet }),
  );
  file.finish();
  return CODES[found.status];
}

const CODES: Record<Capacity["status"], number> = {
  found: EXIT.ok,
  beyond: EXIT.ok,
  none: EXIT.failed,
  undecided: EXIT.undecided,
};

type Search = Pick<
  CapacityOptions,
  "seek" | "knob" | "objectives" | "within" | "precision" | "confidence" | "replications" | "memory"
>;

function searched(given: Given): Search {
  const { max, min, slo, within, precision, confidence, replications, workerMemory, memory } = given;
  const knob = max ?? min;
  if (knob === undefined || (max !== undefined && min !== undefined)) {
    throw new UsageError(
      `expected either --max or --min, got ${knob === undefined ? "neither" : "both"}`,
      NAME,
    );
  }
  if (slo.length === 0) {
    throw new UsageError("expected an objective such as --slo '502.share < 0.1%', got none", NAME);
  }
  if (memory !== undefined && workerMemory === undefined) {
    throw new UsageError("--memory: expected --worker-memory beside it, got none", NAME);
  }
  const worker = workerMemory === undefined ? undefined : bytesOf("--worker-memory", workerMemory);
  const total = memory === undefined ? undefined : bytesOf("--memory", memory);
  return {
    seek: max === undefined ? "min" : "max",
    ...{ knob, within },
    objectives: slo.map(objectiveOf),
    precision: precision === undefined ? undefined : precisionOf(precision),
    confidence: confidence === undefined ? undefined : confidenceOf(confidence),
    replications: replications === undefined ? undefined : replicationsOf(replications),
    memory: worker === undefined ? undefined : { worker, total },
  };
}

function objectiveOf(text: string): Objective {
  const parsed = parseExpression(text);
  if ("objective" in parsed) return parsed.objective;
  throw new UsageError(`--slo "${text}": ${parsed.wrong}`, NAME);
}

function bytesOf(option: string, text: string): number {
  const bytes = parseBytes(text);
  if (bytes) return bytes;
  throw new UsageError(`${option}: expected a size such as 150MiB, got ${text}`, NAME);
}

/** `95%`, or a number. */
function shareOf(text: string): number {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  return share === undefined ? Number(text) : Number((Number(share) / 100).toPrecision(15));
}

function confidenceOf(text: string): number {
  const confidence = shareOf(text);
  if (confidence >= 0.5 && confidence < 1) return confidence;
  const range = "from 50% up to, and without, 100%, such as 99%";
  throw new UsageError(`--confidence: expected a share ${range}, got ${text}`, NAME);
}

function precisionOf(text: string): number {
  const precision = shareOf(text);
  if (precision > 0 && precision <= 0.5) return precision;
  throw new UsageError(`--precision: expected a share above 0 and up to 50%, such as 1%, got ${text}`, NAME);
}

const MOST_REPLICATIONS = 10_000;

function replicationsOf(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 2 && count <= MOST_REPLICATIONS) return count;
  const range = `from 2 to ${MOST_REPLICATIONS}`;
  throw new UsageError(`--replications: expected a whole number ${range}, got ${text}`, NAME);
}
