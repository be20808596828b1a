// The library's front door: scenario text in, Result out. It touches no files, so it runs in a browser as
// well.

import { components } from "../models/index.js";
import { withKernelDefaults } from "../models/linux/kernel-defaults.js";
import { queueingSystem } from "../models/queueing-system.js";
import { parseExpression } from "./check/expression.js";
import type { EndedRequest } from "./component/recorder.js";
import { withRare } from "./rare/beside.js";
import { rare } from "./rare/rare.js";
import { type CapacityOptions, searchCapacity, capacity as searchedCapacity } from "./run/capacity.js";
import type { Capacity, ProbedValue } from "./run/capacity-result.js";
import { compare as compareScenarios } from "./run/compare.js";
import type { Comparison } from "./run/comparison.js";
import type { Result } from "./run/result.js";
import { run } from "./run/run.js";
import { ScenarioError } from "./scenario/error.js";
import { scenarioJsonSchema } from "./scenario/json-schema.js";
import { loadScenario, type Scenario } from "./scenario/load.js";
import { parseTable } from "./scenario/table.js";

export type { EndedRequest } from "./component/recorder.js";
export type {
  Capacity,
  CapacityCause,
  CapacityEnd,
  ObjectiveEstimate,
  ProbedValue,
} from "./run/capacity-result.js";
export { capacityJsonSchema } from "./run/capacity-schema.js";
export type { ChangedSetting, Comparison, Difference } from "./run/comparison.js";
export { comparisonJsonSchema } from "./run/comparison-schema.js";
export type {
  Cause,
  Estimate,
  Intervals,
  Latency,
  LevelSeries,
  Limit,
  OutcomeSeries,
  RareResult,
  Result,
  Series,
  Share,
  TheoryResult,
  TheoryValue,
} from "./run/result.js";
export { resultJsonSchema } from "./run/result-schema.js";
export type { Problem } from "./scenario/error.js";
export { ScenarioError } from "./scenario/error.js";
export type { Scenario } from "./scenario/load.js";
export { version } from "./version.js";

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

export interface PredictOptions {
  /** Texts of CSV files that the scenario names: traces, empirical service times. */
  files?: Record<string, string>;
  /** Every request of every replication (from 0), when its outcome is known. */
  ended?: (replication: number, request: EndedRequest) => void;
  /** Estimate as well how rarely an accept queue refuses requests: see `Result.rare`. */
  rare?: boolean;
  /** Called now and then with the share of the run that is done; the run waits for it. */
  progress?: (share: number) => void | Promise<void>;
}

/** Reads and validates a scenario's YAML. Throws a ScenarioError that tells all that is wrong. */
export function load(text: string, options: LoadOptions = {}): Scenario {
  const { name = "scenario.yaml", files = {}, ...rest } = options;
  const read = (path: string) => (path === name ? text : given(files, path));
  return loadScenario(name, { read, components, ...rest });
}

/** Predicts what becomes of a scenario's requests. The result depends on scenario, seed and version only. */
export async function predict(scenario: Scenario | string, options: PredictOptions = {}): Promise<Result> {
  const { files = {}, rare: isRare = false, ...rest } = options;
  const loaded = typeof scenario === "string" ? load(scenario) : scenario;
  const table = (file: string) => parseTable(given(files, file), file);
  const refusals = isRare ? await rare(loaded, { components, table }) : undefined;
  const result = await run(loaded, { components, table, system: queueingSystem, ...rest });
  return refusals ? withRare(result, refusals) : result;
}

/**
 * Predicts what changes from scenario `a` to `b`: both are run with the same random numbers, as often and
 * with the seed as `a` says. `files` are those of both. Throws a ScenarioError, also for a single
 * replication.
 */
export function compare(
  a: Scenario | string,
  b: Scenario | string,
  { files = {}, progress }: Omit<PredictOptions, "ended"> = {},
): Promise<Comparison> {
  const loaded = (scenario: Scenario | string, name: string) =>
    typeof scenario === "string" ? load(scenario, { name }) : scenario;
  const table = () => (file: string) => parseTable(given(files, file), file);
  return compareScenarios(loaded(a, "a.yaml"), loaded(b, "b.yaml"), {
    ...{ components, table, system: queueingSystem, effective: withKernelDefaults },
    ...(progress && { progress }),
  });
}

export interface Sought
  extends Pick<
    CapacityOptions,
    "within" | "precision" | "confidence" | "replications" | "memory" | "progress" | "signal" | "isOver"
  > {
  /**
   * The largest rate of all arrivals (`max: "rate"`), or value of a setting (`max:
   * "clients.closed.concurrency"`), ...
   */
  max?: string;
  /** ... or the smallest one: `min: "gunicorn.workers"`. */
  min?: string;
  /** Objectives, as `502.share < 0.1%`: METRIC OP VALUE. */
  slo: string | readonly string[];
  files?: Record<string, string>;
}

/**
 * Searches for the largest or smallest value of a setting that meets all objectives, with its interval and
 * what fails beyond. Throws a ScenarioError; `signal` and `isOver` end it early.
 */
export async function capacity(scenario: Scenario | string, sought: Sought): Promise<Capacity> {
  return searchedCapacity(...searchOf(scenario, sought));
}

/** The same as a stream: each value whenever more is known of it; the Capacity is what it returns. */
export function capacityStream(
  scenario: Scenario | string,
  sought: Sought,
): AsyncGenerator<ProbedValue, Capacity> {
  return searchCapacity(...searchOf(scenario, sought));
}

function searchOf(scenario: Scenario | string, sought: Sought): [Scenario, CapacityOptions] {
  const { max, min, slo, files = {}, ...rest } = sought;
  const knob = max ?? min;
  if (knob === undefined || (max !== undefined && min !== undefined)) {
    throw new ScenarioError([{ file: "capacity", path: "", text: "expected either max or min" }]);
  }
  const objectives = [slo].flat().map((text) => {
    const parsed = parseExpression(text);
    if ("objective" in parsed) return parsed.objective;
    throw new ScenarioError([{ file: "slo", path: "", text: parsed.wrong }]);
  });
  const loaded = typeof scenario === "string" ? load(scenario) : scenario;
  const table = () => (file: string) => parseTable(given(files, file), file);
  return [loaded, { components, table, knob, seek: max === undefined ? "min" : "max", objectives, ...rest }];
}

/** JSON Schema (draft 7) of a scenario file. */
export function jsonSchema(): object {
  return scenarioJsonSchema(components);
}

function given(files: Record<string, string>, path: string): string {
  const text = files[path];
  if (text !== undefined) return text;
  throw new ScenarioError([{ file: path, path: "", text: "expected its text among the files, got none" }]);
}
