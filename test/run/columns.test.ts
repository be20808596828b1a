import { describe, expect, test } from "vitest";
import { columns } from "../../src/run/columns.js";

describe("columns of numbers", () => {
  test("hold one number for each replication, 0 where there was none", () => {
    const table = columns();
    table.add([["sent", 3]]);
    table.add([
      ["sent", 4],
      ["late", 0.5],
    ]);
    table.add([]);
    expect(table.of("sent")).toEqual([3, 4, 0]);
    expect(table.of("late")).toEqual([0, 0.5, 0]);
    expect(table.of("never")).toEqual([0, 0, 0]);
  });

  test("find names by their beginning, in order", () => {
    const table = columns();
    table.add([
      ["tally b", 1],
      ["tally a", 0],
      ["sent", 1],
    ]);
    expect(table.names("tally ")).toEqual(["a", "b"]);
  });

  test("grow to any number of replications", () => {
    const table = columns();
    for (let row = 0; row < 300_000; row++) table.add([["row", row]]);
    expect(table.of("row")).toEqual(Array.from({ length: 300_000 }, (_, row) => row));
  });
});
