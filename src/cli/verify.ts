// recvq verify: flags, one call for each case, the table.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { outputFile } from "../node/files.js";
import { caseFolders, fileIn } from "../node/folders.js";
import { progressBar } from "../node/progress.js";
import { requestsFile } from "../report/requests-file.js";
import { verifyText } from "../verify/text.js";
import { type Verified, verifyCase } from "../verify/verify.js";
import { EXIT } from "./exit.js";

interface Given {
  cases: string[];
  json: boolean;
  requests?: string;
  output: string;
  quiet: boolean;
}

export function options(yargs: Argv): Argv {
  return yargs
    .positional("cases", { describe: "folders of measured cases", type: "string", array: true })
    .option("json", { describe: "print everything as JSON", type: "boolean", default: false })
    .option("requests", {
      describe: "write each case's predicted requests to CASE.csv in this folder",
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
    .option("quiet", { alias: "q", describe: "no progress", type: "boolean", default: false })
    .example("$0 test/measured/*", "every measured case");
}

export async function command(given: Given): Promise<number> {
  const verified: Verified[] = [];
  for (const { folder, family } of caseFolders(given.cases)) {
    const file =
      given.requests === undefined ? undefined : outputFile(fileIn(given.requests, `${folder.name}.csv`));
    const rows = file && requestsFile((text) => file.write(text));
    const bar = progressBar(folder.name, { quiet: given.quiet });
    const progress = bar.report;
    verified.push(
      await verifyCase(folder, { components, family, progress, ...(rows && { ended: rows.ended }) }),
    );
    bar.stop();
    rows?.finish();
    file?.finish();
  }
  const output = outputFile(given.output);
  output.write(given.json ? `${JSON.stringify(verified, null, 2)}\n` : verifyText(verified));
  output.finish();
  return verified.every(({ passed }) => passed) ? EXIT.ok : EXIT.failed;
}
