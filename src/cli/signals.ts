// How a command ends early: interrupted, or by an error.

import { FileError, MachineError } from "../node/files.js";
import { undoUnfinished } from "../node/unfinished.js";
import { EXIT } from "./exit.js";

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
      process.exit(code);
    });
  }
}

/** Prints an error as the user needs it and answers the exit code; only a bug shows its stack. */
export async function endedBy(error: unknown): Promise<number> {
  undoUnfinished();
  if ((error as NodeJS.ErrnoException).code === "EPIPE") return EXIT.ok;
  const code = await exitCode(error);
  const { message, stack } = error as Error;
  if (error instanceof UsageError) process.stderr.write(`recvq: ${message}\nSee ${error.command} --help.\n`);
  else if (code === EXIT.bug) process.stderr.write(`recvq: a bug in recvq, please report it:\n${stack}\n`);
  else process.stderr.write(`${message}\n`);
  return code;
}

async function exitCode(error: unknown): Promise<number> {
  if (error instanceof UsageError || error instanceof FileError) return EXIT.input;
  if (error instanceof MachineError) return EXIT.machine;
  // Loaded only now: `recvq --version` needs neither.
  const { ScenarioError } = await import("../scenario/error.js");
  const { ImportError } = await import("../import/note.js");
  return error instanceof ScenarioError || error instanceof ImportError ? EXIT.input : EXIT.bug;
}
