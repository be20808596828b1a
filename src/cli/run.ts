// recvq run: flags, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { outputFile, readText } from "../node/files.js";
import { progressBar } from "../node/progress.js";
import { terminal } from "../node/terminal.js";
import { requestsFile } from "../report/requests-file.js";
import { runText } from "../report/text.js";
import { run } from "../run/run.js";
import { loadScenario } from "../scenario/load.js";
import { EXIT } from "./exit.js";
import { tableReader } from "./tables.js";

interface Given {
  scenario: string;
  rate?: string;
  set: string[];
  seed?: string;
  replications?: string;
  json: boolean;
  requests?: string;
  output: string;
  quiet: boolean;
  color?: boolean;
}

export function options(yargs: Argv): Argv {
  return yargs
    .positional("scenario", { describe: "scenario file, - for standard input", type: "string" })
    .option("rate", { describe: "rate of the arrivals, such as 200/s", type: "string", requiresArg: true })
    .option("set", {
      describe: "override a setting: --set gunicorn.workers=8",
      type: "string",
      array: true,
      nargs: 1,
      default: [],
    })
    .option("seed", { describe: "seed of the random streams", type: "string", requiresArg: true })
    .option("replications", { describe: "number of independent runs", type: "string", requiresArg: true })
    .option("json", { describe: "print the Result as JSON", type: "boolean", default: false })
    .option("requests", {
      describe: "write every request to this CSV file",
      type: "string",
      requiresArg: true,
    })
    .option("output", {
      alias: "o",
      describe: "write to this file",
      type: "string",
      default: "-",
      requiresArg: true,
    })
    .option("quiet", { alias: "q", describe: "print the verdict only", type: "boolean", default: false })
    .option("color", { describe: "colours; NO_COLOR and --no-color turn them off", type: "boolean" })
    .example("$0 scenarios/seed-rate200.yaml", "the load test of the first article")
    .example("$0 app.yaml --rate 300/s --set gunicorn.workers=8", "what if");
}

export async function command(given: Given): Promise<number> {
  const { set, rate, seed, replications } = given;
  const scenario = loadScenario(given.scenario, {
    read: readText,
    components,
    set,
    ...(rate !== undefined && { rate }),
    ...(seed !== undefined && { seed }),
    ...(replications !== undefined && { replications }),
  });
  const screen = terminal(given.color, given.output);
  const requests = given.requests === undefined ? undefined : outputFile(given.requests);
  const rows = requests && requestsFile((text) => requests.write(text));
  const bar = progressBar(scenario.source, { quiet: given.quiet });
  const result = await run(scenario, {
    components,
    table: tableReader(scenario),
    progress: bar.report,
    ...(rows && { ended: rows.ended }),
  });
  bar.stop();
  rows?.finish();
  requests?.finish();
  const output = outputFile(given.output);
  output.write(
    given.json ? `${JSON.stringify(result, null, 2)}\n` : runText(result, { ...screen, quiet: given.quiet }),
  );
  output.finish();
  return EXIT.ok;
}
