// Scenarios and the files that they name, as texts.

import { components } from "../../models/index.js";
import { thresholdsOf } from "../check/thresholds.js";
import type { Table } from "../component/world.js";
import { ScenarioError } from "../scenario/error.js";
import { loadScenario, type Scenario } from "../scenario/load.js";
import { parseTable } from "../scenario/table.js";

export interface LoadOptions {
  /** How errors name the scenario. */
  name?: string;
  /** Texts of other files that the scenario names, by path: bases that it extends. */
  files?: Record<string, string>;
  /** Overrides, as `gunicorn.workers=8`. */
  set?: string[];
  /** Rate of the arrivals, as `200/s`. */
  rate?: string;
  seed?: string | number;
  replications?: number;
}

/** Reads and validates a scenario's YAML. Throws a ScenarioError that tells all that is wrong. */
export function load(text: string, options: LoadOptions = {}): Scenario {
  const { name = "scenario.yaml", files = {}, ...rest } = options;
  const read = (path: string) => (path === name ? text : given(files, path));
  const scenario = loadScenario(name, { read, components, ...rest });
  thresholdsOf(scenario);
  return scenario;
}

/** The scenario, or the one that a text is. */
export function loaded(scenario: Scenario | string, name?: string): Scenario {
  return typeof scenario === "string" ? load(scenario, name === undefined ? {} : { name }) : scenario;
}

/** Reads the CSV files that settings name: from these texts. */
export function tablesOf(files: Record<string, string>): (file: string) => Table {
  return (file) => parseTable(given(files, file), file);
}

/** The text of a file. */
export function given(files: Record<string, string>, path: string): string {
  const text = files[path];
  if (text !== undefined) return text;
  throw new ScenarioError([{ file: path, path: "", text: "expected its text among the files, got none" }]);
}
