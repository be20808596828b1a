// What the tests of imports share.

import type { Files } from "../../src/import/nginx-conf.js";
import { ImportError } from "../../src/import/note.js";

export const NO_FILES: Files = { read: () => undefined, glob: () => [] };

/** `glob` knows `*` within one folder, and answers in an order that is not that of the names. */
export function filesOf(texts: { [path: string]: string | undefined }): Files {
  return {
    read: (path) => texts[path],
    glob(pattern) {
      const form = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
      return Object.keys(texts).filter((path) => form.test(path));
    },
  };
}

/** The message of the ImportError that is thrown. */
export function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ImportError) return error.message;
    throw error;
  }
  return "no error";
}
