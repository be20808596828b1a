import { describe, expect, test } from "vitest";
import { runText } from "../../src/report/text.js";
import type { Result } from "../../src/run/result.js";
import { burst, calm, deaf } from "./fixtures.js";
import { lucky, overload, rare } from "./random-fixtures.js";

const FIXTURES = { burst, calm, deaf, lucky, overload, rare };
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for.
const ESCAPE = /\u001b\[[0-9;]*m/g;

function plain(result: Result, columns = 80): string {
  return runText(result, { columns, colour: false });
}

describe("any text of a run", () => {
  test.each(Object.entries(FIXTURES))("%s has no escape character without colour", (_name, result) => {
    expect(plain(result())).not.toContain("\u001b");
  });

  test.each(Object.entries(FIXTURES))("%s says in colour what it says without", (_name, result) => {
    const coloured = runText(result(), { columns: 80, colour: true });
    expect(coloured).toContain("\u001b");
    expect(coloured.replace(ESCAPE, "")).toBe(plain(result()));
  });

  test.each(Object.entries(FIXTURES))(
    "%s keeps to the columns outside of vegeta's block",
    (_name, result) => {
      for (let columns = 40; columns <= 200; columns++) {
        const block = /^(.{14}\[| {2}±|Error Set|\d{3} |context deadline|connect: )/;
        const lines = plain(result(), columns).split("\n");
        expect(lines.filter((line) => line.length > columns && !block.test(line))).toEqual([]);
      }
    },
  );

  test("characters that steer a terminal do not get through", () => {
    const text = plain({ ...burst(), source: "a\u001b[2Jb.yaml", warnings: ["bell \u0007 and line\nbreak"] });
    for (const steering of ["\u0007", "\u001b"]) expect(text).not.toContain(steering);
    expect(text).toContain("Warning: bell \ufffd and line\ufffdbreak\n");
  });

  test("the result is left as it was", () => {
    const result = overload();
    plain(result);
    expect(result).toEqual(overload());
  });
});
