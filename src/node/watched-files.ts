// Files that are being worked on: tells when some of them have changed.

import { resolve } from "node:path";
import { unfinished } from "./unfinished.js";

/** Editors write a file in several steps, and save several files at once. */
const SETTLED_MS = 100;

/** Thousands of files that nobody works on. */
const FOREIGN = /[\\/](?:node_modules|\.git)(?:[\\/]|$)/;

export interface WatchedFiles {
  /** From now on these are watched; of a folder all that is below. */
  watch(files: Iterable<string>): void;
  close(): Promise<void>;
}

/** `changed` is called with absolute paths, when nothing has changed for a moment. */
export async function watchedFiles(changed: (paths: ReadonlySet<string>) => void): Promise<WatchedFiles> {
  // Loaded only now: nobody else needs it.
  const { watch } = await import("chokidar");
  const watcher = watch([], { ignoreInitial: true, atomic: true, ignored: FOREIGN });
  let pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  watcher.on("all", (event, path) => {
    if (event === "addDir" || event === "unlinkDir") return;
    pending.add(resolve(path));
    clearTimeout(timer);
    timer = setTimeout(() => {
      const paths = pending;
      pending = new Set();
      changed(paths);
    }, SETTLED_MS);
  });
  const finished = unfinished(() => watcher.close());
  return {
    watch: (files) => void watcher.add([...files].map((file) => resolve(file))),
    async close() {
      finished();
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
