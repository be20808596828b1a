// Files of the built command line: modules of CommonJS, each as a function of what it sees
// (scripts/bundle.mjs).

import { dirname } from "node:path";

type Body = (exports: object, require: unknown, filename: string, dirname: string) => void;

/** Runs what `script` is of, which is in this file, and answers its exports. */
export function evaluated(
  script: { runInThisContext(): unknown },
  file: string,
  require: (id: string) => unknown,
): object {
  const exports = {};
  (script.runInThisContext() as Body).call(exports, exports, require, file, dirname(file));
  return exports;
}
