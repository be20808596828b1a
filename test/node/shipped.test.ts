// Names of what comes with recvq, and the files that they stand for.

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { scenarioFile, shippedScenarios } from "../../src/node/shipped.js";

const here = process.cwd();
afterEach(() => process.chdir(here));

test("a scenario's remedies are the files in the folder of its name", () => {
  const all = shippedScenarios();
  const seed = all.find(({ name }) => name === "seed-rate200");
  expect(seed?.remedies.map(({ name }) => name)).toContain("seed-rate200/somaxconn-1024");
  // A folder without a scenario of its name is no remedy of anything.
  expect(all.flatMap(({ remedies }) => remedies).filter(({ name }) => name.startsWith("bench"))).toEqual([]);
});

describe("a name stands for", () => {
  test.each([
    ["seed-rate200", "scenarios/seed-rate200.yaml"],
    ["seed-rate200/somaxconn-1024", "scenarios/seed-rate200/somaxconn-1024.yaml"],
    // Whatever else has a path is a file, also one that is not there.
    ["staging/app", "staging/app"],
    ["./seed-rate200/somaxconn-1024", "./seed-rate200/somaxconn-1024"],
    ["seed-rate200/somaxconn-1024.yaml", "seed-rate200/somaxconn-1024.yaml"],
  ])("%s: %s", (name, file) => {
    expect(scenarioFile(name)).toBe(file);
  });

  test("a file of this name, if there is one", () => {
    const folder = mkdtempSync(join(tmpdir(), "recvq-"));
    mkdirSync(join(folder, "seed-rate200"));
    writeFileSync(join(folder, "seed-rate200", "somaxconn-1024"), "");
    process.chdir(folder);
    expect(scenarioFile("seed-rate200/somaxconn-1024")).toBe("seed-rate200/somaxconn-1024");
    // Of a scenario, the folder is none.
    expect(scenarioFile("seed-rate200")).toMatch(/scenarios\/seed-rate200\.yaml$/);
  });

  test.each([
    [
      "seed-rate2000",
      'no scenario of this name comes with recvq; did you mean "seed-rate200"? (recvq run --list)',
    ],
    [
      "seed-rate200/somaxcon-1024",
      'no remedy of this name comes with recvq; did you mean "seed-rate200/somaxconn-1024"? (recvq run --list)',
    ],
  ])("nothing: %s", (name, message) => {
    expect(() => scenarioFile(name)).toThrow(message);
  });
});
