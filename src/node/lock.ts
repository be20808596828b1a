// One process at a time: a file beside another one that says who is at it.
//
// It is made in one step or not at all (O_EXCL). A process that was killed leaves it, and then it does not
// count: the process is gone, or its number is by now that of another process, which has begun at another
// time or since another start of the machine. Whether a process of another machine has ended nobody here can
// tell, so that its lock counts.

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { FileError, written } from "./files.js";

export interface Lock {
  /** The process that was killed and had left its lock, if there was one. */
  after: number | undefined;
  release(): void;
}

interface Holder {
  pid: number;
  host: string;
  /** When it began, in the words of this system; empty where that does not tell. */
  began: string;
}

/** So often a lock may be found that is gone, or has another holder, a moment later. */
const MOST_TRIES = 200;
/** A lock that names nobody is being written; for so long, since a loss of power may leave it like that. */
const UNWRITTEN_TRIES = 100;
const PAUSE_MS = 5;

/** Locks this file, of which its user speaks. Throws a FileError that names the process that has it. */
export function lockFile(file: string): Lock {
  const lock = `${file}.lock`;
  const own = JSON.stringify(holderOf(process.pid));
  let after: number | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (made(file, lock, own)) return { after, release: () => rmSync(lock, { force: true }) };
    const text = textOf(file, lock);
    if (text === undefined) continue;
    const holder = parsed(text);
    if (holder && !isOver(holder)) throw new FileError(file, inUse(lock, holder));
    if (!holder && tries < UNWRITTEN_TRIES) Atomics.wait(WAITING, 0, 0, PAUSE_MS);
    else if (takenAway(lock, text)) after = holder?.pid;
  }
  throw new FileError(file, `cannot be locked: ${lock} changes all the time`);
}

const WAITING = new Int32Array(new SharedArrayBuffer(4));

function made(file: string, lock: string, own: string): boolean {
  return written(file, () => {
    try {
      writeFileSync(lock, own, { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  });
}

/**
 * Removes the lock that has this text. Another process may have done so meanwhile and have made its own,
 * which is given back: what is moved away is looked at once more, and only one process can move a file.
 */
function takenAway(lock: string, text: string): boolean {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (readFileSync(aside, "utf8") !== text) {
      renameSync(aside, lock);
      return false;
    }
    rmSync(aside);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function textOf(file: string, lock: string): string | undefined {
  return written(file, () => {
    try {
      return readFileSync(lock, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Undefined for what names nobody. */
function parsed(text: string): Holder | undefined {
  try {
    const { pid, host, began } = JSON.parse(text);
    return Number.isInteger(pid) ? { pid, host: String(host), began: String(began) } : undefined;
  } catch {
    return undefined;
  }
}

function isOver(holder: Holder): boolean {
  if (holder.host !== hostname()) return false;
  if (!exists(holder.pid)) return true;
  const now = beganOf(holder.pid);
  return holder.began !== "" && now !== "" && now !== holder.began;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // That of another user may not be sent anything, and is there.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function holderOf(pid: number): Holder {
  return { pid, host: hostname(), began: beganOf(pid) };
}

/** The start of the machine, and that of the process in its ticks: field 22 of proc(5)'s stat. */
function beganOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name, may have blanks and brackets in it.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[22 - 3];
    return `${boot} ${ticks}`;
  } catch {
    return "";
  }
}

function inUse(lock: string, { pid, host }: Holder): string {
  const isElsewhere = host !== hostname();
  const who = `process ${pid}${isElsewhere ? ` on ${host}` : ""}`;
  const gone = isElsewhere ? `, or remove ${lock} if it has` : "";
  return `${who} is writing it; wait until it has ended${gone}, or name another file with --journal`;
}
