// `node scripts/count-tests.mjs FILE STATUS [NAME=STATUS ...]`: counts the tests in vitest's JSON and ends
// CI's log with "N passed, N failed". STATUS is the exit code of the test command, which is kept; what else
// was run counts as one failure if its status is not 0. Where nothing may be missing, a test that did not run
// has failed, and so has a test file that could not be loaded.

import { existsSync, readFileSync } from "node:fs";

const [file, statusText, ...others] = process.argv.slice(2);
const status = Number(statusText);

const files = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).testResults : [];
const tests = files.flatMap(({ assertionResults }) => assertionResults);
const passed = tests.filter((test) => test.status === "passed");
const skipped = tests.filter((test) => test.status !== "passed" && test.status !== "failed");
const broken = files.filter(
  (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
);
const unsuccessful = others.filter((other) => !other.endsWith("=0"));

for (const { fullName } of skipped) console.log(`failed because it was skipped: ${fullName}`);
for (const { name, message } of broken) console.log(`failed outside its tests: ${name}\n${message}`);
for (const other of unsuccessful)
  console.log(`failed beside the tests: ${other.replace("=", " ended with ")}`);

// A test command that fails without a failed test (types, lint, the build) is one failure of its own.
const counted = tests.length - passed.length + broken.length;
const failed = (counted === 0 && (status !== 0 || passed.length === 0) ? 1 : counted) + unsuccessful.length;
console.log(`${passed.length} passed, ${failed} failed`);
process.exitCode = status || (failed > 0 ? 1 : 0);
