import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { FileError } from "../../src/node/files.js";
import { scenarioFiles } from "../../src/node/scenario-files.js";

const root = mkdtempSync(join(tmpdir(), "recvq-"));
const at = (...path: string[]) => join(root, ...path);

beforeAll(() => {
  for (const folder of ["b/deep", "b/node_modules/other", ".hidden", "empty", "dotted.yaml"]) {
    mkdirSync(at(folder), { recursive: true });
  }
  const files = ["z.yaml", "a.yml", "notes.txt", "b/a.yaml", "b/deep/x.yaml", "b/node_modules/other/c.yaml"];
  for (const file of [...files, ".hidden/h.yaml", "dotted.yaml/inner.yaml"]) writeFileSync(at(file), "");
});

describe("scenario files", () => {
  test("of a folder are the YAML files below it, in the order of their paths, none of installed packages", () => {
    expect(scenarioFiles([root])).toEqual([
      ...[at("a.yml"), at("b/a.yaml"), at("b/deep/x.yaml"), at("dotted.yaml/inner.yaml"), at("z.yaml")],
    ]);
    expect(scenarioFiles([`${at("b")}/`])).toEqual([at("b/a.yaml"), at("b/deep/x.yaml")]);
  });

  test("come each once, by the name that it has first", () => {
    const near = `./${relative(process.cwd(), at("z.yaml"))}`;
    expect(scenarioFiles([near, at("b"), at("b/a.yaml"), at("z.yaml"), near])).toEqual([
      ...[near, at("b/a.yaml"), at("b/deep/x.yaml")],
    ]);
    expect(scenarioFiles(["-", "-"])).toEqual(["-"]);
  });

  test("keep the order of the names", () => {
    expect(scenarioFiles([at("z.yaml"), at("a.yml")])).toEqual([at("z.yaml"), at("a.yml")]);
  });

  test("may be those that come with recvq, of which none is a folder here", () => {
    expect(scenarioFiles(["short-backlog"])).toEqual(["scenarios/short-backlog.yaml"]);
  });

  test("without a name are those of the folder scenarios", () => {
    expect(scenarioFiles([])).toEqual(scenarioFiles(["scenarios"]));
    expect(scenarioFiles([])).toContain("scenarios/short-backlog.yaml");
  });
});

describe("it is a mistake of the user's", () => {
  test.each([
    [
      "a folder without any",
      [at("empty")],
      /empty: expected scenarios \(\*\.yaml\) in this folder, got none$/,
    ],
    ["a word that is nothing", ["short-backlok"], /did you mean "short-backlog"\?/],
  ])("%s", (_, names, message) => {
    expect(() => scenarioFiles(names)).toThrow(FileError);
    expect(() => scenarioFiles(names)).toThrow(message);
  });
});
