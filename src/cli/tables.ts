import { readText } from "../node/files.js";
import type { Scenario } from "../scenario/load.js";
import { parseTable } from "../scenario/table.js";

/** Reads the CSV files that a scenario names, each once. */
export function tableReader(scenario: Scenario): (file: string) => Record<string, Float64Array> {
  const known = new Map<string, Record<string, Float64Array>>();
  return (file) => {
    const path = scenario.resolvePath(file);
    const table = known.get(path) ?? parseTable(readText(path), path);
    known.set(path, table);
    return table;
  };
}
