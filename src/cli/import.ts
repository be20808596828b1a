// recvq import: flags, one call, the scenario and what it leaves out.

import type { Argv } from "yargs";
import { CASE_FILES, importCase } from "../import/case.js";
import { importText, notesText } from "../import/text.js";
import { outputFile } from "../node/files.js";
import { deploymentFiles } from "../node/folders.js";
import { EXIT } from "./exit.js";

interface Given {
  folder?: string;
  nginx?: string;
  gunicorn?: string;
  sysctl?: string;
  versions?: string;
  load?: string;
  output: string;
  quiet: boolean;
}

export function options(yargs: Argv): Argv {
  const file = (describe: string) => ({ describe, type: "string", requiresArg: true }) as const;
  return yargs
    .positional("folder", { describe: `folder with any of ${CASE_FILES.join(", ")}`, type: "string" })
    .option("nginx", file("nginx.conf"))
    .option("gunicorn", file("a script with gunicorn's command line"))
    .option("sysctl", file("output of sysctl"))
    .option("versions", file("output of nginx -v, gunicorn --version and uname -sr"))
    .option("load", file("description of the load, JSON"))
    .option("output", {
      alias: "o",
      describe: "write to this file",
      type: "string",
      default: "-",
      requiresArg: true,
    })
    .option("quiet", {
      alias: "q",
      describe: "do not tell what was left out",
      type: "boolean",
      default: false,
    })
    .example("$0 --nginx /etc/nginx/nginx.conf --gunicorn start.sh -o app.yaml", "your own deployment");
}

export async function command(given: Given): Promise<number> {
  const { nginx, gunicorn, sysctl, versions, load } = given;
  const { texts, files, names } = deploymentFiles(given.folder, {
    "nginx.conf": nginx,
    "gunicorn.sh": gunicorn,
    "sysctl.txt": sysctl,
    "versions.txt": versions,
    "load.json": load,
  });
  const imported = importCase(texts, files, { names });
  const output = outputFile(given.output);
  output.write(importText(imported, Object.values(names)));
  output.finish();
  if (!given.quiet) process.stderr.write(notesText(imported.notes));
  return EXIT.ok;
}
