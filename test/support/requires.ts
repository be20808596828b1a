import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** Why a group of tests is skipped: a sentence without its full stop. */
    skippedBecause?: string;
  }
}

/**
 * Like `describe`, for tests that start other programs: `requires("nginx", "gunicorn")("a title", () => …)`.
 * Where a program is missing they are skipped and counted; in CI, where nothing may be missing, that is a
 * failed test.
 */
export function requires(...programs: string[]) {
  const missing = programs.filter((program) => pathOf(program) === undefined);
  return (title: string, tests: () => void) => {
    const because = `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not installed`;
    if (missing.length === 0) describe(title, tests);
    else if (!process.env.CI) describe(title, { skip: true, meta: { skippedBecause: because } }, tests);
    else describe(title, () => test(because, () => expect.fail(because)));
  };
}

/** Where a program is. Servers live in /usr/sbin, which is not on everybody's PATH. */
export function pathOf(program: string): string | undefined {
  const directories = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return directories.map((directory) => join(directory, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
