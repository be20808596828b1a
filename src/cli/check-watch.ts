// recvq check --watch: checks again what a changed file belongs to.

import { resolve } from "node:path";
import { createInterface } from "node:readline";
import pc from "picocolors";
import { type CheckOptions, verdictOf } from "../check/check.js";
import type { Check, ScenarioCheck } from "../check/check-result.js";
import { checkSuite } from "../check/suite.js";
import { thresholdsOf } from "../check/thresholds.js";
import { FileError, readText, STANDARD } from "../node/files.js";
import { progressBar } from "../node/progress.js";
import { scenarioFiles } from "../node/scenario-files.js";
import { terminal } from "../node/terminal.js";
import { stateOf, whenSettled } from "../node/watched-files.js";
import { scenarioText, totalsText } from "../report/check/text.js";
import { ScenarioError } from "../scenario/error.js";
import { EXIT } from "./exit.js";
import { scenarioOf } from "./scenario.js";

export interface Watched {
  names: readonly string[];
  given: Parameters<typeof scenarioOf>[1] & { quiet: boolean; color?: boolean };
  optionsFor(progress: CheckOptions["ended"]): CheckOptions;
  /** What the user types, and where all is said. */
  input: NodeJS.ReadableStream;
  say(text: string): void;
}

/** What is known of one scenario file. */
interface Known {
  /** All files that it was read from, absolute. */
  files: Set<string>;
  check?: ScenarioCheck;
  /** Why it could not be checked. */
  problem?: string;
}

/** Watches until the user ends it: `q` answers the exit code of what is known then. */
export async function watchScenarios(watched: Watched): Promise<number> {
  const { names } = watched;
  const known = new Map<string, Known>();
  /** All files that anything was read from, as they were then: others in a folder are nobody's business. */
  const read = new Map<string, string>();
  let list = listed(names);
  let running = new AbortController();
  let last = Promise.resolve();
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });

  /** Those that are not what was read. */
  function changedFiles(): string[] {
    return [...read].flatMap(([file, state]) => (stateOf(file) === state ? [] : [file]));
  }

  /** What has changed, and to what; nothing if all is as it was. */
  function look(): string {
    const changes = changedFiles().map((file) => `${file} ${stateOf(file)}`);
    const now = listed(names).files;
    return [...changes, ...(String(now) === String(list.files) ? [] : now)].join("\n");
  }

  /** What is under way is given up: its files are not what they were. */
  function again(changed: ReadonlySet<string>): void {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    list = listed(names);
    for (const [file, one] of known) {
      if (touches(one, changed) || !list.files.includes(file)) known.delete(file);
    }
    for (const file of changed) read.delete(file);
    const work = { known, ...list, reading };
    last = last.then(async () => {
      try {
        await checkUnknown(work, watched, signal);
      } catch (error) {
        if (!signal.aborted) fail(error);
      }
    });
  }

  /** The first who reads a file decides which state of it all have to be of. */
  function reading(file: string): void {
    if (!read.has(file)) read.set(file, stateOf(file));
  }

  const all = () => again(new Set(read.keys()));
  all();
  const close = whenSettled(look, () => {
    try {
      again(new Set(changedFiles()));
    } catch (error) {
      fail(error);
    }
  });
  try {
    await Promise.race([failed, quit(watched.input, all)]);
    return codeOf(known, list);
  } finally {
    running.abort();
    close();
  }
}

/** Enter checks all again; `q` ends it. */
function quit(input: Watched["input"], repeat: () => void): Promise<void> {
  const lines = createInterface({ input });
  return new Promise((end) => {
    lines.on("line", (line) => {
      if (line.trim() !== "q") return repeat();
      lines.close();
      end();
    });
  });
}

interface Work extends Listed {
  known: Map<string, Known>;
  /** Is told of each file that is read, absolute, before it is. */
  reading(path: string): void;
}

/** Checks what is not known and says what came of it, then the totals of all. */
async function checkUnknown(work: Work, watched: Watched, signal: AbortSignal): Promise<void> {
  const { known, files, wrong } = work;
  const { say, given } = watched;
  const screen = { ...terminal(given.color, STANDARD), quiet: given.quiet };
  for (const text of wrong) say(`${text}\n`);
  for (const file of files) {
    if (known.has(file)) continue;
    signal.throwIfAborted();
    const now = await checkFile(file, work, watched, signal);
    known.set(file, now);
    say(now.check ? scenarioText(now.check, screen) : `${now.problem}\n`);
  }
  say(`\n${endOf([...known.values()], wrong, screen)}`);
}

async function checkFile(file: string, work: Work, watched: Watched, signal: AbortSignal): Promise<Known> {
  const { given, optionsFor } = watched;
  const one: Known = { files: new Set() };
  const reading = (path: string) => {
    const absolute = resolve(path);
    one.files.add(absolute);
    work.reading(absolute);
  };
  // It also lets in what the user types, signals, and what has changed.
  const bar = progressBar("check", { quiet: given.quiet });
  try {
    const options = optionsFor(() => bar.report(work.known.size / work.files.length));
    const scenario = scenarioOf(file, given, (path) => {
      reading(path);
      return readText(path);
    });
    const table: CheckOptions["table"] = (of) => {
      const read = options.table(of);
      return (name) => {
        reading(of.resolvePath(name));
        return read(name);
      };
    };
    const suite = [{ scenario, thresholds: thresholdsOf(scenario) }];
    for await (const check of checkSuite(suite, { ...options, table, signal })) one.check = check;
  } catch (error) {
    if (!(error instanceof ScenarioError || error instanceof FileError)) throw error;
    one.problem = error.message;
  } finally {
    bar.stop();
  }
  return one;
}

interface Listed {
  files: string[];
  /** Names that stand for no file; there may be some later. */
  wrong: string[];
}

function listed(names: readonly string[]): Listed {
  const each = names.length > 0 ? names.map((name) => [name]) : [[]];
  const wrong: string[] = [];
  const right = each.filter((name) => {
    try {
      return scenarioFiles(name);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      wrong.push(error.message);
      return false;
    }
  });
  return { files: right.length === 0 ? [] : scenarioFiles(right.flat()), wrong };
}

function touches({ files }: Known, changed: ReadonlySet<string>): boolean {
  return [...changed].some((path) => files.has(path));
}

function endOf(known: readonly Known[], wrong: readonly string[], screen: Parameters<typeof totalsText>[1]) {
  const scenarios = known.flatMap(({ check }) => check ?? []);
  const bad = wrong.length + known.length - scenarios.length;
  const check: Pick<Check, "scenarios" | "status"> = { scenarios, status: verdictOf(scenarios) };
  const more = bad > 0 ? pc.createColors(screen.colour).red(`${bad} could not be checked`) : "";
  return `${totalsText(check, screen)}${more && `${more}\n`}Watching. Enter checks all again, q ends.\n`;
}

function codeOf(known: ReadonlyMap<string, Known>, { files, wrong }: Listed): number {
  const all = [...known.values()];
  if (wrong.length > 0 || all.some(({ problem }) => problem !== undefined)) return EXIT.input;
  const status = verdictOf(all.flatMap(({ check }) => check ?? []));
  if (status === "failed") return EXIT.failed;
  return status === "passed" && known.size === files.length ? EXIT.ok : EXIT.undecided;
}
