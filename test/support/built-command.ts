// Builds the command line before the tests, if its sources have changed. A build that fails is handed on
// instead of thrown: only the tests that start the command line need it.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** What the build of the command line complained of; empty if it is there. */
    buildError: string;
  }
}

const build = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));

export function setup(project: TestProject) {
  const { status, stderr } = spawnSync(process.execPath, [build, "bin"], { encoding: "utf8" });
  project.provide("buildError", status === 0 ? "" : stderr);
}
