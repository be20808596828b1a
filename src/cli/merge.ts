// recvq merge: flags, one call, output.

import type { Argv } from "yargs";
import { outputFile, readText } from "../node/files.js";
import { terminal } from "../node/terminal.js";
import { mergedParts, parsePart } from "../run/merge.js";
import { last } from "./options.js";
import { exitOf, formatOf, formats, printed, type Shown } from "./sweep-output.js";

interface Given extends Shown {
  parts: string[];
}

export function options(yargs: Argv): Argv {
  return yargs
    .positional("parts", { describe: "what recvq sweep --shard has written", type: "string", array: true })
    .options(formats)
    .coerce(["output"], last)
    .example("$0 part-*.json -o sweep.csv", "the bytes of the sweep that was not cut up");
}

export async function command(given: Given): Promise<number> {
  const format = formatOf(given, "recvq merge");
  const sweep = mergedParts(given.parts.map((file) => ({ file, part: parsePart(readText(file), file) })));
  const screen = terminal(given.color, given.output);
  const file = outputFile(given.output);
  file.write(await printed(sweep, format, { ...screen, quiet: given.quiet }));
  file.finish();
  return exitOf(sweep);
}
