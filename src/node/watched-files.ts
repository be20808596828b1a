// Files that are being worked on: finds out when some of them have changed, by looking. Some dozens of files
// cost a fraction of a millisecond; and a look misses nothing, however an editor writes, replaces or removes
// files, and works on file systems that tell nobody of changes made elsewhere (inotify(7), "Limitations").

import { statSync } from "node:fs";

const LOOK_MS = 150;

/** What is another text as soon as somebody has written, replaced or removed the file. */
export function stateOf(file: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return "missing";
  }
}

/**
 * Looks every now and then, and calls `then` when what is seen is something, and still the same a moment
 * later: editors write a file in several steps, and save several files at once. Answers how to end that.
 */
export function whenSettled(look: () => string, then: () => void): () => void {
  let last = "";
  const timer = setInterval(() => {
    const seen = look();
    const isSettled = seen === last;
    last = seen;
    if (seen !== "" && isSettled) then();
  }, LOOK_MS);
  return () => clearInterval(timer);
}
