// Columns of numbers from the CSV files that settings name. A cell that is no number hurts only whoever uses
// its column: the column keeps NaN there, and what stood in the file is told when it is asked for.

import { LONGEST_NS, SECOND } from "../engine/time.js";
import { SettingError } from "./setting-error.js";
import type { Table } from "./world.js";

/** Where a column comes from. */
interface Origin {
  /** Line of its first number, from 1. */
  firstLine: number;
  /** What stands in its first cell that is no number. */
  firstText: string | undefined;
}

// At the column itself, where a copy of the program (node/copies.ts) finds it as well.
const ORIGIN = Symbol.for("recvq.origin");

/** Keeps what messages tell about a column. */
export function rememberOrigin(column: Float64Array, origin: Origin): void {
  Object.defineProperty(column, ORIGIN, { value: origin, configurable: true });
}

function originOf(column: Float64Array): Origin | undefined {
  return (column as Float64Array & { [ORIGIN]?: Origin })[ORIGIN];
}

/** What a table is for: the file's name as the setting gives it, and the setting. */
export interface TableUse {
  file: string;
  path: (string | number)[];
}

/** Reads a table with `read`. Throws a SettingError for a file that cannot be read. */
export function readTable(read: (file: string) => Table, { file, path }: TableUse): Table {
  try {
    return read(file);
  } catch (error) {
    const reason = whyUnreadable(error);
    if (reason === undefined) throw error;
    throw new SettingError(path, `cannot read ${file}: ${reason}`);
  }
}

const MOST_S = LONGEST_NS / SECOND;

/**
 * A column of seconds, undefined if the table has none of this name. Throws a SettingError with file, line
 * and column for what is no time from 0 to 104 days.
 */
export function secondsColumn(
  table: Table,
  name: string,
  { file, path }: TableUse,
): Float64Array | undefined {
  const column = table[name];
  const index = column?.findIndex((seconds) => !(seconds >= 0 && seconds <= MOST_S)) ?? -1;
  if (!column || index < 0) return column;
  const { firstLine, firstText } = originOf(column) ?? { firstLine: 1, firstText: undefined };
  const value = column[index] as number;
  const got = Number.isNaN(value) ? `"${firstText ?? ""}"` : String(value);
  const text = `expected seconds from 0 to ${Math.floor(MOST_S)}, got ${got}`;
  throw new SettingError(path, `${file}:${firstLine + index} ${name}: ${text}`);
}

const REASONS: Record<string, string> = {
  ENOENT: "no such file",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
};

/** In words why a file that the user named cannot be read; undefined for any other error. */
export function whyUnreadable(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? REASONS[code] : undefined;
}
