// A sweep's journal: what has been computed, so that a sweep that was interrupted goes on where it was.
//
// One line for each point, only ever appended: the first 16 hexadecimal digits of the SHA-256 of the rest, a
// space, JSON. The first line says whose journal it is. A line is handed to the system before the next point
// is told of, so that no end of the process loses it, and to the disk as soon as that takes it.

import { createHash } from "node:crypto";
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import { parsePointResult } from "../run/point-result.js";
import type { PointOutcome } from "../run/sweep.js";
import { FileError, writeAll, written } from "./files.js";
import { type Lock, lockFile } from "./lock.js";

/** Whose journal it is. */
export interface JournalOwner {
  /** Version of recvq: another one gives other results. */
  recvq: string;
  /** Hash over the ids of all points. */
  sweep: string;
}

export interface Journal {
  /** What it held already, by the id of the point. */
  known: ReadonlyMap<string, PointOutcome>;
  /** That its last line was incomplete, if it was. */
  notice: string | undefined;
  /** The process that was killed while it wrote it, if there was one. */
  after: number | undefined;
  add(id: string, outcome: PointOutcome): void;
  /** Waits for the disk; the file stays. */
  close(): void;
  /** The sweep is finished. */
  remove(): void;
}

const FORMAT = 1;

/**
 * Opens the journal of a sweep, or begins it. Throws a FileError for a file that is damaged or another's, and
 * leaves it as it is; also for one that another process is writing.
 */
export function openJournal(file: string, owner: JournalOwner): Journal {
  written(file, () => mkdirSync(dirname(file), { recursive: true }));
  const lock = lockFile(file);
  try {
    return lockedJournal(file, owner, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function lockedJournal(file: string, owner: JournalOwner, { after, release }: Lock): Journal {
  const attempt = <Value>(action: () => Value) => written(file, action);
  const text = readIfThere(file);
  const found = text === undefined ? EMPTY : parse(file, text, owner);
  const descriptor = attempt(() => openSync(file, "a"));
  if (text !== undefined && found.bytes < text.length) attempt(() => ftruncateSync(descriptor, found.bytes));
  const write = (line: string) => attempt(() => writeAll(descriptor, line));
  if (found.bytes === 0) {
    write(headerOf(owner));
    attempt(() => fdatasyncSync(descriptor));
    // The name of a new file is in its folder.
    attempt(() => syncFolder(dirname(file)));
  }
  const disk = syncing(descriptor);
  let isOpen = true;
  const end = (last: () => void) => {
    if (!isOpen) return;
    isOpen = false;
    try {
      attempt(last);
    } finally {
      disk.close();
      release();
    }
  };
  return {
    known: found.known,
    notice: found.notice,
    after,
    add(id, outcome) {
      write(lineOf({ id, ...outcome }));
      disk.sync();
    },
    close: () => end(() => fdatasyncSync(descriptor)),
    // While it is locked: the next one to lock it begins a new one.
    remove: () => end(() => rmSync(file, { force: true })),
  };
}

/** Asks the disk for one thing at a time; what is written meanwhile goes with the next one. */
function syncing(descriptor: number) {
  let isBusy = false;
  let isWanted = false;
  let isClosed = false;
  const end = () => closeSync(descriptor);
  function sync(): void {
    isWanted = true;
    if (isBusy || isClosed) return;
    isBusy = true;
    isWanted = false;
    fdatasync(descriptor, () => {
      // What the disk refuses is told when the journal is closed.
      isBusy = false;
      if (isClosed) end();
      else if (isWanted) sync();
    });
  }
  return {
    sync,
    close() {
      isClosed = true;
      if (!isBusy) end();
    },
  };
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

interface Found {
  known: Map<string, PointOutcome>;
  /** So many bytes of the file are whole lines. */
  bytes: number;
  notice?: string;
}

const EMPTY: Found = { known: new Map(), bytes: 0 };
const NEWLINE = 0x0a;

function parse(file: string, content: Buffer, owner: JournalOwner): Found {
  const bytes = content.lastIndexOf(NEWLINE) + 1;
  const lines = content.subarray(0, bytes).toString("utf8").split("\n").slice(0, -1);
  const known = new Map<string, PointOutcome>();
  for (const [index, line] of lines.entries()) {
    const place = `${file}:${index + 1}`;
    const value = checkedValue(line, place, index === 0);
    if (index === 0) checkOwner(value, owner, place);
    else known.set(value.id as string, outcomeOf(value, place));
  }
  if (bytes === content.length) return { known, bytes };
  const isBegun = bytes > 0 || headerOf(owner).startsWith(content.toString("utf8").replace(/\0+$/, ""));
  if (!isBegun) throw new FileError(`${file}:1`, `expected the journal of a sweep; ${OTHER_FILE}`);
  const notice =
    `${file}:${lines.length + 1}: the last line is incomplete, as a loss of power leaves it; ` +
    "it is left out, and its point computed again";
  return { known, bytes, notice };
}

const OTHER_FILE = "name another file with --journal, or remove this one to begin anew";

function headerOf(owner: JournalOwner): string {
  return lineOf({ journal: "recvq sweep", format: FORMAT, ...owner });
}

type Line = Record<string, unknown>;

function checkedValue(line: string, place: string, isFirst: boolean): Line {
  const [sum = "", json] = [line.slice(0, SUM_LENGTH), line.slice(SUM_LENGTH + 1)];
  if (line[SUM_LENGTH] === " " && sum === checksum(json)) return JSON.parse(json);
  const remedy = isFirst
    ? OTHER_FILE
    : "remove this line to compute its point again, or the file to begin anew";
  throw new FileError(place, `damaged: the line does not have its checksum; ${remedy}`);
}

function checkOwner(header: Line, owner: JournalOwner, place: string): void {
  const remedy = OTHER_FILE;
  if (header.journal !== "recvq sweep" || header.format !== FORMAT) {
    throw new FileError(place, `expected the journal of a sweep in format ${FORMAT}; ${remedy}`);
  }
  if (header.recvq !== owner.recvq) {
    const versions = `by recvq ${header.recvq}, and this is ${owner.recvq}, whose results may differ`;
    throw new FileError(place, `is a journal ${versions}; ${remedy}`);
  }
  if (header.sweep === owner.sweep) return;
  const text = "is the journal of another sweep (scenario, options or files differ)";
  throw new FileError(place, `${text}; repeat that one to finish it, ${remedy}`);
}

function outcomeOf({ id, ...outcome }: Line, place: string): PointOutcome {
  if (typeof outcome.failed === "string") return { failed: outcome.failed };
  return { result: parsePointResult(outcome.result, place, String(id)) };
}

const SUM_LENGTH = 16;

function lineOf(value: unknown): string {
  const json = JSON.stringify(value);
  return `${checksum(json)} ${json}\n`;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, SUM_LENGTH);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return written(file, () => {
      throw error;
    });
  }
}
