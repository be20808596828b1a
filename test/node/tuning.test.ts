import { expect, test } from "vitest";
import { v8Flags } from "../../src/node/tuning.js";

// Node 22.23 and 24.22: "Error: unrecognized flag --interrupt-budget" on standard error.
test.each([
  ["11.3.244.8-node.38", true],
  ["12.4.254.21-node.33", false],
  ["13.6.233.17-node.41", false],
])("V8 %s gets a larger budget: %s", (version, expected) => {
  expect(v8Flags(version).some((flag) => flag.startsWith("--interrupt-budget="))).toBe(expected);
  expect(v8Flags(version)).toContain("--max-inlined-bytecode-size=800");
});
