// What the terminal can show.

import picocolors from "picocolors";
import { STANDARD } from "./files.js";

const DEFAULT_COLUMNS = 80;

/**
 * Width and colours for an output. `--color` and `--no-color` decide; then NO_COLOR, FORCE_COLOR and whether
 * it is a terminal (https://no-color.org).
 */
export function terminal(wanted: boolean | undefined, output: string): { columns: number; colour: boolean } {
  const toScreen = output === STANDARD;
  const columns = (toScreen && process.stdout.columns) || Number(process.env.COLUMNS) || DEFAULT_COLUMNS;
  return { columns, colour: wanted ?? (toScreen && picocolors.isColorSupported) };
}
