// CSV files that settings name: columns of numbers.

import { csvParseRows } from "d3-dsv";
import { ScenarioError } from "./error.js";

/**
 * Columns of numbers by the names in the first line; columns that hold other text are left out. A file of
 * bare numbers without names is one column, `value`.
 */
export function parseTable(text: string, file: string): Record<string, Float64Array> {
  const rows = csvParseRows(text.replace(/^\uFEFF/, "").trimEnd());
  const [first = []] = rows;
  const named = first.some((cell) => !isNumber(cell));
  const names = named ? first : ["value"];
  const body = named ? rows.slice(1) : rows;
  for (const [index, row] of body.entries()) {
    if (row.length !== names.length) {
      const text = `expected ${names.length} columns, got ${row.length}`;
      throw new ScenarioError([{ file, line: index + (named ? 2 : 1), column: 1, path: "", text }]);
    }
  }
  const numeric = names.flatMap((name, column): [string, Float64Array][] =>
    body.every((row) => isNumber(row[column] as string))
      ? [[name.trim(), Float64Array.from(body, (row) => Number(row[column]))]]
      : [],
  );
  return Object.fromEntries(numeric);
}

function isNumber(cell: string): boolean {
  return cell.trim() !== "" && Number.isFinite(Number(cell));
}
