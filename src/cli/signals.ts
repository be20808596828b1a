// How a command ends early: interrupted, or by an error.

import { FileError, MachineError } from "../node/files.js";
import { redacted } from "../node/redacted.js";
import { AddressError } from "../node/redis-address.js";
import { undoing, undoUnfinished } from "../node/unfinished.js";
import { EXIT } from "./exit.js";

/** So long ending may take where another machine has to be told. */
const GRACE_MS = 3_000;

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** The command line itself is wrong. */
export class UsageError extends Error {
  /** What to ask for help. */
  readonly command: string;

  constructor(message: string, command = "recvq") {
    super(message);
    this.command = command;
  }
}

/** Removes unfinished files and restores the terminal when the user interrupts. */
export function watchSignals(): void {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      undoUnfinished();
      const end = () => process.exit(code);
      const undone = undoing();
      if (!undone) return end();
      setTimeout(end, GRACE_MS);
      void undone.then(end);
    });
  }
}

/** Prints an error as the user needs it and answers the exit code; only a bug shows its stack. */
export async function endedBy(error: unknown): Promise<number> {
  undoUnfinished();
  await undoing();
  if ((error as NodeJS.ErrnoException).code === "EPIPE") return EXIT.ok;
  const code = await exitCode(error);
  const { message, stack = "" } = error as Error;
  // A file's name or text may hold what a terminal obeys.
  const shown = (text: string) => redacted(text).replace(/[^\P{Cc}\n\t]/gu, "\u{fffd}");
  const say = (text: string) => process.stderr.write(`${shown(text)}\n`);
  if (error instanceof UsageError) say(`recvq: ${message}\nSee ${error.command} --help.`);
  else if (code === EXIT.bug) say(`recvq: a bug in recvq, please report it:\n${stack}`);
  else say(message);
  return code;
}

async function exitCode(error: unknown): Promise<number> {
  const isInput = [UsageError, FileError, AddressError].some((kind) => error instanceof kind);
  if (isInput) return EXIT.input;
  if (error instanceof MachineError) return EXIT.machine;
  // Loaded only now: `recvq --version` needs neither.
  const { ScenarioError } = await import("../scenario/error.js");
  const { ImportError } = await import("../import/note.js");
  return error instanceof ScenarioError || error instanceof ImportError ? EXIT.input : EXIT.bug;
}
