// Where the reports of a check go.

import type { Check } from "../check/check-result.js";
import { appendTo, outputFile, STANDARD } from "../node/files.js";
import { terminal } from "../node/terminal.js";
import { githubMistakes, githubText } from "../report/check/github.js";
import { junitText } from "../report/check/junit.js";
import { markdownText } from "../report/check/markdown.js";
import { tapText } from "../report/check/tap.js";
import { checkText } from "../report/check/text.js";
import { ScenarioError } from "../scenario/error.js";
import { UsageError } from "./signals.js";

export interface Wanted {
  reporter: string[];
  json: boolean;
  output: string;
  quiet: boolean;
  color?: boolean | undefined;
}

interface Report {
  name: Name;
  file: string;
}

type Options = Parameters<typeof checkText>[1];

const TEXTS = {
  terminal: checkText,
  junit: junitText,
  tap: tapText,
  json: (check: Check) => `${JSON.stringify(check, null, 2)}\n`,
  github: githubText,
  markdown: markdownText,
} satisfies Record<string, (check: Check, options: Options) => string>;
type Name = keyof typeof TEXTS;
const NAMES = Object.keys(TEXTS);

export interface Reporting {
  report(check: Check): void;
  /** Tells those who show places in files what is wrong with the scenarios, if that is it. */
  failed(error: unknown): void;
}

/**
 * What writes a check into all reports that are wanted; several to the same place come one after the other.
 * All files are opened now: what cannot be written is known before the run. Throws a UsageError.
 */
export function reporting(wanted: Wanted): Reporting {
  const { quiet, color, output } = wanted;
  const reports = reportsOf(wanted);
  const files = [...new Set(reports.map(({ file }) => file))];
  const outputs = new Map(files.map((file) => [file, outputFile(file)]));
  return {
    report(check) {
      for (const { name, file } of reports) {
        outputs.get(file)?.write(TEXTS[name](check, { ...terminal(color, file), quiet }));
      }
      for (const one of outputs.values()) one.finish();
      if (reports.some(({ name, file }) => name === "github" && file === output)) summarise(check);
    },
    failed(error) {
      if (!(error instanceof ScenarioError)) return;
      for (const file of new Set(reports.flatMap(({ name, file }) => (name === "github" ? file : [])))) {
        outputs.get(file)?.write(githubMistakes(error.problems));
        outputs.get(file)?.finish();
      }
    },
  };
}

function reportsOf({ reporter, json, output }: Wanted): Report[] {
  if (reporter.length > 0) {
    if (json)
      throw new UsageError("expected --json or --reporter, got both; json is a reporter too", COMMAND);
    return reporter.map((text) => reportOf(text, output));
  }
  if (json) return [{ name: "json", file: output }];
  // As test runners do: in a job of GitHub's the annotations come without being asked for.
  const inJob = process.env.GITHUB_ACTIONS === "true" && output === STANDARD;
  return [{ name: "terminal", file: output }, ...(inJob ? [{ name: "github" as const, file: output }] : [])];
}

const COMMAND = "recvq check";

function reportOf(text: string, output: string): Report {
  const at = text.indexOf("=");
  const [name, file] = at < 0 ? [text, output] : [text.slice(0, at), text.slice(at + 1)];
  const isKnown = (word: string): word is Name => Object.hasOwn(TEXTS, word);
  if (!isKnown(name)) {
    throw new UsageError(`--reporter: expected one of ${NAMES.join(", ")}, got "${name}"`, COMMAND);
  }
  if (file === "") throw new UsageError(`--reporter ${name}=: expected a file, got none`, COMMAND);
  return { name, file };
}

/** The page of a GitHub job, if it has one. */
function summarise(check: Check): void {
  const { GITHUB_STEP_SUMMARY: file } = process.env;
  if (file) appendTo(file, markdownText(check));
}
