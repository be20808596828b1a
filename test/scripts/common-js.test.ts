import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";

const { asCommonJs } = (await import("../../scripts/common-js.mjs" as string)) as {
  asCommonJs(text: string): string;
};

const directory = mkdtempSync(join(tmpdir(), "recvq-common-js-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** What the first file prints, and whatever Node complains of, when all are CommonJS. */
function printed(files: Record<string, string>): string {
  const [first = ""] = Object.keys(files);
  mkdirSync(join(directory, "chunks"), { recursive: true });
  writeFileSync(join(directory, "package.json"), '{ "type": "commonjs" }');
  for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), asCommonJs(text));
  const { stdout, stderr } = spawnSync(process.execPath, [join(directory, first)], { encoding: "utf8" });
  return stdout + stderr;
}

test("what is imported is there before the first statement, and exported under its other name", () => {
  const main = `
print(sum(1, ...rest));
import { add as sum, others as rest } from "./chunks/b.js";
import print from "./chunks/a.js";`;
  const files = {
    "main.js": main,
    "chunks/a.js": "var log = console.log;\nexport {\n  log as default\n};",
    "chunks/b.js":
      'function plus(a, b) { return a + b; }\nvar others = [2];\nexport { plus as add, others, plus as "module.exports" };',
  };
  expect(printed(files)).toBe("3\n");
});

test("modules of Node's own come as a whole, by default and by name", () => {
  const text = `
import path, { join as joined } from "node:path";
import * as all from "node:path";
import "node:fs";
console.log(path.sep, joined("a", "b"), all.basename("/a/c"));`;
  expect(printed({ "main.js": text })).toBe("/ a/b c\n");
});

test("a file of the bundle that is imported later is loaded then, and any other module by import()", () => {
  const files = {
    "main.js": `
console.log(1);
const { two } = await1();
function await1() { return {}; }
import("./chunks/later.js").then(({ two }) => console.log(two, 3));
import("node:os").then(({ EOL }) => console.log(EOL === "\\n", two));`,
    "chunks/later.js": "console.log(2);\nconst two = 2;\nexport { two };",
  };
  expect(printed(files).split("\n").sort()).toEqual(["", "1", "2", "2 3", "true undefined"]);
});

test("a module's own address is that of its file", () => {
  const { href } = pathToFileURL(join(directory, "main.js"));
  expect(printed({ "main.js": 'console.log(import.meta.url, new URL("x", import.meta.url).href);' })).toBe(
    `${href} ${new URL("x", href)}\n`,
  );
});

test("it is as strict as a module", () => {
  expect(printed({ "main.js": "undeclared = 1;" })).toContain("ReferenceError: undeclared is not defined");
});

test.each(["n = 2", "n += 1", "n++"])("an export that a function assigns is refused: %s", (change) => {
  const text = `var n = 1;\nfunction f() { ${change}; }\nexport { n as m, f };`;
  expect(() => asCommonJs(text)).toThrow("expected exports that are set once, got n");
});

test("exports of another file, which esbuild does not write, are refused", () => {
  expect(() => asCommonJs('export { a } from "./b.js";')).toThrow(/own, got \.\/b\.js/);
});
