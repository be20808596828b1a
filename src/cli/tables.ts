import { readText } from "../node/files.js";
import type { Scenario } from "../scenario/load.js";
import { parseTable } from "../scenario/table.js";

type Table = Record<string, Float64Array>;

/** Reads the CSV files that a scenario names, each once; `known` are those that have been read, by path. */
export function tableReader(scenario: Scenario, known = new Map<string, Table>()): (file: string) => Table {
  return (file) => {
    const path = scenario.resolvePath(file);
    const table = known.get(path) ?? parseTable(readText(path), path);
    known.set(path, table);
    return table;
  };
}

/** Reads each file once: several scenarios may come from standard input. */
export function readerOf(): (file: string) => string {
  const known = new Map<string, string>();
  return (file) => {
    const text = known.get(file) ?? readText(file);
    known.set(file, text);
    return text;
  };
}
