import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./recvq.js";

const script = join(repository, "scripts/count-tests.mjs");

test.each<[string, string[], string[], string, number]>([
  ["passes if all passed", ["passed", "passed"], ["0", "package=0"], "2 passed, 0 failed", 0],
  ["counts a skipped test as failed", ["passed", "pending"], ["0"], "1 passed, 1 failed", 1],
  ["keeps the tests' status", ["passed", "failed"], ["5", "package=0"], "1 passed, 1 failed", 5],
  ["counts a failed check before the tests", ["passed"], ["2"], "1 passed, 1 failed", 2],
  ["counts a package that fails", ["passed"], ["0", "package=1"], "1 passed, 1 failed", 1],
  ["counts both", ["failed"], ["1", "package=1"], "0 passed, 2 failed", 1],
  ["fails without any test", [], ["0"], "0 passed, 1 failed", 1],
])("CI's last line %s", (_claim, statuses, args, line, code) => {
  const file = join(mkdtempSync(join(tmpdir(), "recvq-count-")), "tests.json");
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}` }));
  writeFileSync(file, JSON.stringify({ testResults: [{ name: "a", status: "passed", assertionResults }] }));
  const { status, stdout } = spawnSync(process.execPath, [script, file, ...args], { encoding: "utf8" });
  expect([stdout.trimEnd().split("\n").at(-1), status]).toEqual([line, code]);
});
