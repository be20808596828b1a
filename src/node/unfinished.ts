// What has to be put right before the process ends early: temporary files, a hidden cursor, points in a queue.

type Undo = () => void | Promise<void>;

const undoings = new Set<Undo>();

/** Remembers how to undo something; answers how to forget it, when it is finished. */
export function unfinished(undo: Undo): () => void {
  undoings.add(undo);
  return () => {
    undoings.delete(undo);
  };
}

/**
 * Undoes everything that is not finished, each once: before the process ends early. Answers the promise of what
 * takes its time, if there is any: it never rejects.
 */
export function undoUnfinished(): Promise<unknown> | undefined {
  const begun: Promise<void>[] = [];
  for (const undo of [...undoings]) {
    undoings.delete(undo);
    try {
      const promise = undo();
      if (promise) begun.push(promise);
    } catch {
      // A temporary file that cannot be removed keeps nobody from removing the others, and from ending.
    }
  }
  return begun.length > 0 ? Promise.allSettled(begun) : undefined;
}
