import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { cachedModules } from "../../src/cli/code-cache.js";

const directory = mkdtempSync(join(tmpdir(), "recvq-code-cache-"));
const main = join(directory, "main.js");
const kept = join(directory, "kept/of-this");
const write = (file: string, text: string) =>
  writeFileSync(file, `(function (exports, require, __filename, __dirname) {${text}})`);
afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  rmSync(kept, { recursive: true, force: true });
  write(main, 'const { twice } = require("./other.js");\nexports.six = twice(3);');
  write(
    join(directory, "other.js"),
    "exports.twice = (x) => 2 * x;\nexports.sep = require('node:path').sep;",
  );
});

/** The files of the cache by name. */
const files = () => readdirSync(kept).sort();

test("a module and those that it requires are loaded, each once", () => {
  const modules = cachedModules(kept);
  expect(modules.load(main)).toEqual({ six: 6 });
  expect(modules.load(main)).toBe(modules.load(main));
  expect(modules.load(join(directory, "other.js"))).toMatchObject({ sep: "/" });
  expect(existsSync(kept)).toBe(false);
});

test("what was compiled is kept for each file, and taken up by the next start", () => {
  const first = cachedModules(kept);
  first.load(main);
  first.keep();
  expect(files()).toEqual(["main.js.bin", "other.js.bin"]);

  const before = readFileSync(join(kept, "other.js.bin"));
  rmSync(join(kept, "main.js.bin"));
  const next = cachedModules(kept);
  expect(next.load(main)).toEqual({ six: 6 });
  next.keep();
  // Only what was missing is written.
  expect(files()).toEqual(["main.js.bin", "other.js.bin"]);
  expect(readFileSync(join(kept, "other.js.bin"))).toEqual(before);
});

test("what V8 does not take, it compiles, and keeps anew", () => {
  // A text that this process has not compiled before: V8 would not look at what is kept.
  write(main, "exports.seven = 7;");
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, "main.js.bin"), "nothing that V8 knows");
  const modules = cachedModules(kept);
  expect(modules.load(main)).toEqual({ seven: 7 });
  modules.keep();
  expect(readFileSync(join(kept, "main.js.bin")).length).toBeGreaterThan(100);
});

test("where nothing can be written nothing is kept, and nobody is told", () => {
  writeFileSync(join(directory, "a file"), "");
  const modules = cachedModules(join(directory, "a file/kept"));
  expect(modules.load(main)).toEqual({ six: 6 });
  modules.keep();
});
