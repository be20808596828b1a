// Files, handed to the layers that know none. Nothing is left half written: output goes to a temporary file
// beside its place and is renamed when it is complete.

import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";

/** `-` on the command line. */
export const STANDARD = "-";

/** A file the user named and that cannot be read or written: exit code 2. */
export class FileError extends Error {
  /** The errno's name, if the system said so: ENOENT. */
  readonly code: string | undefined;

  constructor(file: string, reason: string, code?: string) {
    super(`${file}: ${reason}`);
    this.code = code;
  }
}

/** The machine failed: disk full, input/output error: exit code 3. */
export class MachineError extends Error {}

const MACHINE_CODES = new Set(["ENOSPC", "EIO", "EDQUOT", "ENOMEM", "EMFILE", "ENFILE"]);

/** Text of a file, or of standard input for `-`. */
export function readText(file: string): string {
  try {
    return readFileSync(file === STANDARD ? 0 : file, "utf8");
  } catch (error) {
    throw fileError(error, file, "read");
  }
}

export interface Output {
  write(text: string): void;
  /** Puts the file in its place. */
  finish(): void;
  /** Removes what was written. */
  abandon(): void;
}

/**
 * An output file that appears only when it is complete. `-` is standard output and is written as it comes, as is a
 * device or a pipe.
 */
export function outputFile(file: string): Output {
  if (file === STANDARD) return streamOutput(1);
  if (isStream(file))
    return streamOutput(
      written(file, () => openSync(file, "w")),
      file,
    );
  const temporary = `${file}.${process.pid}.tmp`;
  const attempt = <Value>(action: () => Value): Value => {
    try {
      return written(file, action);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  };
  const descriptor = attempt(() => openSync(temporary, "w"));
  const chunks = buffered((text) => attempt(() => writeAll(descriptor, text)));
  const abandon = () => {
    chunks.drop();
    closeSync(descriptor);
    rmSync(temporary, { force: true });
    unfinished.delete(abandon);
  };
  unfinished.add(abandon);
  return {
    write: chunks.write,
    finish() {
      chunks.flush();
      closeSync(descriptor);
      unfinished.delete(abandon);
      attempt(() => renameSync(temporary, file));
    },
    abandon,
  };
}

/** Removes every output that is not finished: before the process ends early. */
export function abandonOutputs(): void {
  for (const abandon of [...unfinished]) abandon();
}

const unfinished = new Set<() => void>();
const CHUNK_CHARACTERS = 1 << 16;

/** A device or a named pipe, which a new file must not replace. */
function isStream(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function streamOutput(descriptor: number, file = "standard output"): Output {
  const chunks = buffered((text) => written(file, () => writeAll(descriptor, text)));
  return { write: chunks.write, finish: chunks.flush, abandon: chunks.drop };
}

/** Does what may fail while a file is written, and says so as the user needs it. */
function written<Value>(file: string, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EPIPE" ? error : fileError(error, file, "written");
  }
}

function buffered(write: (text: string) => void) {
  let pending = "";
  const flush = () => {
    if (pending !== "") write(pending);
    pending = "";
  };
  return {
    write(text: string) {
      pending += text;
      if (pending.length >= CHUNK_CHARACTERS) flush();
    },
    flush,
    drop() {
      pending = "";
    },
  };
}

/** write(2) may take only a part, and a pipe that is full answers EAGAIN. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(WAITING, 0, 0, 5);
    }
  }
}

const WAITING = new Int32Array(new SharedArrayBuffer(4));

function fileError(error: unknown, file: string, action: "read" | "written"): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const name = file === STANDARD ? "standard input" : file;
  // Node's text ends in the call and the path, which the user knows.
  const reason = `cannot be ${action}: ${message.replace(/, \w+( '.*)?$/, "")}`;
  return MACHINE_CODES.has(code ?? "")
    ? new MachineError(`${name}: ${reason}`)
    : new FileError(name, reason, code);
}
