// recvq import: flags, one call, the scenario and what it leaves out.

import type { Argv } from "yargs";
import { CASE_FILES, importCase } from "../import/case.js";
import { importText, notesText } from "../import/text.js";
import { outputFile } from "../node/files.js";
import { deploymentFiles } from "../node/folders.js";
import { EXIT } from "./exit.js";
import { last, output, quiet } from "./options.js";

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
    .option("load", file("description of the load, JSON: see below"))
    .option("output", output)
    .option("quiet", quiet("do not tell what was left out"))
    .coerce(["nginx", "gunicorn", "sysctl", "versions", "load", "output"], last)
    .example("$0 --nginx /etc/nginx/nginx.conf --gunicorn start.sh -o app.yaml", "your own deployment")
    .epilogue(LOAD);
}

/** The format of load.json, as ../import/load.ts reads it. */
const LOAD = `The load, here with all that is read; numbers named _s are seconds:
  {
    "kind": "open",
    "target": "127.0.0.1:8080",
    "client_timeout_s": 10,
    "phases": [
      { "process": "constant", "rate": 5, "duration_s": 10 },
      { "process": "poisson", "rate": 100, "duration_s": 60 }
    ],
    "service": { "dist": "lognormal", "mean_s": 0.08, "cv": 1.5 },
    "app": { "body_bytes": 2, "content_length": true }
  }
Only kind, target and phases must be there. Rates are requests a second; phases
follow each other. A target may be unix:/path as well. service is how long the
application takes for a request, one of:
  { "dist": "constant", "s": 0.2 }
  { "dist": "exponential", "mean_s": 0.2 }
  { "dist": "lognormal", "mean_s": 0.2, "cv": 1 }
  { "dist": "mixture", "parts": [
    { "weight": 9, "dist": "constant", "s": 0.1 },
    { "weight": 1, "dist": "exponential", "mean_s": 2 }] }`;

export async function command(given: Given): Promise<number> {
  const { nginx, gunicorn, sysctl, versions, load } = given;
  const { texts, files, names } = deploymentFiles(given.folder, {
    "nginx.conf": nginx,
    "gunicorn.sh": gunicorn,
    "sysctl.txt": sysctl,
    "versions.txt": versions,
    "load.json": load,
  });
  const imported = importCase(texts, files, {
    names,
    ...(given.folder !== undefined && { folder: given.folder }),
  });
  const text = outputFile(given.output);
  text.write(importText(imported, Object.values(names)));
  text.finish();
  if (!given.quiet) process.stderr.write(notesText(imported.notes));
  return EXIT.ok;
}
