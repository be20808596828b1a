// What has to be put right before the process ends early: temporary files, a hidden cursor, points in a
// queue.

type Undo = () => void | Promise<void>;

const undoings = new Set<Undo>();
const underWay: Promise<void>[] = [];

/** Remembers how to undo something; answers how to forget it, when it is finished. */
export function unfinished(undo: Undo): () => void {
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
      const undone = undo();
      if (undone) underWay.push(undone);
    } catch {
      // A temporary file that cannot be removed keeps nobody from removing the others, and from ending.
    }
  }
}

/** What is being undone and takes its time, since another machine has to be told; it never rejects. */
export function undoing(): Promise<unknown> | undefined {
  return underWay.length > 0 ? Promise.allSettled(underWay) : undefined;
}
