// The command line: picks the command, and turns what went wrong into a sentence and an exit code.
// Commands are imported when they are called, so that `recvq --version` loads next to nothing.

import { distance } from "fastest-levenshtein";
import type { Argv } from "yargs";
import { hideCredentials } from "../node/redacted.js";
import { version } from "../version.js";
import { EXIT } from "./exit.js";
import { endedBy, UsageError, watchSignals } from "./signals.js";
import { missing, summaries } from "./summaries.js";

/**
 * yargs loses a lone `-` (yargs-parser issue 381) and all that follows `--`, so these travel behind a
 * character that no word has, and what follows `--` behind an option in its place.
 */
const SHIELD = "\0";
const END = "end-of-options";

const COMMANDS = {
  run: () => import("./run.js"),
  new: () => import("./new.js"),
  doctor: () => import("./doctor.js"),
  check: () => import("./check.js"),
  compare: () => import("./compare.js"),
  sensitivity: () => import("./sensitivity.js"),
  sweep: () => import("./sweep.js"),
  worker: () => import("./worker.js"),
  merge: () => import("./merge.js"),
  capacity: () => import("./capacity.js"),
  import: () => import("./import.js"),
  verify: () => import("./verify.js"),
} as const;
type Name = keyof typeof COMMANDS;
type Called = Awaited<ReturnType<(typeof COMMANDS)[Name]>>;
const NAMES = Object.keys(COMMANDS);

async function main(words: string[]): Promise<number> {
  if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
    process.stdout.write(`${version}\n`);
    return EXIT.ok;
  }
  if (words[0] === "help") return main([...words.slice(1), "--help"]);
  const [first = ""] = words;
  const name = Object.hasOwn(COMMANDS, first) ? (first as Name) : undefined;
  // Both files are read at the same time.
  const [{ default: yargs }, called] = await Promise.all([import("yargs"), name && COMMANDS[name]()]);
  const start = (rest: string[], command?: Name) => common(yargs(shielded(rest)), command);
  if (name && called) return runCommand(name, called, start(words.slice(1), name));
  if (first !== "" && !first.startsWith("-")) throw new UsageError(unknownCommand(first));
  await overview(start(words)).parseAsync();
  return EXIT.ok;
}

function unknownCommand(word: string): string {
  // Two slips of the finger; where nothing of the word is left, it was another word.
  const most = Math.min(2, word.length - 1);
  const near = NAMES.find((name) => distance(word, name) <= most);
  const known = `commands are ${NAMES.join(", ")}`;
  return `unknown command "${word}"; ${near === undefined ? known : `did you mean "${near}"? (${known})`}`;
}

/**
 * A single command, as yargs' default one: with all of them registered it would render every help text first.
 */
async function runCommand(name: Name, { options, command }: Called, parser: Argv): Promise<number> {
  const { usage, help } = summaries[name];
  let code: number = EXIT.ok;
  parser.scriptName(`recvq ${name}`);
  parser.command(`$0 ${usage}`, help, options as never, async (given: unknown) => {
    code = await command(unshielded(given) as never);
  });
  await parser.parseAsync();
  return code;
}

/** What there is, for `recvq --help` and for words that are no command. */
function overview(parser: Argv): Argv {
  parser
    .scriptName("recvq")
    .usage(
      "$0 COMMAND\n\n" +
        "Predicts what nginx, gunicorn and the Linux kernel will drop, before anything is deployed.",
    )
    .version(version)
    .alias("version", "V")
    .demandCommand(1, `expected a command: ${NAMES.join(", ")}`)
    .epilogue(
      "Exit codes: 0 all well, 99 a threshold, a baseline or a measured case failed, doctor found an error " +
        "or no value meets the objectives, 98 a limit came before the answer, 2 wrong input, 3 the machine " +
        "failed, 1 a bug.",
    );
  for (const [name, { usage, help }] of Object.entries(summaries)) parser.command(`${name} ${usage}`, help);
  parser.command("help [command]", "this text, or that of a command");
  return parser;
}

function common(parser: Argv, command: Name | undefined): Argv {
  return parser
    .locale("en")
    .alias("help", "h")
    .version(false)
    .option(END, { type: "boolean", hidden: true })
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      // What a command throws comes by here too.
      if (error && error.name !== "YError") throw error;
      throw new UsageError(
        message
          .replaceAll(SHIELD, "")
          .replace(/^Not enough non-option arguments.*/, (text) => (command ? missing(command) : text))
          .replace(/^Not enough arguments following: (.*)$/, (_, option: string) => {
            return `${option.length > 1 ? "--" : "-"}${option}: expected a value, got none`;
          }),
        command && `recvq ${command}`,
      );
    });
}

function shielded(words: readonly string[]): string[] {
  const end = words.indexOf("--");
  const options = end < 0 ? words : words.slice(0, end);
  const others = end < 0 ? [] : [`--${END}=true`, ...words.slice(end + 1).map((word) => SHIELD + word)];
  return [...options.map((word) => (word === "-" ? SHIELD + word : word)), ...others];
}

function unshielded(given: unknown): unknown {
  if (typeof given === "string") return given.startsWith(SHIELD) ? given.slice(SHIELD.length) : given;
  if (Array.isArray(given)) return given.map(unshielded);
  if (typeof given !== "object" || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, unshielded(value)]));
}

// zod writes a function for each object that it validates, by default: compiling it takes longer than
// validating one scenario. 0.9 times the processor time of a start; its z.config would be loaded by
// `--version` as well.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
hideCredentials();
watchSignals();
// What yargs prints and --version; commands write on their own.
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) is no error.
  if (code === "EPIPE") process.exit(EXIT.ok);
  process.stderr.write(`standard output: cannot be written: ${message.replace(/, \w+$/, "")}\n`);
  process.exit(EXIT.machine);
});
main(process.argv.slice(2)).then(
  // What is written to a file or a pipe is written by then, and what went wrong there is told (see above);
  // without it Node frees all its memory first, which takes 5 % of a start.
  (code) => setImmediate(() => process.exit(code)),
  async (error: unknown) => {
    process.exitCode = await endedBy(error);
  },
);
