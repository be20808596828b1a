// Files, handed to the layers that know none. Nothing is left half written: output goes to a temporary file
// beside its place and is renamed when it is complete.

import {
  appendFileSync,
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { unfinished } from "./unfinished.js";

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
  write(content: string | Uint8Array): void;
  /** Puts the file in its place. */
  finish(): void;
  /** Removes what was written. */
  abandon(): void;
}

/**
 * An output file that appears only when it is complete; of a symbolic link, what it points at. `-` is
 * standard output and is written as it comes, as is a device or a pipe. Two outputs of a process cannot go to
 * one file, where the later would replace the earlier, nor both to standard output.
 */
export function outputFile(file: string): Output {
  if (file === STANDARD) {
    claim(STANDARD, "standard output");
    return streamOutput(1);
  }
  if (written(file, () => isStream(file)))
    return streamOutput(
      written(file, () => openSync(file, "w")),
      file,
    );
  const target = written(file, () => targetOf(file));
  claim(target, file);
  return wholeFile(file, target);
}

/** The same for a file that must not exist yet. */
export function newFile(file: string): Output {
  if (file !== STANDARD && written(file, () => lstatSync(file, { throwIfNoEntry: false })?.isFile())) {
    throw new FileError(file, "exists already; name another file, or remove this one first");
  }
  return outputFile(file);
}

/** Every file that this process has written or is writing, by absolute path without symbolic links. */
const outputs = new Set<string>();

function claim(target: string, file: string, why = "two outputs cannot go there"): void {
  if (outputs.has(target)) throw new FileError(file, `${why}; name another file`);
  outputs.add(target);
}

/** For a file that is read only. Throws a FileError if an output is to replace it. */
export function keptAsItIs(file: string): void {
  const target = written(file, () => targetOf(file));
  claim(target, file, "an output would replace it");
}

/** Where a file of this name is, or will be: in the place of a symbolic link is what it points at. */
function targetOf(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const folder = realpathSync(dirname(file));
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink();
  return isLink ? targetOf(resolve(folder, readlinkSync(file))) : join(folder, basename(file));
}

function wholeFile(file: string, target: string): Output {
  const temporary = temporaryOf(target, process.pid);
  const attempt = <Value>(action: () => Value): Value => {
    try {
      return written(file, action);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  };
  const descriptor = attempt(() => {
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) throw new Error("it is a folder");
    return openSync(temporary, "w");
  });
  const chunks = buffered((content) => attempt(() => writeAll(descriptor, content)));
  const abandon = () => {
    finished();
    chunks.drop();
    closeSync(descriptor);
    rmSync(temporary, { force: true });
  };
  const finished = unfinished(abandon);
  return {
    write: chunks.write,
    finish() {
      chunks.flush();
      closeSync(descriptor);
      finished();
      attempt(() => renameSync(temporary, target));
    },
    abandon,
  };
}

function temporaryOf(target: string, pid: number): string {
  return `${target}.${pid}.tmp`;
}

/** Removes what a process that was killed has left of this output. */
export function removeUnfinished(file: string, pid: number): void {
  rmSync(temporaryOf(targetOf(file), pid), { force: true });
}

/** Adds to a file that others write to as well. */
export function appendTo(file: string, content: string): void {
  written(file, () => appendFileSync(file, content));
}

const CHUNK_CHARACTERS = 1 << 16;

/** A device or a named pipe, which a new file must not replace. */
function isStream(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function streamOutput(descriptor: number, file = "standard output"): Output {
  const chunks = buffered((content) => written(file, () => writeAll(descriptor, content)));
  return { write: chunks.write, finish: chunks.flush, abandon: chunks.drop };
}

/** Does what may fail while a file is written, and says so as the user needs it. */
export function written<Value>(file: string, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EPIPE" ? error : fileError(error, file, "written");
  }
}

function buffered(write: (content: string | Uint8Array) => void) {
  let pending = "";
  const flush = () => {
    if (pending !== "") write(pending);
    pending = "";
  };
  return {
    write(content: string | Uint8Array) {
      if (typeof content !== "string") {
        flush();
        write(content);
        return;
      }
      pending += content;
      if (pending.length >= CHUNK_CHARACTERS) flush();
    },
    flush,
    drop() {
      pending = "";
    },
  };
}

/** write(2) may take only a part, and a pipe that is full answers EAGAIN. */
export function writeAll(descriptor: number, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
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
