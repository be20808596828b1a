import { expect, test } from "vitest";
import { foldedPlackettBurman, MOST_FACTORS } from "../../src/stats/screening.js";

const dot = (...columns: number[][]) =>
  (columns[0] as number[]).reduce(
    (sum, _, row) => sum + columns.reduce((product, column) => product * (column[row] as number), 1),
    0,
  );

const COUNTS = [1, 2, 3, 4, 5, 8, 11, 12, 13, 23, 28, 32, 45, 60, MOST_FACTORS];

test.each(COUNTS)(
  "with %d factors all columns are balanced and orthogonal, in about two runs a factor",
  (factors) => {
    const rows = foldedPlackettBurman(factors);
    const columns = Array.from({ length: factors }, (_, column) => rows.map((row) => row[column] as number));
    for (const [index, column] of columns.entries()) {
      expect(column.every((level) => level === 1 || level === -1)).toBe(true);
      expect(column.reduce((sum, level) => sum + level, 0)).toBe(0);
      for (const other of columns.slice(index + 1)) expect(dot(column, other)).toBe(0);
    }
    expect(rows.length).toBeGreaterThanOrEqual(2 * factors);
    expect(rows.length).toBeLessThanOrEqual(Math.max(8, 2 * factors + 40));
  },
);

// Resolution IV: what two factors do together is orthogonal to what a third one does.
test("no main effect is mixed up with an interaction of two factors", () => {
  const rows = foldedPlackettBurman(12);
  const columns = Array.from({ length: 12 }, (_, column) => rows.map((row) => row[column] as number));
  for (const one of columns) {
    for (const two of columns) for (const three of columns) expect(dot(one, two, three)).toBe(0);
  }
});

test("more factors than the largest design has are refused", () => {
  expect(() => foldedPlackettBurman(MOST_FACTORS + 1)).toThrow(/at most 168 factors, got 169/);
});
