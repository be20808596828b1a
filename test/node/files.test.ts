import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileError, outputFile } from "../../src/node/files.js";
import { undoUnfinished } from "../../src/node/unfinished.js";

const folder = () => mkdtempSync(join(tmpdir(), "recvq-"));

function write(file: string, text: string): void {
  const output = outputFile(file);
  output.write(text);
  output.finish();
}

describe("an output file", () => {
  test("appears when it is complete, and not at all when the process ends before", () => {
    const directory = folder();
    const file = join(directory, "report.txt");
    writeFileSync(file, "old");
    outputFile(file).write("half");
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(directory)).toHaveLength(2);
    undoUnfinished();
    expect(readdirSync(directory)).toEqual(["report.txt"]);
    expect(readFileSync(file, "utf8")).toBe("old");
  });

  test.each([
    ["what is there", true],
    ["what is not there yet", false],
  ])("of a symbolic link is %s, and the link stays", (_, isThere) => {
    const directory = folder();
    mkdirSync(join(directory, "deep"));
    const target = join(directory, "deep", "target.txt");
    if (isThere) writeFileSync(target, "old");
    symlinkSync("deep/second", join(directory, "first"));
    symlinkSync("target.txt", join(directory, "deep", "second"));
    write(join(directory, "first"), "new");
    expect(readFileSync(target, "utf8")).toBe("new");
    expect(readlinkSync(join(directory, "first"))).toBe("deep/second");
    expect(lstatSync(join(directory, "deep", "second")).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(directory, "deep")).sort()).toEqual(["second", "target.txt"]);
  });

  test("is refused where another output goes, under whatever name", () => {
    const directory = folder();
    const file = join(directory, "a.csv");
    symlinkSync("a.csv", join(directory, "link"));
    outputFile(file);
    for (const same of [file, `${directory}/./../${basename(directory)}/a.csv`, join(directory, "link")])
      expect(() => outputFile(same)).toThrow(`${same}: two outputs cannot go there; name another file`);
    undoUnfinished();
    expect(() => outputFile(file)).toThrow(FileError);
  });

  test("may be a device twice", () => {
    write("/dev/null", "one");
    write("/dev/null", "other");
  });

  test.each([
    ["a folder", (directory: string) => directory, "cannot be written: it is a folder"],
    [
      "a file in a folder that is not there",
      (directory: string) => join(directory, "none", "x"),
      "cannot be written: ENOENT: no such file or directory",
    ],
    [
      "a link to itself",
      (directory: string) => {
        symlinkSync("loop", join(directory, "loop"));
        return join(directory, "loop");
      },
      "cannot be written: ELOOP: too many symbolic links encountered",
    ],
  ])("is refused when it is opened: %s", (_, make, reason) => {
    const file = make(folder());
    const open = () => outputFile(file);
    expect(open).toThrow(`${file}: ${reason}`);
    expect(open).toThrow(FileError);
  });
});
