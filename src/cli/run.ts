// recvq run: flags, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { outputFile } from "../node/files.js";
import { letSignalsIn, progressBar } from "../node/progress.js";
import { shippedScenarios } from "../node/shipped.js";
import { lineOf, terminal } from "../node/terminal.js";
import { threads } from "../node/threads.js";
import { withRare } from "../rare/beside.js";
import { listText } from "../report/list.js";
import { requestsFile } from "../report/requests-file.js";
import { runText } from "../report/text.js";
import { run } from "../run/run.js";
import { version } from "../version.js";
import { EXIT } from "./exit.js";
import {
  color,
  last,
  output,
  overrides,
  quiet,
  scenario as scenarioOption,
  text,
  threadCount,
  threads as threadsOption,
} from "./options.js";
import { THREAD } from "./programs.js";
import { scenarioOf } from "./scenario.js";
import { UsageError } from "./signals.js";
import { tableReader } from "./tables.js";
import { overAfter } from "./time-limit.js";

interface Given {
  scenario?: string;
  list: boolean;
  rate?: string;
  set: string[];
  seed?: string;
  replications?: string;
  threads?: string;
  json: boolean;
  requests?: string;
  rare: boolean;
  output: string;
  quiet: boolean;
  color?: boolean;
}

export function options(yargs: Argv): Argv {
  return yargs
    .positional("scenario", scenarioOption)
    .option("list", {
      describe:
        "list the scenarios that come with recvq, and their remedies: `recvq run NAME` or `recvq run " +
        "NAME/REMEDY` runs one if no file has this name",
      type: "boolean",
      default: false,
    })
    .options(overrides)
    .option("replications", { describe: "number of independent runs", ...text })
    .option("threads", threadsOption)
    .option("json", { describe: "print the Result as JSON", type: "boolean", default: false })
    .option("requests", { describe: "write every request to this CSV file", ...text })
    .option("rare", {
      describe: "how rarely an accept queue refuses requests, down to 1e-12, if the load goes on",
      type: "boolean",
      default: false,
    })
    .option("output", output)
    .option("quiet", quiet("print the verdict only"))
    .option("color", color)
    .coerce(["rate", "seed", "replications", "threads", "requests", "output"], last)
    .example("$0 scenarios/seed-rate200.yaml", "the article's load test: of 200 requests, 67 got a 502")
    .example("$0 --list", "what comes with recvq; $0 tcp-burst runs one of them")
    .example("$0 app.yaml --rate 40/s --rare", "one in how many requests the accept queue refuses")
    .example("$0 app.yaml --rate 300/s --set gunicorn.workers=8", "what if");
}

export async function command(given: Given): Promise<number> {
  const count = threadCount(given.threads, "recvq run");
  if (given.list) return list(given);
  if (given.scenario === undefined) {
    throw new UsageError("expected a scenario, or --list; got neither", "recvq run");
  }
  const scenario = scenarioOf(given.scenario, given);
  const screen = terminal(given.color, given.output);
  // Opened before the run: what cannot be written is known at once.
  const requests = given.requests === undefined ? undefined : outputFile(given.requests);
  const file = outputFile(given.output);
  const rows = requests && requestsFile((row) => requests.write(row));
  const bar = progressBar(scenario.source, { quiet: given.quiet });
  const limitNs = scenario.settings.run.time_limit;
  const supplies = { components, table: tableReader(scenario), progress: bar.report };
  const crew = threads({ count, program: THREAD, scenario: scenario.resolved });
  const predict = async () => {
    // Loaded only now: few ask for it.
    const splitting = given.rare ? await import("../rare/rare.js") : undefined;
    // First, since it may find that it is not what was wanted.
    const refusals = await splitting?.rare(scenario, { ...supplies, isOver: overAfter(limitNs) });
    const result = await run(scenario, {
      ...supplies,
      system: queueingSystem,
      replicator: crew.replicator,
      isOver: overAfter(limitNs),
      ...(rows && { ended: rows.ended }),
    });
    return refusals ? withRare(result, refusals) : result;
  };
  const result = await predict().finally(() => {
    bar.stop();
    return crew.stop();
  });
  // Who interrupts the last slice gets no files either.
  await letSignalsIn();
  rows?.finish();
  requests?.finish();
  file.write(
    given.json ? `${JSON.stringify(result, null, 2)}\n` : runText(result, { ...screen, quiet: given.quiet }),
  );
  file.finish();
  const { stopping, rare: refusals, incomplete } = result;
  const isReached = stopping?.reached !== false && refusals?.reached !== false;
  return isReached && incomplete === undefined ? EXIT.ok : EXIT.undecided;
}

/** The scenarios that come with recvq. */
function list({ json, output: file, color: wanted }: Given): number {
  const scenarios = shippedScenarios();
  const text = outputFile(file);
  const document = { version: 1, recvq: version, scenarios };
  const lines = scenarios.flatMap(({ remedies, ...scenario }) => [
    scenario,
    ...remedies.map(({ name, claim }) => ({ name: name.replace(/^.*\//, "  "), claim })),
  ]);
  text.write(json ? `${JSON.stringify(document, null, 2)}\n` : listText(lines, lineOf(wanted, file)));
  text.finish();
  return EXIT.ok;
}
