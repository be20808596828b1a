// recvq sensitivity: flags, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { withKernelDefaults } from "../../models/linux/kernel-defaults.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { copies } from "../node/copies.js";
import { outputFile } from "../node/files.js";
import { letSignalsIn, progressBar } from "../node/progress.js";
import { sharedThreads } from "../node/shared-threads.js";
import { terminal } from "../node/terminal.js";
import { sensitivityText } from "../report/sensitivity.js";
import { turning } from "../run/sensitivity.js";
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
import { tableReader } from "./tables.js";

interface Given {
  scenario: string;
  rate?: string;
  set: string[];
  knob: string[];
  metric?: string;
  screening: boolean;
  seed?: string;
  replications?: string;
  threads?: string;
  json: boolean;
  output: string;
  quiet: boolean;
  color?: boolean;
}

export function options(yargs: Argv): Argv {
  return yargs
    .positional("scenario", scenarioOption)
    .option("knob", {
      describe:
        "turn only this: a setting with declared steps, or KEY=VALUE,VALUE; " +
        "--knob declared beside it turns all the others as well",
      ...texts,
    })
    .option("metric", {
      describe: "what effects are measured by; failure.share, or success.latency.p99 if nothing fails",
      ...text,
    })
    .option("screening", {
      describe: "turn all knobs together as well; --no-screening saves about half of the time",
      type: "boolean",
      default: true,
    })
    .options(overrides)
    .option("replications", {
      describe: "number of pairs of runs for each step; without it run.replications",
      ...text,
    })
    .option("threads", threadsOption)
    .option("json", { describe: "print the Sensitivity as JSON", type: "boolean", default: false })
    .option("output", output)
    .option("quiet", quiet("print what to change first only"))
    .option("color", color)
    .coerce(["metric", "rate", "seed", "replications", "threads", "output"], last)
    .example("$0 app.yaml", "what to change first")
    .example("$0 app.yaml --knob gunicorn.workers=2,4,8 --knob declared", "with steps of your own");
}

export async function command(given: Given): Promise<number> {
  const count = threadCount(given.threads, "recvq sensitivity");
  const { knob, metric, screening } = given;
  const scenario = scenarioOf(given.scenario, given);
  const screen = terminal(given.color, given.output);
  // Opened before the run: what cannot be written is known at once.
  const file = outputFile(given.output);
  const bar = progressBar(scenario.source, { quiet: given.quiet });
  const crew = sharedThreads({ count, program: THREAD, here: copies(COPY).replicator });
  const steps = turning(scenario, {
    components,
    system: queueingSystem,
    effective: withKernelDefaults,
    table: tableReader,
    replicator: (one, job) => crew.replicator(one.resolved, job),
    atOnce: crew.atOnce,
    progress: bar.report,
    ...{ metric, screening, knobs: knob.length > 0 ? knob : undefined },
  });
  const wait = async () => {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
    }
  };
  const sensitivity = await wait().finally(() => {
    bar.stop();
    return crew.stop();
  });
  await letSignalsIn();
  file.write(
    given.json
      ? `${JSON.stringify(sensitivity, null, 2)}\n`
      : sensitivityText(sensitivity, { ...screen, quiet: given.quiet }),
  );
  file.finish();
  return EXIT.ok;
}
