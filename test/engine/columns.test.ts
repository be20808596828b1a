import { expect, test } from "vitest";
import { columns } from "../../src/engine/columns.js";

test("columns grow together, keep what they hold and have their blanks in new rows", () => {
  const rows = columns({ peer: Int32Array, sinceNs: Float64Array }, { peer: -1 });
  for (const row of [0, 63, 64, 1_000]) {
    rows.reserve(row);
    expect([rows.peer[row], rows.sinceNs[row]]).toEqual([-1, 0]);
    rows.peer[row] = row;
    rows.sinceNs[row] = row + 0.5;
  }
  expect([0, 63, 64, 1_000].map((row) => [rows.peer[row], rows.sinceNs[row]])).toEqual([
    [0, 0.5],
    [63, 63.5],
    [64, 64.5],
    [1_000, 1_000.5],
  ]);
  expect(rows.peer.length).toBe(rows.sinceNs.length);
});
