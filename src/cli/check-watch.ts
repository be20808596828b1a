// recvq check --watch: checks again what a changed file belongs to.

import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { type CheckOptions, verdictOf } from "../check/check.js";
import type { Check, ScenarioCheck } from "../check/check-result.js";
import { checkSuite } from "../check/suite.js";
import { thresholdsOf } from "../check/thresholds.js";
import { FileError, readText, STANDARD } from "../node/files.js";
import { foldersOf, scenarioFiles } from "../node/scenario-files.js";
import { terminal } from "../node/terminal.js";
import { watchedFiles } from "../node/watched-files.js";
import { scenarioText, totalsText } from "../report/check/text.js";
import { ScenarioError } from "../scenario/error.js";
import { EXIT } from "./exit.js";
import { scenarioOf } from "./scenario.js";

interface Watched {
  names: readonly string[];
  given: Parameters<typeof scenarioOf>[1] & { quiet: boolean; color?: boolean };
  optionsFor(progress: CheckOptions["ended"]): CheckOptions;
}

/** What is known of one scenario file. */
interface Known {
  /** All files that it was read from, absolute. */
  files: Set<string>;
  check?: ScenarioCheck;
  /** Why it could not be checked. */
  problem?: string;
}

/** Watches until the user ends it: `q` answers the exit code. */
export async function watchScenarios(watched: Watched): Promise<number> {
  const known = new Map<string, Known>();
  let running = new AbortController();
  let last = Promise.resolve();
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const watcher = await watchedFiles(again);

  /** What is under way is given up: its files are not what they were. Without `changed` all are checked. */
  function again(changed?: ReadonlySet<string>): void {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    for (const [file, one] of known) if (!changed || touches(one, changed)) known.delete(file);
    last = last.then(async () => {
      try {
        await checkUnknown(known, watched, signal);
        watcher.watch([...known.values()].flatMap(({ files }) => [...files]));
      } catch (error) {
        if (!signal.aborted) fail(error);
      }
    });
  }

  watcher.watch(foldersOf(watched.names));
  again();
  try {
    await Promise.race([failed, quit(() => again())]);
    return codeOf([...known.values()]);
  } finally {
    running.abort();
    await watcher.close();
  }
}

/** Enter checks all again; `q` ends it. */
function quit(repeat: () => void): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  return new Promise((end) => {
    lines.on("line", (line) => {
      if (line.trim() !== "q") return repeat();
      lines.close();
      end();
    });
  });
}

/** Checks what is not known and says what came of it, then the totals of all. */
async function checkUnknown(known: Map<string, Known>, watched: Watched, signal: AbortSignal): Promise<void> {
  const { quiet, color } = watched.given;
  const screen = { ...terminal(color, STANDARD), quiet };
  const say = (text: string) => process.stdout.write(text);
  const files = listed(watched.names);
  for (const file of known.keys()) if (!files.includes(file)) known.delete(file);
  for (const file of files) {
    if (known.has(file)) continue;
    const now = await checkFile(file, watched, signal);
    known.set(file, now);
    say(now.check ? scenarioText(now.check, screen) : `${now.problem}\n`);
  }
  say(`\n${endOf([...known.values()], screen)}`);
}

async function checkFile(file: string, { given, optionsFor }: Watched, signal: AbortSignal): Promise<Known> {
  const one: Known = { files: new Set([resolve(file)]) };
  const reading = (path: string) => {
    one.files.add(resolve(path));
    return readText(path);
  };
  try {
    const scenario = scenarioOf(file, given, reading);
    const options = optionsFor(undefined);
    const table: CheckOptions["table"] = (of) => {
      const read = options.table(of);
      return (name) => {
        one.files.add(resolve(of.resolvePath(name)));
        return read(name);
      };
    };
    const suite = [{ scenario, thresholds: thresholdsOf(scenario) }];
    for await (const check of checkSuite(suite, { ...options, table, signal })) one.check = check;
  } catch (error) {
    if (!(error instanceof ScenarioError || error instanceof FileError)) throw error;
    one.problem = error.message;
  }
  return one;
}

/** Without any file there may be some later. */
function listed(names: readonly string[]): string[] {
  try {
    return scenarioFiles(names);
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

function touches({ files }: Known, changed: ReadonlySet<string>): boolean {
  return [...changed].some((path) => files.has(path));
}

function endOf(known: readonly Known[], screen: Parameters<typeof totalsText>[1]): string {
  const scenarios = known.flatMap(({ check }) => check ?? []);
  const wrong = known.length - scenarios.length;
  const check: Pick<Check, "scenarios" | "status"> = { scenarios, status: verdictOf(scenarios) };
  const more = wrong > 0 ? `${wrong} could not be checked\n` : "";
  return `${totalsText(check, screen)}${more}Watching. Enter checks all again, q ends.\n`;
}

function codeOf(known: readonly Known[]): number {
  if (known.some(({ problem }) => problem !== undefined)) return EXIT.input;
  const status = verdictOf(known.flatMap(({ check }) => check ?? []));
  return status === "passed" ? EXIT.ok : status === "failed" ? EXIT.failed : EXIT.undecided;
}
