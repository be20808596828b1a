// The command line: picks the command, and turns what went wrong into a sentence and an exit code.
// Commands are imported when they are called, so that `recvq --version` loads next to nothing.

import { version } from "../version.js";
import { EXIT } from "./exit.js";

/** yargs loses a lone `-` (yargs-parser issue 381), so it travels as a word that nobody types. */
const DASH = "\0-";

const COMMANDS = {
  run: () => import("./run.js"),
  import: () => import("./import.js"),
  verify: () => import("./verify.js"),
} as const;

async function main(words: string[]): Promise<number> {
  if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
    process.stdout.write(`${version}\n`);
    return EXIT.ok;
  }
  const { default: yargs } = await import("yargs");
  let code: number = EXIT.ok;
  const parser = yargs(words.map((word) => (word === "-" ? DASH : word)))
    .scriptName("recvq")
    .usage(
      "$0 COMMAND\n\n" +
        "Predicts what nginx, gunicorn and the Linux kernel will drop, before anything is deployed.",
    )
    .locale("en")
    .version(version)
    .alias("version", "V")
    .alias("help", "h")
    .strict()
    .demandCommand(1, "expected a command: run, import or verify")
    .exitProcess(false)
    .fail((message, error) => {
      if (error) throw error;
      throw new UsageError(message);
    })
    .epilogue(
      "Exit codes: 0 all well, 99 a measured case failed, 2 wrong input, 3 the machine failed, 1 a bug.",
    );
  const { summaries } = await import("./summaries.js");
  const named = words.find((word) => !word.startsWith("-"));
  for (const [name, summary] of Object.entries(summaries)) {
    if (name !== named) {
      parser.command(summary.usage, summary.help);
      continue;
    }
    const { options, command } = await COMMANDS[name as keyof typeof COMMANDS]();
    parser.command(summary.usage, summary.help, options as never, async (given: unknown) => {
      code = await command(undash(given) as never);
    });
  }
  await parser.parseAsync();
  return code;
}

class UsageError extends Error {}

/** Puts `-` back in place of the stand-in. */
function undash(given: unknown): unknown {
  if (given === DASH) return "-";
  if (Array.isArray(given)) return given.map(undash);
  if (typeof given !== "object" || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, undash(value)]));
}

const { endedBy, watchSignals } = await import("./signals.js");
watchSignals();
// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
});
main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  async (error: unknown) => {
    process.exitCode = await endedBy(error, error instanceof UsageError);
  },
);
