import { expect, test } from "vitest";
import { columns } from "../../src/engine/columns.js";

test("columns grow together, keep what they hold and have their blanks in new rows", () => {
  const rows = columns({ peer: Int32Array, sinceNs: Float64Array }, { peer: -1 });
  for (const row of [0, 1_023, 1_024, 10_000]) {
    rows.reserve(row);
    expect([rows.peer[row], rows.sinceNs[row]]).toEqual([-1, 0]);
    rows.peer[row] = row;
    rows.sinceNs[row] = row + 0.5;
  }
  expect([0, 1_023, 1_024, 10_000].map((row) => [rows.peer[row], rows.sinceNs[row]])).toEqual([
    [0, 0.5],
    [1_023, 1_023.5],
    [1_024, 1_024.5],
    [10_000, 10_000.5],
  ]);
  expect(rows.peer.length).toBe(rows.sinceNs.length);
});
