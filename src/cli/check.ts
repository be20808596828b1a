// recvq check: flags, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import type { Checked, CheckOptions } from "../check/check.js";
import type { Verdict } from "../check/check-result.js";
import { checkSuite } from "../check/suite.js";
import { thresholdsOf } from "../check/thresholds.js";
import { copies } from "../node/copies.js";
import { STANDARD } from "../node/files.js";
import { letSignalsIn, progressBar } from "../node/progress.js";
import { scenarioFiles } from "../node/scenario-files.js";
import { type ThreadsInTurn, threadsInTurn } from "../node/threads-in-turn.js";
import { printable } from "../report/lines.js";
import { ScenarioError } from "../scenario/error.js";
import { baselineFile } from "./check-baseline.js";
import { type Reporting, reporting } from "./check-reports.js";
import { watchScenarios } from "./check-watch.js";
import { EXIT } from "./exit.js";
import {
  color,
  last,
  output,
  overrides,
  quiet,
  text,
  texts,
  threadCount,
  threads as threadsOption,
} from "./options.js";
import { COPY, THREAD } from "./programs.js";
import { scenarioOf } from "./scenario.js";
import { UsageError } from "./signals.js";
import { readerOf, tableReader } from "./tables.js";
import { overAfter } from "./time-limit.js";

interface Given {
  scenarios?: string[];
  reporter: string[];
  baseline?: string;
  updateBaseline: boolean;
  alarmLevel?: string;
  passWithoutExpect: boolean;
  watch: boolean;
  confidence?: string;
  maxReplications?: string;
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

const NAME = "recvq check";

const flag = { type: "boolean", default: false } as const;

export function options(yargs: Argv): Argv {
  return yargs
    .positional("scenarios", {
      describe:
        "scenario files, folders of them, or names of those that come with recvq; without any the folder " +
        "scenarios",
      type: "string",
      array: true,
    })
    .option("reporter", {
      describe:
        "terminal, junit, tap, json, github or markdown, with =FILE into a file; several may be given",
      ...texts,
    })
    .option("baseline", { describe: "compare with what this file says the scenarios gave", ...text })
    .option("update-baseline", { describe: "write into it what they give now", ...flag })
    .option("alarm-level", {
      describe:
        "probability of an alarm if nothing but the seed has changed since the baseline: 0.001%, unless told",
      ...text,
    })
    .option("pass-without-expect", { describe: "no error if no scenario has a section expect", ...flag })
    .option("watch", {
      alias: "w",
      describe: "check again whenever a file changes; on the terminal only, and without --baseline",
      type: "boolean",
      default: false,
    })
    .option("confidence", { describe: "with which each threshold is decided: 95%, unless told", ...text })
    .option("max-replications", {
      describe: "most runs of a scenario that is undecided: 1000, unless told",
      ...text,
    })
    .options(overrides)
    .option("replications", { describe: "runs before the first look; without it run.replications", ...text })
    .option("threads", threadsOption)
    .option("json", { describe: "print the Check as JSON", type: "boolean", default: false })
    .option("output", output)
    .option("quiet", quiet("only what did not pass, and the totals"))
    .option("color", color)
    .coerce(
      [
        "baseline",
        "alarm-level",
        "confidence",
        "max-replications",
        "rate",
        "seed",
        "replications",
        "threads",
        "output",
      ],
      last,
    )
    .epilogue(
      "Exit codes: 0 all passed, 99 a threshold failed or predictions are not those of the baseline, 98 " +
        "none failed and one is undecided at the limit.",
    )
    .example("$0 scenarios/*.yaml", "does every scenario show what it expects?")
    .example(
      "$0 --reporter terminal --reporter junit=check.xml",
      "the folder scenarios, also for CI's pages",
    );
}

export async function command(given: Given): Promise<number> {
  const count = threadCount(given.threads, NAME);
  const limits = limitsOf(given);
  const names = given.scenarios ?? [];
  const crew = threadsInTurn({ count, program: THREAD, here: copies(COPY).replicator });
  const optionsFor = (progress: CheckOptions["ended"]): CheckOptions => ({
    ...supplies(crew, progress),
    ...limits,
  });
  if (given.watch) {
    if (given.reporter.length > 0 || given.json || given.output !== "-" || given.baseline !== undefined) {
      const text = "expected no --reporter, --json, --output or --baseline with --watch, got one";
      throw new UsageError(text, NAME);
    }
    if (names.includes(STANDARD)) throw new UsageError("--watch: expected files, got standard input", NAME);
    // Refuses what goes with --baseline only.
    baselineFile(given);
    const say = (text: string) => void process.stdout.write(text);
    return watchScenarios({ names, given, optionsFor, input: process.stdin, say }).finally(crew.stop);
  }
  if (names.includes(STANDARD) && given.baseline !== undefined) {
    throw new UsageError("--baseline: expected files, got standard input", NAME);
  }
  const reports = reporting(given);
  try {
    return await checkAll(given, crew, optionsFor, reports.report);
  } catch (error) {
    reports.failed(error);
    throw error;
  }
}

async function checkAll(
  given: Given,
  crew: ThreadsInTurn,
  optionsFor: (progress: CheckOptions["ended"]) => CheckOptions,
  report: Reporting["report"],
): Promise<number> {
  const baseline = baselineFile(given);
  const suite = loaded(given, baseline !== undefined);
  const bar = progressBar("check", { quiet: given.quiet });
  let done = 0;
  const steps = checkSuite(suite, {
    ...optionsFor(() => bar.report(done / suite.length)),
    baseline: baseline?.options,
  });
  const wait = async () => {
    for (;;) {
      const next = await steps.next();
      if (next.done) return next.value;
      done++;
    }
  };
  const check = await wait().finally(() => {
    bar.stop();
    return crew.stop();
  });
  await letSignalsIn();
  report(check);
  for (const name of baseline?.gone ?? []) {
    const what = given.updateBaseline ? "forgotten" : "there no more; --update-baseline forgets it";
    process.stderr.write(`${given.baseline}: ${printable(name)} is ${what}\n`);
  }
  baseline?.finish();
  return CODES[check.status];
}

const CODES: Record<Verdict, number> = {
  passed: EXIT.ok,
  failed: EXIT.failed,
  undecided: EXIT.undecided,
};

function supplies(crew: ThreadsInTurn, progress: CheckOptions["ended"]) {
  const over = new Map<object, () => boolean>();
  return {
    components,
    table: tableReader,
    replicator(scenario, job) {
      // The time of each scenario begins with its first replication.
      over.set(scenario, overAfter(scenario.settings.run.time_limit));
      return crew.replicator(scenario.resolved, job);
    },
    isOver: (scenario) => over.get(scenario)?.() ?? false,
    ended: progress,
  } satisfies CheckOptions;
}

/** All scenarios and what they expect. Tells what is wrong with any of them at once. */
function loaded(given: Given, hasBaseline: boolean): Checked[] {
  const read = readerOf();
  const problems: ScenarioError["problems"][number][] = [];
  const suite = scenarioFiles(given.scenarios ?? []).flatMap((file) => {
    try {
      const scenario = scenarioOf(file, given, read);
      return [{ scenario, thresholds: thresholdsOf(scenario) }];
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new ScenarioError(problems);
  const isAsked = hasBaseline || suite.some(({ thresholds }) => thresholds.length > 0);
  if (isAsked || given.passWithoutExpect) return suite;
  throw new UsageError(
    "expected a scenario with a section expect, such as expect: ['502.share < 1%'], got none",
    NAME,
  );
}

function limitsOf({
  confidence,
  maxReplications,
}: Given): Pick<CheckOptions, "confidence" | "mostReplications"> {
  return {
    confidence: confidence === undefined ? undefined : confidenceOf(confidence),
    mostReplications: maxReplications === undefined ? undefined : replicationsOf(maxReplications),
  };
}

function confidenceOf(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  const confidence = percent === undefined ? Number(text) : Number(percent) / 100;
  if (confidence >= 0.5 && confidence <= 0.999999) return confidence;
  throw new UsageError(`--confidence: expected a share from 50% to 99.9999%, got ${text}`, NAME);
}

const MOST_REPLICATIONS = 1_000_000;

function replicationsOf(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 2 && count <= MOST_REPLICATIONS) return count;
  const range = `from 2 to ${MOST_REPLICATIONS}`;
  throw new UsageError(`--max-replications: expected a whole number ${range}, got ${text}`, NAME);
}
