// The library's front door: scenario text in, Result out. It touches no files, so it runs in a browser as
// well.

import { examine } from "../models/doctor/rules.js";
import { components } from "../models/index.js";
import { withKernelDefaults } from "../models/linux/kernel-defaults.js";
import { queueingSystem } from "../models/queueing-system.js";
import { diagnose as diagnoseScenario, type ScenarioDiagnosis } from "./check/diagnosis.js";
import type { EndedRequest } from "./component/recorder.js";
import { withRare } from "./rare/beside.js";
import { rare } from "./rare/rare.js";
import { compare as compareScenarios } from "./run/compare.js";
import type { Comparison } from "./run/comparison.js";
import type { Result } from "./run/result.js";
import { run } from "./run/run.js";
import { turning } from "./run/sensitivity.js";
import type { Sensitivity, Turned } from "./run/sensitivity-result.js";
import { watched } from "./run/watched.js";
import { ScenarioError } from "./scenario/error.js";
import { scenarioJsonSchema } from "./scenario/json-schema.js";
import { loadScenario, type Scenario } from "./scenario/load.js";
import { parseTable } from "./scenario/table.js";

export type { Diagnosed, DiagnosedSetting, ScenarioDiagnosis } from "./check/diagnosis.js";
export { diagnosisJsonSchema } from "./check/diagnosis-schema.js";
export type { EndedRequest } from "./component/recorder.js";
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
export type {
  KnobResult,
  MainEffect,
  Screening,
  Sensitivity,
  Step,
  Tested,
  Turned,
} from "./run/sensitivity-result.js";
export { sensitivityJsonSchema } from "./run/sensitivity-schema.js";
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
  /** Ends the run when it is aborted: the promise is rejected with its reason, and nothing half done. */
  signal?: AbortSignal;
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
  const watch = watched({ signal: rest.signal });
  const refusals = isRare
    ? await rare(loaded, { components, table, ...(watch && { progress: watch }) })
    : undefined;
  const result = await run(loaded, { components, table, system: queueingSystem, ...rest });
  return refusals ? withRare(result, refusals) : result;
}

/**
 * Predicts what changes from scenario `a` to `b`: both are run with the same random numbers, as often and
 * with the seed as `a` says. `files` are those of both. Throws a ScenarioError, also for a single
 * replication.
 */
export async function compare(
  a: Scenario | string,
  b: Scenario | string,
  { files = {}, progress, signal }: Pick<PredictOptions, "files" | "progress" | "signal"> = {},
): Promise<Comparison> {
  const loaded = (scenario: Scenario | string, name: string) =>
    typeof scenario === "string" ? load(scenario, { name }) : scenario;
  const table = () => (file: string) => parseTable(given(files, file), file);
  return compareScenarios(loaded(a, "a.yaml"), loaded(b, "b.yaml"), {
    ...{ components, table, system: queueingSystem, effective: withKernelDefaults },
    ...(progress && { progress }),
    signal,
  });
}

export interface SensitivityOptions extends Pick<PredictOptions, "files" | "progress" | "signal"> {
  /** `KEY` or `KEY=VALUE,VALUE`: only these knobs; `declared` among them stands for all declared ones. */
  knobs?: string[];
  /** What effects are measured by: the share of failures, or the p99 of successes if nothing fails. */
  metric?: string;
  /** Whether all knobs are turned together as well, by a screening design: so it is unless told. */
  screening?: boolean;
}

/**
 * Predicts which settings of a scenario matter: each is turned a step by itself, and all of them together.
 * Throws as `compare` does.
 */
export async function sensitivity(
  scenario: Scenario | string,
  options: SensitivityOptions = {},
): Promise<Sensitivity> {
  const steps = sensitivitySteps(scenario, options);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}

/** The same step by step, each as soon as it is known; it returns all of it together. */
export function sensitivitySteps(
  scenario: Scenario | string,
  { files = {}, ...options }: SensitivityOptions = {},
): AsyncGenerator<Turned, Sensitivity> {
  const table = () => (file: string) => parseTable(given(files, file), file);
  return turning(typeof scenario === "string" ? load(scenario) : scenario, {
    ...{ components, table, system: queueingSystem, effective: withKernelDefaults },
    ...options,
  });
}

/**
 * Tells what a scenario's settings say by themselves, without running it. Throws a ScenarioError for what a
 * run would find wrong.
 */
export function diagnose(
  scenario: Scenario | string,
  { files = {} }: Pick<PredictOptions, "files"> = {},
): ScenarioDiagnosis {
  const loaded = typeof scenario === "string" ? load(scenario) : scenario;
  const table = (file: string) => parseTable(given(files, file), file);
  return diagnoseScenario(loaded, { components, table, examine, effective: withKernelDefaults });
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
