import { describe, expect, test } from "vitest";

type Files = Map<string, string>;

const { withNumbers } = (await import("../../scripts/constants.mjs" as string)) as {
  withNumbers(files: Files, resolve: (path: string, from: string) => string): Files;
};

/** One file of a bundle with its numbers. */
function alone(text: string): string {
  return withNumbers(new Map([["a.js", text]]), (_, from) => from).get("a.js") as string;
}

describe("a number that a module names", () => {
  test.each<[string, string, string]>([
    ["stands where it is used", "const ROW = 4;\nf(ROW * 2);", "const ROW = 4;\nf(4 * 2);"],
    [
      "is computed from others",
      "const A = 2 ** 3, B = -A / 2 + 1;\nf(B);",
      "const A = 2 ** 3, B = -8 / 2 + 1;\nf((-3));",
    ],
    [
      "is computed bit by bit as well",
      "const BITS = 9, ALL = (54 << BITS) + 1, SET = ALL | 6;\nf(ALL, SET);",
      "const BITS = 9, ALL = (54 << 9) + 1, SET = 27649 | 6;\nf(27649, 27655);",
    ],
    [
      "may be a limit of numbers",
      "const NEVER = Number.POSITIVE_INFINITY;\nf(NEVER);",
      "const NEVER = (1 / 0);\nf((1 / 0));",
    ],
    [
      "keeps the names of properties",
      "const A = 1;\nf({ A, b: A }, x.A, { A: 2 });",
      "const A = 1;\nf({ A: 1, b: 1 }, x.A, { A: 2 });",
    ],
    [
      "leaves texts and comments alone",
      'const A = 1;\nf("A", `A ${A}`); // A',
      'const A = 1;\nf("A", `A ${1}`); // A',
    ],
  ])("%s", (_, before, after) => {
    expect(alone(before)).toBe(after);
  });

  test.each<[string, string]>([
    ["is declared again in an inner scope", "const A = 1;\nfunction f(A) { return A; }"],
    ["can change", "let A = 1;\nA = 2;\nf(A);"],
    ["is no number", 'const A = "1";\nconst B = g();\nf(A, B);'],
    ["is not written in capitals", "const a = 1;\nf(a);"],
  ])("is left as it is if it %s", (_, text) => {
    expect(alone(text)).toBe(text);
  });

  test("is known in the files that import it, under whatever name, however far away", () => {
    const files = new Map([
      ["c.js", 'import { B as C } from "./b.js";\nf(C);'],
      ["b.js", 'import { A as B } from "./a.js";\nexport {\n  B\n};'],
      ["a.js", "const TWO = 2;\nexport {\n  TWO as A\n};"],
    ]);
    const found = withNumbers(files, (_, from) => from.replace("./", ""));
    expect(found.get("c.js")).toBe('import { B as C } from "./b.js";\nf(2);');
    expect(found.get("a.js")).toBe(files.get("a.js"));
  });
});
