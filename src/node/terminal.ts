// What the terminal can show.

import { STANDARD } from "./files.js";

const DEFAULT_COLUMNS = 80;

/** Width and colours for an output. `--color` and `--no-color` (`wanted`) decide before the environment. */
export function terminal(wanted: boolean | undefined, output: string): { columns: number; colour: boolean } {
  const toScreen = output === STANDARD;
  const columns = (toScreen && process.stdout.columns) || Number(process.env.COLUMNS) || DEFAULT_COLUMNS;
  return { columns, colour: wanted ?? (toScreen && coloured()) };
}

/** The same for lists: what goes to no terminal has a line for each entry, however long, as grep wants it. */
export function lineOf(wanted: boolean | undefined, output: string): { columns: number; colour: boolean } {
  const screen = terminal(wanted, output);
  const isScreen = output === STANDARD && process.stdout.isTTY === true;
  return isScreen ? screen : { ...screen, columns: Number.POSITIVE_INFINITY };
}

/**
 * NO_COLOR forbids (https://no-color.org), then FORCE_COLOR allows (https://force-color.org), both unless
 * empty; FORCE_COLOR=0 forces nothing, as in Node. Else only a terminal that understands escapes gets
 * colours. CI is not asked: what a job writes to a file is read as a file.
 */
function coloured(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR && FORCE_COLOR !== "0") return true;
  return process.stdout.isTTY === true && TERM !== "dumb";
}
