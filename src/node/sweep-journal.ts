// Where the journal of a sweep lies, and what its user is told of it.

import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Point } from "../run/point.js";
import type { PointOutcome } from "../run/sweep.js";
import { version } from "../version.js";
import { FileError, removeUnfinished, STANDARD } from "./files.js";
import { type Journal, openJournal } from "./journal.js";
import { unfinished } from "./unfinished.js";

export interface SweepJournal {
  known: ReadonlyMap<string, PointOutcome>;
  add(point: Point, outcome: PointOutcome): void;
  /** The sweep is complete and written: a journal that nobody has asked for goes. */
  finish(): void;
  /** The sweep has ended, and the same command may go on. */
  keep(): void;
}

/**
 * The journal that the user names; or beside the output; or, of what goes to the terminal, in the user's
 * cache. So who repeats a command goes on where it was. `beforeTelling` is called before each message.
 */
export function sweepJournal(
  total: number,
  sweep: string,
  given: { journal?: string; output: string },
  beforeTelling: () => void,
): SweepJournal {
  const tell = (text: string) => {
    beforeTelling();
    process.stderr.write(`${text}\n`);
  };
  const isFile =
    given.output !== STANDARD && statSync(given.output, { throwIfNoEntry: false })?.isFile() !== false;
  const cache = join(
    process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
    "recvq",
    `sweep-${sweep}.journal`,
  );
  const file = given.journal ?? (isFile ? `${given.output}.journal` : cache);
  let journal: Journal;
  try {
    journal = openJournal(file, { recvq: version, sweep });
  } catch (error) {
    if (file !== cache || !(error instanceof FileError) || error.code === undefined) throw error;
    tell(`${error.message}; finished points are not kept, unless --journal names another file`);
    return { known: new Map(), add() {}, finish() {}, keep() {} };
  }
  const { known, notice, after } = journal;
  if (isFile && after !== undefined) removeUnfinished(given.output, after);
  if (notice !== undefined) tell(notice);
  if (known.size > 0) tell(`${known.size} of ${total} points are taken from ${file}`);
  let kept = known.size;
  const keep = () => {
    if (kept === 0) {
      journal.remove();
      return;
    }
    tell(`${kept} of ${total} points are kept in ${file}; the same command goes on from there`);
    journal.close();
  };
  const forget = unfinished(keep);
  return {
    known,
    add({ id }, outcome) {
      journal.add(id, outcome);
      kept++;
    },
    finish() {
      forget();
      if (given.journal === undefined) journal.remove();
      else journal.close();
    },
    keep() {
      forget();
      keep();
    },
  };
}
