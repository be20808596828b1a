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

test("columns that are cleared are blank, and as large as they were", () => {
  const rows = columns({ peer: Int32Array, sinceNs: Float64Array }, { peer: -1 });
  rows.reserve(5_000);
  rows.peer.fill(7);
  rows.sinceNs.fill(0.5);
  rows.clear();
  expect(new Set(rows.peer)).toEqual(new Set([-1]));
  expect(new Set(rows.sinceNs)).toEqual(new Set([0]));
  expect(rows.peer.length).toBeGreaterThan(5_000);
});
