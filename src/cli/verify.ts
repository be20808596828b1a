// recvq verify: flags, one call for each case, the table.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { type Output, outputFile } from "../node/files.js";
import { caseFolders, fileIn } from "../node/folders.js";
import { letSignalsIn, progressBar } from "../node/progress.js";
import { requestsFile } from "../report/requests-file.js";
import { verifyText } from "../verify/text.js";
import { type Verified, verifyCase } from "../verify/verify.js";
import { EXIT } from "./exit.js";
import { last, output, quiet } from "./options.js";

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
    .option("output", output)
    .option("quiet", quiet("no progress"))
    .coerce(["requests", "output"], last)
    .example("$0 test/measured/*", "every measured case");
}

export async function command(given: Given): Promise<number> {
  const verified: Verified[] = [];
  const folders = caseFolders(given.cases);
  // All opened before the first run: what cannot be written is known at once.
  const text = outputFile(given.output);
  const cases = folders.map((one) => ({ ...one, file: requestsOf(one.folder.name, given) }));
  for (const { folder, family, file } of cases) {
    const rows = file && requestsFile((row) => file.write(row));
    const bar = progressBar(folder.name, { quiet: given.quiet });
    const { report: progress } = bar;
    const options = { components, family, progress, ...(rows && { ended: rows.ended }) };
    verified.push(await verifyCase(folder, options).finally(bar.stop));
    await letSignalsIn();
    rows?.finish();
    file?.finish();
  }
  text.write(given.json ? `${JSON.stringify(verified, null, 2)}\n` : verifyText(verified));
  text.finish();
  return verified.every(({ passed }) => passed) ? EXIT.ok : EXIT.failed;
}

/** Where the predicted requests of a case go. */
function requestsOf(name: string, { requests }: Given): Output | undefined {
  return requests === undefined ? undefined : outputFile(fileIn(requests, `${name}.csv`));
}
