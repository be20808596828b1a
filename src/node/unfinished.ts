// What has to be put right before the process ends early: temporary files, a hidden cursor.

const undoings = new Set<() => void>();

/** Remembers how to undo something; answers how to forget it, when it is finished. */
export function unfinished(undo: () => void): () => void {
  undoings.add(undo);
  return () => {
    undoings.delete(undo);
  };
}

/** Undoes everything that is not finished, each once: before the process ends early. */
export function undoUnfinished(): void {
  for (const undo of [...undoings]) {
    undoings.delete(undo);
    try {
      undo();
    } catch {
      // A temporary file that cannot be removed keeps nobody from removing the others, and from ending.
    }
  }
}
