// What is left of a module's text in the bundle.

import { expect, test } from "vitest";

const { shortened } = (await import("../../scripts/bundle.mjs" as string)) as {
  shortened(text: string): Promise<string>;
};

test("comments and indentation go, names and declarations stay", async () => {
  const text = "// one\nconst longName = 1;\nfunction f() {\n  return longName;\n}\n";
  expect(await shortened(text)).toBe("const longName=1;function f(){return longName}\n");
});

// The bundle makes constants of what esbuild has made `var`: it would be an error of the command line only.
test("a module's constant that a function assigns is refused, and one of the same name is not", async () => {
  const assigned = "const n = 1;\nfunction f() { n += 1; }\n";
  await expect(shortened(assigned)).rejects.toThrow(/"n" is a constant/);
  await expect(shortened("const n = 1;\nfunction f() { let n = 2; n += 1; }\n")).resolves.toContain("+=1");
});
