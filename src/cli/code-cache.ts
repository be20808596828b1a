// What V8 has compiled, kept for the next start: the bytecode of the functions that a start needs, beside
// the program. With CommonJS (scripts/common-js.mjs) 0.8 times what a start adds to the processor time of an
// empty node (2 cores, both busy, Node 20.20, 2026-12). Node does so by itself from 22.8 on, but keeps less:
// what is compiled before a module runs.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { evaluated } from "../node/evaluated.js";

export interface CachedModules {
  /** The exports of a file; modules that it requires by a relative path are loaded in the same way. */
  load(file: string): object;
  /** Keeps what has been compiled of files of which nothing was kept. */
  keep(): void;
}

/**
 * Modules whose code is kept in `folder`, which has to be another one for other files, versions or flags of
 * V8: of a file V8 compares the length only, and takes nothing from what another version has left.
 */
export function cachedModules(folder: string): CachedModules {
  const loaded = new Map<string, object>();
  const compiled = new Map<string, Script>();
  const keptIn = (file: string) => join(folder, `${basename(file)}.bin`);

  function load(file: string): object {
    const known = loaded.get(file);
    if (known) return known;
    const own = createRequire(file);
    const required = Object.assign(
      (id: string) => (id.startsWith(".") ? load(join(dirname(file), id)) : own(id)),
      // For packages that are not bundled (scripts/common-js.mjs).
      { imported: (specifier: string) => import(specifier) },
    );
    // No two files of a bundle import each other.
    const exports = evaluated(script(file), file, required);
    loaded.set(file, exports);
    return exports;
  }

  function script(file: string): Script {
    // The bundle is ASCII, which V8 keeps in half the memory.
    const source = readFileSync(file, "latin1");
    const cachedData = kept(keptIn(file));
    const made = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
    if (!cachedData || made.cachedDataRejected) compiled.set(file, made);
    return made;
  }

  return {
    load,
    keep() {
      if (compiled.size === 0) return;
      try {
        mkdirSync(folder, { recursive: true });
        for (const [file, made] of compiled) {
          // Two containers may have a folder in common, and each a process of this number.
          const aside = `${keptIn(file)}.${process.pid}.${Date.now()}`;
          writeFileSync(aside, made.createCachedData());
          renameSync(aside, keptIn(file));
        }
        compiled.clear();
      } catch {
        // Installed for all by somebody else, or the disk is full: the next start takes as long as this one.
      }
    },
  };
}

function kept(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
