// Style is a test. Each rule is shown a good and a bad sample as well, since a check that cannot fail is no
// check.

import { describe, expect, test } from "vitest";
import { checkLayers } from "./support/tidy/layers.js";
import {
  checkLock,
  checkPlaces,
  checkReasons,
  filesBelow,
  manifest,
  read,
} from "./support/tidy/repository.js";
import {
  checkBannedNames,
  checkCommentedCode,
  checkDefaultExports,
  checkFocusedTests,
  checkFunctionLength,
  checkImporters,
  checkLength,
  checkModelHeader,
  checkUnfinished,
  checkZodNamespace,
} from "./support/tidy/rules.js";
import { type Source, sourceOf } from "./support/tidy/source.js";

type Rule = (source: Source) => string[];

const isCode = (path: string) => /\.(?:ts|mjs)$/.test(path) && !path.endsWith(".d.ts");
const sourcesBelow = (directory: string) =>
  filesBelow(directory)
    .filter(isCode)
    .map((path) => sourceOf(path, read(path)));

const house = [...sourcesBelow("src"), ...sourcesBelow("models")];
const tests = sourcesBelow("test");
const all = [...house, ...tests, ...sourcesBelow("notebooks"), ...sourcesBelow("scripts")];
const edge = /^src\/(?:cli|node|playground)\//;

const rules: { name: string; rule: Rule; sources: Source[] }[] = [
  { name: "imports run one way", rule: checkLayers, sources: house },
  {
    name: "the core knows no clock, process or unseeded randomness",
    rule: checkBannedNames,
    sources: house.filter(({ path }) => !edge.test(path)),
  },
  { name: "yaml and seedrandom have one importer each", rule: checkImporters, sources: house },
  { name: "zod is imported as a namespace", rule: checkZodNamespace, sources: all },
  { name: "exports have names", rule: checkDefaultExports, sources: all },
  { name: "no test runs alone", rule: checkFocusedTests, sources: tests },
  { name: "files and lines are short", rule: checkLength, sources: all },
  { name: "functions fit a screen", rule: checkFunctionLength, sources: all },
  { name: "nothing is left unfinished", rule: checkUnfinished, sources: all },
  { name: "comments hold no code", rule: checkCommentedCode, sources: all },
  {
    name: "a model says what it models and what not",
    rule: checkModelHeader,
    sources: sourcesBelow("models").filter(({ path }) => path !== "models/index.ts"),
  },
];

describe("the repository", () => {
  for (const { name, rule, sources } of rules) {
    test(name, () => {
      expect(sources.flatMap(rule)).toEqual([]);
    });
  }

  test("the lock file names no addresses and every platform's binaries", () => {
    expect(checkLock(read("package-lock.json"))).toEqual([]);
  });

  test("CONTRIBUTING.md gives a reason for each dependency", () => {
    expect(checkReasons(manifest(), read("CONTRIBUTING.md"))).toEqual([]);
  });

  test("no file names a place of one machine", () => {
    // A measured case says what was seen on the machine that it was measured on.
    const ours = filesBelow(".").filter((path) => !path.startsWith("test/measured/"));
    expect(ours.flatMap((path) => checkPlaces(path, read(path)))).toEqual([]);
  });

  test("src/version.ts and the lock file have the version of package.json", () => {
    const { version } = manifest();
    expect(read("src/version.ts")).toContain(`export const version = "${version}";`);
    expect(JSON.parse(read("package-lock.json")).version).toBe(version);
  });
});

const long = (lines: number) => `${"  step();\n".repeat(lines)}`;
const sample = (name: string) => ["", "home", name, "recvq"].join("/");

interface Sample {
  rule: Rule;
  path?: string;
  good: string[];
  bad: string[];
}

const samples: Record<string, Sample> = {
  "layers of the engine": {
    rule: checkLayers,
    path: "src/engine/a.ts",
    good: ['import { b } from "./b.js";', 'import { randomNormal } from "d3-random";'],
    bad: [
      'import { b } from "../metrics/b.js";',
      'import type { B } from "../metrics/b.js";',
      'export * from "../version.js";',
      'const b = await import("../run/run.js");',
    ],
  },
  "layers of a command's neighbours": {
    rule: checkLayers,
    path: "src/node/a.ts",
    good: ['import { run } from "../run/run.js";'],
    bad: ['import { main } from "../cli/main.js";', 'import { nginx } from "../../models/nginx/nginx.js";'],
  },
  "layers of the report": {
    rule: checkLayers,
    path: "src/report/a.ts",
    good: [
      'import { parseBytes } from "../component/units.js";',
      'import type { Run } from "../run/run.js";',
    ],
    bad: [
      'import type { Scenario } from "../scenario/load.js";',
      'import { run } from "../run/run.js";',
      'import { world } from "../component/world.js";',
    ],
  },
  "layers of an unknown room": { rule: checkLayers, path: "src/attic/a.ts", good: [], bad: [""] },
  "banned names": {
    rule: checkBannedNames,
    good: [
      'const kind = arrivals.process; const made = { process: "poisson" };',
      "const { process: kind } = arrivals;",
      "function f({ process }) { return process.rate; }",
      "// The Date of console and process, in words: Math.random().",
      'const text = "Date";',
    ],
    bad: [
      "const u = Math.random();",
      "const now = Date.now();",
      "let at: Date;",
      "performance.now();",
      "console.log(1);",
      "const { env } = process;",
      "const made = { process };",
      "globalThis.setTimeout(f, 1);",
      'import { readFileSync } from "node:fs";',
      'import { readFileSync } from "fs";',
    ],
  },
  importers: {
    rule: checkImporters,
    good: ['import { parseScenario } from "../scenario/yaml.js";'],
    bad: ['import { parse } from "yaml";', 'import alea from "seedrandom/lib/alea.js";'],
  },
  "zod as a namespace": {
    rule: checkZodNamespace,
    good: ['import * as z from "zod";', 'import type * as z from "zod";'],
    bad: ['import { z } from "zod";', 'import z from "zod";', 'export * from "zod";', 'import("zod");'],
  },
  "default exports": {
    rule: checkDefaultExports,
    good: ["export const a = 1;", "export function f() {}"],
    bad: ["export default 1;", "export default function f() {}"],
  },
  "focused tests": {
    rule: checkFocusedTests,
    good: ["test('a', f);", "settings.only.value;"],
    bad: ["test.only('a', f);", "describe.concurrent.only('a', f);"],
  },
  length: {
    rule: checkLength,
    good: ["x\n".repeat(300), "é".repeat(110)],
    bad: ["x\n".repeat(301), "x".repeat(111)],
  },
  "function length": {
    rule: checkFunctionLength,
    good: [
      `function f() {\n${long(68)}}`,
      `function f() {\n${long(68)}\n\n}`,
      `function build() {\n${long(40)}function handler() {\n${long(40)}}\n}`,
    ],
    bad: [
      `function f() {\n${long(69)}}`,
      `const f = () => {\n${long(69)}};`,
      `const made = { f() {\n${long(69)}} };`,
      `function build() {\nfunction handler() {\n${long(69)}}\n}`,
    ],
  },
  "unfinished work": {
    rule: checkUnfinished,
    good: ["// All is done.", 'const word = "TODO";'],
    bad: ["// TODO: more", "f(/* FIXME */ 1);", "/** Text.\n * XXX */\nf();"],
  },
  "code in comments": {
    rule: checkCommentedCode,
    good: [
      "// Returns the first one; if it is full, the next.",
      "// if the queue is full (see above), the packet is dropped",
      "/** Use it so:\n * ```ts\n * const a = f();\n * ```\n */\nf();",
      "// sk_acceptq_is_full(), include/net/sock.h;",
    ],
    bad: [
      "// const a = f();",
      "// f(a, b);",
      "// if (a) {",
      "// return a.b(c);",
      "// queue.length = 0;",
      "/* let a = 1;\n f(); */",
    ],
  },
  "model header": {
    rule: checkModelHeader,
    good: [
      "// Modelled: all.\n// Not modelled: nothing.\nexport function f() {}",
      "/**\n * Modelled: all.\n * Not modelled: nothing.\n */\nexport function f() {}",
      "export const table = { a: 1 };",
    ],
    bad: [
      "// Modelled: all.\nexport function f() {}",
      "export function f() {}\n// Modelled and Not modelled.",
      "const table = { f: () => 1 };",
    ],
  },
};

describe("a rule", () => {
  for (const [name, { rule, path = "src/run/sample.ts", good, bad }] of Object.entries(samples)) {
    test(`about ${name} passes good samples and complains of bad ones`, () => {
      for (const text of good) expect(rule(sourceOf(path, text)), text).toEqual([]);
      for (const text of bad) expect(rule(sourceOf(path, text)), text).not.toEqual([]);
    });
  }

  test("about importers lets the one importer be", () => {
    expect(checkImporters(sourceOf("src/scenario/yaml.ts", 'import { parse } from "yaml";'))).toEqual([]);
  });

  test("about the lock file, reasons and places complains of bad samples", () => {
    const lacking = {
      a: { optionalDependencies: { "b-linux-x64": "1", "c-linux-x64": "1" } },
      "node_modules/b-linux-x64": {},
    };
    expect(checkLock(JSON.stringify({ packages: { a: { resolved: "x" } } }))).toHaveLength(1);
    expect(checkLock(JSON.stringify({ packages: lacking }))).toHaveLength(1);
    expect(checkReasons({ version: "1", dependencies: { yaml: "1", zod: "1" } }, "`zod`: why")).toHaveLength(
      1,
    );
    expect(checkPlaces("a.md", `kept in ${sample("someone")}`)).toHaveLength(1);
    expect(checkPlaces("a.md", `from https://${["registry", "example", "org"].join(".")}/x`)).toHaveLength(1);
    expect(checkPlaces("a.md", "in https://example.org/home/x, src/work/a.ts and /run/lab/x.sock")).toEqual(
      [],
    );
  });
});
