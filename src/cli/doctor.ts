// recvq doctor: flags, one call, output.

import type { Argv } from "yargs";
import { examine, rules } from "../../models/doctor/rules.js";
import { components } from "../../models/index.js";
import { withKernelDefaults } from "../../models/linux/kernel-defaults.js";
import { diagnose, diagnosisOf, rulesOf } from "../check/diagnosis.js";
import { outputFile } from "../node/files.js";
import { terminal } from "../node/terminal.js";
import { doctorText, rulesText } from "../report/doctor.js";
import { EXIT } from "./exit.js";
import { color, last, output, overrides, quiet } from "./options.js";
import { scenarioOf } from "./scenario.js";
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
    .option("rate", overrides.rate)
    .option("set", overrides.set)
    .option("json", { describe: "print the Diagnosis as JSON", type: "boolean", default: false })
    .option("output", output)
    .option("quiet", quiet("one line for each error and warning, nothing else"))
    .option("color", color)
    .coerce(["rate", "output"], last)
    .example("$0 app.yaml", "what its settings say before anything is run")
    .example("$0 scenarios/*.yaml --quiet", "several at once; exit code 99 if there is an error");
}

export async function command(given: Given): Promise<number> {
  const { scenarios = [] } = given;
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
      const scenario = scenarioOf(name, given);
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
