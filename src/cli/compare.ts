// recvq compare: flags, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { withKernelDefaults } from "../../models/linux/kernel-defaults.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { copies } from "../node/copies.js";
import { outputFile } from "../node/files.js";
import { letSignalsIn, progressBar } from "../node/progress.js";
import { terminal } from "../node/terminal.js";
import { type Threads, threads } from "../node/threads.js";
import { compareText } from "../report/compare.js";
import { compare } from "../run/compare.js";
import { EXIT } from "./exit.js";
import { color, last, output, quiet, text, texts, threadCount, threads as threadsOption } from "./options.js";
import { COPY, THREAD } from "./programs.js";
import { scenarioOf } from "./scenario.js";
import { UsageError } from "./signals.js";
import { readerOf, tableReader } from "./tables.js";

interface Given {
  a: string;
  b?: string;
  rate?: string;
  set: string[];
  setBoth: string[];
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
    .positional("a", { describe: "scenario file, - for standard input", type: "string" })
    .positional("b", { describe: "the other one; without it A with --set or --rate", type: "string" })
    .option("set", { describe: "override a setting of B: --set gunicorn.workers=8", ...texts })
    .option("set-both", { describe: "override a setting of A and B, before --set", ...texts })
    .option("rate", { describe: "rate of the arrivals of B, such as 200/s", ...text })
    .option("seed", { describe: "seed of the random streams of both", ...text })
    .option("replications", {
      describe: "number of pairs of runs; without it run.replications of A",
      ...text,
    })
    .option("threads", threadsOption)
    .option("json", { describe: "print the Comparison as JSON", type: "boolean", default: false })
    .option("output", output)
    .option("quiet", quiet("print the verdict only"))
    .option("color", color)
    .coerce(["rate", "seed", "replications", "threads", "output"], last)
    .example("$0 app.yaml --set gunicorn.workers=8", "what does it change?")
    .example("$0 now.yaml next.yaml --replications 100", "two files, more exactly");
}

export async function command(given: Given): Promise<number> {
  const count = threadCount(given.threads, "recvq compare");
  const { a: first, b: second, set, setBoth, rate, seed, replications } = given;
  if (second === undefined && set.length === 0 && rate === undefined) {
    const text =
      "[b]: expected a second scenario, or --set or --rate, which make one of the first; got neither";
    throw new UsageError(text, "recvq compare");
  }
  const read = readerOf();
  const a = scenarioOf(first, { seed, replications, set: setBoth }, read);
  const b = scenarioOf(second ?? first, { seed, replications, set: [...setBoth, ...set], rate }, read);
  const screen = terminal(given.color, given.output);
  // Opened before the run: what cannot be written is known at once.
  const file = outputFile(given.output);
  const bar = progressBar(second === undefined ? a.source : `${a.source}, ${b.source}`, {
    quiet: given.quiet,
  });
  const crews: Threads[] = [];
  const here = copies(COPY).replicator;
  const comparison = await compare(a, b, {
    components,
    system: queueingSystem,
    effective: withKernelDefaults,
    table: (scenario) => tableReader(scenario),
    replicator(scenario, job, wanted) {
      const crew = threads({ count, program: THREAD, scenario: scenario.resolved, here });
      crews.push(crew);
      return crew.replicator(job, wanted);
    },
    progress: bar.report,
  }).finally(async () => {
    bar.stop();
    for (const crew of crews) await crew.stop();
  });
  await letSignalsIn();
  file.write(
    given.json
      ? `${JSON.stringify(comparison, null, 2)}\n`
      : compareText(comparison, { ...screen, quiet: given.quiet }),
  );
  file.finish();
  return EXIT.ok;
}
