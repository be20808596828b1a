// What a sweep prints, whether in one piece or merged from parts, and the exit code that tells how it went.

import { sweepText } from "../report/sweep.js";
import { sweepCsv, sweepParquet } from "../report/sweep-rows.js";
import type { SweepPart } from "../run/merge.js";
import type { Sweep } from "../run/sweep-result.js";
import { EXIT } from "./exit.js";
import { color, output, quiet } from "./options.js";
import { UsageError } from "./signals.js";

export interface Shown {
  json: boolean;
  csv: boolean;
  parquet: boolean;
  output: string;
  quiet: boolean;
  color?: boolean;
}

/** The options of what is printed. */
export const formats = {
  json: { describe: "the whole Sweep as JSON", type: "boolean", default: false },
  csv: { describe: "one row a point as CSV", type: "boolean", default: false },
  parquet: { describe: "one row a point as Parquet", type: "boolean", default: false },
  output: { ...output, describe: "write to this file: .json, .csv and .parquet say the format" },
  quiet: quiet("print the table only"),
  color,
} as const;

export type Format = "text" | "json" | "csv" | "parquet";

export async function printed(
  sweep: Sweep | SweepPart,
  format: Format,
  screen: Parameters<typeof sweepText>[1],
): Promise<string | Uint8Array> {
  if (format === "json") return `${JSON.stringify(sweep, null, 2)}\n`;
  if (format === "csv") return sweepCsv(sweep);
  return format === "parquet" ? sweepParquet(sweep) : sweepText(sweep, screen);
}

/**
 * By an option, or by how the name of the file ends, or else `only` or text. A part has one format, `only`.
 */
export function formatOf({ json, csv, parquet, output }: Shown, command: string, only?: Format): Format {
  const asked = Object.entries({ json, csv, parquet }).flatMap(([name, is]) => (is ? [name as Format] : []));
  if (asked.length > 1) {
    throw new UsageError(`expected one of --json, --csv and --parquet, got ${asked.length}`, command);
  }
  const named = asked[0] ?? (/\.(json|csv|parquet)$/.exec(output)?.[1] as Format | undefined);
  if (only && named && named !== only) {
    throw new UsageError(`--shard: expected a part as JSON, got ${named}; recvq merge makes that`, command);
  }
  const format = named ?? only ?? "text";
  if (format === "parquet" && output === "-" && process.stdout.isTTY) {
    throw new UsageError("--parquet: expected -o FILE, since a terminal cannot show it", command);
  }
  return format;
}

/** A point that could not be computed weighs more than one whose settings do not go together. */
export function exitOf({ points }: Sweep): number {
  const blamed = (blame: string) => points.some((point) => point.blame === blame);
  if (blamed("bug")) return EXIT.bug;
  if (blamed("machine")) return EXIT.machine;
  if (points.some(({ failed }) => failed !== undefined)) return EXIT.input;
  const isDecided = points.every(({ result }) => result?.stopping?.reached !== false);
  return isDecided ? EXIT.ok : EXIT.undecided;
}
