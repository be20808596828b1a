// The baseline of a check: its file, and which of its entries is which scenario's.

import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type Baseline, type BaselineEntry, baselineText, parseBaseline } from "../check/baseline.js";
import type { BaselineOptions } from "../check/suite.js";
import { FileError, outputFile, readText, STANDARD } from "../node/files.js";
import { UsageError } from "./signals.js";

export interface BaselineFile {
  options: BaselineOptions;
  /** Writes it anew, if that is wanted. */
  finish(): void;
}

interface Wanted {
  baseline?: string | undefined;
  updateBaseline: boolean;
  alarmLevel?: string | undefined;
}

const COMMAND = "recvq check";

/** Undefined if none is wanted. Throws a UsageError, a FileError, or a ScenarioError for what is in it. */
export function baselineFile({
  baseline: file,
  updateBaseline,
  alarmLevel,
}: Wanted): BaselineFile | undefined {
  const level = alarmLevel === undefined ? undefined : levelOf(alarmLevel);
  if (file === undefined) {
    if (!updateBaseline && level === undefined) return undefined;
    const option = updateBaseline ? "--update-baseline" : "--alarm-level";
    throw new UsageError(`${option}: expected --baseline FILE beside it, got none`, COMMAND);
  }
  if (file === STANDARD) throw new UsageError("--baseline: expected a file, got -", COMMAND);
  const isThere = existsSync(file);
  if (!isThere && !updateBaseline) {
    throw new FileError(file, "there is no such file; --update-baseline makes it");
  }
  const known: Baseline = isThere ? parseBaseline(readText(file), file) : { version: 1, scenarios: {} };
  const folder = dirname(resolve(file));
  const nameOf = (source: string) => relative(folder, resolve(source)).replaceAll("\\", "/");
  // Opened before the run: what cannot be written is known at once.
  const output = updateBaseline ? outputFile(file) : undefined;
  const kept = new Map<string, BaselineEntry>();
  return {
    options: {
      entry: ({ source }) =>
        Object.hasOwn(known.scenarios, nameOf(source)) ? known.scenarios[nameOf(source)] : undefined,
      ...(output && { keep: ({ source }, entry) => kept.set(nameOf(source), entry) }),
      level,
    },
    finish() {
      // Of scenarios that are there no more nothing has to be known.
      const others = Object.entries(known.scenarios).filter(([name]) => existsSync(join(folder, name)));
      output?.write(baselineText({ version: 1, scenarios: Object.fromEntries([...others, ...kept]) }));
      output?.finish();
    },
  };
}

function levelOf(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  const level = percent === undefined ? Number(text) : Number(percent) / 100;
  if (level > 0 && level <= 0.1) return level;
  throw new UsageError(
    `--alarm-level: expected a share above 0 and up to 10%, such as 0.001%, got ${text}`,
    COMMAND,
  );
}
