// Options that several commands share.

import { parseDurationNs } from "../component/units.js";
import { MILLISECOND } from "../engine/time.js";
import { UsageError } from "./signals.js";

/** `-o`: where the command's text goes. */
export const output = {
  alias: "o",
  describe: "write to this file",
  type: "string",
  default: "-",
  requiresArg: true,
} as const;

/** An option with one text. */
export const text = { type: "string", requiresArg: true } as const;

/** An option with texts, each after its own flag. */
export const texts = { type: "string", array: true, nargs: 1, default: [] as string[] } as const;

/** `--set`, `--rate` and `--seed`, of a command that is about one scenario. */
export const overrides = {
  set: { describe: "override a setting: --set gunicorn.workers=8", ...texts },
  rate: { describe: "rate of the arrivals, such as 200/s", ...text },
  seed: { describe: "seed of the random streams", ...text },
} as const;

/** What a command that is about one scenario takes first. */
export const scenario = {
  describe: "scenario file, or the name of one that comes with recvq; - for standard input",
  type: "string",
} as const;

/** `-q`, with what is left out then. */
export function quiet(describe: string) {
  return { alias: "q", describe, type: "boolean", default: false } as const;
}

/** `--threads`. */
export const threads = {
  describe: "threads that compute replications; without it one for each processor",
  type: "string",
  requiresArg: true,
} as const;

/** `--patience`. */
export const patience = {
  describe: "how long Redis or a worker may be silent until it is given up",
  type: "string",
  default: "30s",
  requiresArg: true,
} as const;

/** `--color`. */
export const color = {
  describe: "colours; NO_COLOR and --no-color turn them off",
  type: "boolean",
} as const;

/** Of `--patience` and the like: milliseconds, at least one. */
export function durationMs(option: string, text: string, command: string): number {
  const ns = parseDurationNs(text);
  if (ns !== undefined && ns >= MILLISECOND) return ns / MILLISECOND;
  throw new UsageError(`${option}: expected a duration such as 30s, got ${text}`, command);
}

const MOST_THREADS = 1024;

/** Of `--threads`: undefined for one for each processor. */
export function threadCount(text: string | undefined, command: string): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_THREADS) return count;
  throw new UsageError(`--threads: expected a whole number from 1 to ${MOST_THREADS}, got ${text}`, command);
}

/** yargs makes a list of an option that is given twice; as everywhere, the last one counts. */
export function last(given: string | string[] | undefined): string | undefined {
  return Array.isArray(given) ? given.at(-1) : given;
}
