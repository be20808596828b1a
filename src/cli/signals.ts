// How a command ends early: interrupted, or by an error.

import { abandonOutputs } from "../node/files.js";
import { EXIT } from "./exit.js";

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Removes unfinished files when the user interrupts. */
export function watchSignals(): void {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      abandonOutputs();
      process.exit(code);
    });
  }
}

/** Prints an error as the user needs it and answers the exit code; only a bug shows its stack. */
export async function endedBy(error: unknown, isUsage: boolean): Promise<number> {
  abandonOutputs();
  if ((error as NodeJS.ErrnoException).code === "EPIPE") return EXIT.ok;
  if (isUsage) {
    process.stderr.write(`recvq: ${(error as Error).message}\nSee recvq --help.\n`);
    return EXIT.input;
  }
  const { FileError, MachineError } = await import("../node/files.js");
  const { ScenarioError } = await import("../scenario/error.js");
  const { ImportError } = await import("../import/note.js");
  const { message, stack } = error as Error;
  const isInput = [FileError, ScenarioError, ImportError].some((kind) => error instanceof kind);
  const code = isInput ? EXIT.input : error instanceof MachineError ? EXIT.machine : EXIT.bug;
  process.stderr.write(
    code === EXIT.bug ? `recvq: a bug in recvq, please report it:\n${stack}\n` : `${message}\n`,
  );
  return code;
}
