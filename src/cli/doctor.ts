// recvq doctor: flags, one call, output.

import type { Argv } from "yargs";
import { examine, rules } from "../../models/doctor/rules.js";
import { components } from "../../models/index.js";
import { withKernelDefaults } from "../../models/linux/kernel-defaults.js";
import { diagnose, diagnosisOf, rulesOf } from "../check/diagnosis.js";
import { outputFile, readText } from "../node/files.js";
import { scenarioFile } from "../node/shipped.js";
import { terminal } from "../node/terminal.js";
import { doctorText, rulesText } from "../report/doctor.js";
import { loadScenario } from "../scenario/load.js";
import { EXIT } from "./exit.js";
import { color, last, output, quiet } from "./options.js";
import { UsageError } from "./signals.js";
import { tableReader } from "./tables.js";

interface Given {
  scenarios?: string[];
  rules: boolean;
  rate?: string;
  set: string[];
  json: boolean;
  output: string;
  quiet: boolean;
  color?: boolean;
}

export function options(yargs: Argv): Argv {
  return yargs
    .positional("scenarios", {
      describe: "scenario files, - for standard input",
      type: "string",
      array: true,
    })
    .option("rules", {
      describe: "list the rules instead, with their sources",
      type: "boolean",
      default: false,
    })
    .option("rate", { describe: "rate of the arrivals, such as 200/s", type: "string", requiresArg: true })
    .option("set", {
      describe: "override a setting: --set gunicorn.workers=8",
      type: "string",
      array: true,
      nargs: 1,
      default: [],
    })
    .option("json", { describe: "print the Diagnosis as JSON", type: "boolean", default: false })
    .option("output", output)
    .option("quiet", quiet("one line for each error and warning, nothing else"))
    .option("color", color)
    .coerce(["rate", "output"], last)
    .example("$0 app.yaml", "what its settings say before anything is run")
    .example("$0 scenarios/*.yaml --quiet", "several at once; exit code 99 if there is an error");
}

export async function command(given: Given): Promise<number> {
  const { scenarios = [], rate, set } = given;
  const screen = { ...terminal(given.color, given.output), quiet: given.quiet };
  const asJson = (document: object) => `${JSON.stringify(document, null, 2)}\n`;
  if (given.rules) {
    write(given.output, given.json ? asJson(rulesOf(rules)) : rulesText(rules, screen));
    return EXIT.ok;
  }
  if (scenarios.length === 0)
    throw new UsageError("expected a scenario, or --rules; got neither", "recvq doctor");
  const diagnosis = diagnosisOf(
    scenarios.map((name) => {
      const scenario = loadScenario(scenarioFile(name), {
        read: readText,
        components,
        set,
        ...(rate !== undefined && { rate }),
      });
      const table = tableReader(scenario);
      return diagnose(scenario, { components, table, examine, effective: withKernelDefaults });
    }),
  );
  write(given.output, given.json ? asJson(diagnosis) : doctorText(diagnosis, screen));
  return diagnosis.scenarios.some(({ errors }) => errors > 0) ? EXIT.failed : EXIT.ok;
}

function write(file: string, content: string): void {
  const text = outputFile(file);
  text.write(content);
  text.finish();
}
