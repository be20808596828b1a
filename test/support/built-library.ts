// Builds the library before the tests that import it as it is built, if its sources have changed.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const build = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));

export function setup() {
  const { status, stderr } = spawnSync(process.execPath, [build, "lib"], { encoding: "utf8" });
  // They would test what was built before.
  if (status !== 0) throw new Error(stderr);
}
