import { describe, expect, test } from "vitest";
import { readTable, secondsColumn } from "../../src/component/table.js";
import { parseTable } from "../../src/scenario/table.js";

const use = { file: "t.csv", path: ["app", "sleep"] };

describe("a table", () => {
  test("has its columns by name, without the spaces around names", () => {
    expect(parseTable("a, b\n1,2\n3,4\n", "t.csv")).toEqual({
      a: Float64Array.of(1, 3),
      b: Float64Array.of(2, 4),
    });
  });

  test("of bare numbers is one column of values", () => {
    expect(parseTable("\uFEFF1\n2.5\n\n", "t.csv")).toEqual({ value: Float64Array.of(1, 2.5) });
  });

  test("keeps a column with text, for somebody may need it, and nobody has to", () => {
    const table = parseTable("a,b\n1,x\n2,3\n", "t.csv");
    expect(table).toEqual({ a: Float64Array.of(1, 2), b: Float64Array.of(Number.NaN, 3) });
    expect(secondsColumn(table, "a", use)).toEqual(Float64Array.of(1, 2));
    expect(() => secondsColumn(table, "b", use)).toThrow(
      'app.sleep: t.csv:2 b: expected seconds from 0 to 9007199, got "x"',
    );
  });

  test("with rows of unlike length is refused with the line", () => {
    expect(() => parseTable("a,b\n1,2\n3\n", "t.csv")).toThrow("t.csv:3:1: expected 2 columns, got 1");
  });

  test("of which a column is missing says so by undefined", () => {
    expect(secondsColumn(parseTable("a\n1\n", "t.csv"), "service_s", use)).toBeUndefined();
  });

  test("that cannot be read names the reason; other errors pass", () => {
    const failing = (code: string) => () => {
      throw Object.assign(new Error("failed"), { code });
    };
    expect(() => readTable(failing("EISDIR"), use)).toThrow(
      "app.sleep: cannot read t.csv: it is a directory",
    );
    expect(() => readTable(failing("EIO"), use)).toThrow(/^failed$/);
  });
});
