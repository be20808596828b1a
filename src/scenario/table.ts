// CSV files that settings name: columns of numbers.

import { csvParseRows } from "d3-dsv";
import { rememberOrigin } from "../component/table.js";
import { ScenarioError } from "./error.js";

/**
 * Columns of numbers by the names in the first line; what is no number is NaN, which whoever uses the column
 * refuses (component/table.ts). A file of bare numbers without names is one column, `value`. Throws a
 * ScenarioError for rows of unlike length.
 */
export function parseTable(text: string, file: string): Record<string, Float64Array> {
  const rows = csvParseRows(text.replace(/^\uFEFF/, "").trimEnd());
  const [first = []] = rows;
  const named = first.some((cell) => !isNumber(cell));
  const names = named ? first : ["value"];
  const body = named ? rows.slice(1) : rows;
  const firstLine = named ? 2 : 1;
  for (const [index, row] of body.entries()) {
    if (row.length !== names.length) {
      const text = `expected ${names.length} columns, got ${row.length}`;
      throw new ScenarioError([{ file, line: firstLine + index, column: 1, path: "", text }]);
    }
  }
  const columns = names.map((name, column): [string, Float64Array] => {
    const cells = body.map((row) => row[column] as string);
    const numbers = Float64Array.from(cells, (cell) => (isNumber(cell) ? Number(cell) : Number.NaN));
    rememberOrigin(numbers, { firstLine, firstText: cells.find((cell) => !isNumber(cell)) });
    return [name.trim(), numbers];
  });
  return Object.fromEntries(columns);
}

function isNumber(cell: string): boolean {
  return cell.trim() !== "" && Number.isFinite(Number(cell));
}
