// The library's front door: scenario text in, Result out. It touches no files, so it runs in a browser as
// well.

import { examine } from "../models/doctor/rules.js";
import { components } from "../models/index.js";
import { withKernelDefaults } from "../models/linux/kernel-defaults.js";
import { queueingSystem } from "../models/queueing-system.js";
import { diagnose as diagnoseScenario, type ScenarioDiagnosis } from "./check/diagnosis.js";
import { parseExpression } from "./check/expression.js";
import type { EndedRequest } from "./component/recorder.js";
import { withRare } from "./rare/beside.js";
import { rare } from "./rare/rare.js";
import { type CapacityOptions, searchCapacity, capacity as searchedCapacity } from "./run/capacity.js";
import type { Capacity, ProbedValue } from "./run/capacity-result.js";
import { compare as compareScenarios } from "./run/compare.js";
import type { Comparison } from "./run/comparison.js";
import { metricOfPoint, type PointResult } from "./run/point-result.js";
import type { Estimate, Result } from "./run/result.js";
import { run } from "./run/run.js";
import { turning } from "./run/sensitivity.js";
import type { Sensitivity, Turned } from "./run/sensitivity-result.js";
import { watched } from "./run/watched.js";
import { inlineComputer, type SweptPoint, sweepOf } from "./run/sweep.js";
import { sweepPoints } from "./run/sweep-points.js";
import { ScenarioError } from "./scenario/error.js";
import { scenarioJsonSchema } from "./scenario/json-schema.js";
import { overlayKnob, parseKnob } from "./scenario/knob-values.js";
import { loadScenario, type Scenario, scenarioLoader } from "./scenario/load.js";
import { parseTable } from "./scenario/table.js";

export type { Diagnosed, DiagnosedSetting, ScenarioDiagnosis } from "./check/diagnosis.js";
export { diagnosisJsonSchema } from "./check/diagnosis-schema.js";
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
export type { Change, Point } from "./run/point.js";
export type { PointResult } from "./run/point-result.js";
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
export type { SweptPoint } from "./run/sweep.js";
export { type Sweep, sweepJsonSchema } from "./run/sweep-result.js";
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

export interface SweepOptions extends Omit<LoadOptions, "files"> {
  /** Knobs with their values, as `gunicorn.workers=1..16` or `rate=10/s..1000/s:log9`. */
  vary?: string[];
  /** Files laid over the scenario, one at a time: a knob of their own. */
  overlays?: string[];
  /** So many points of a Latin hypercube instead of all combinations. */
  lhs?: number;
  /** Texts of all files that scenario, overlays and settings name. */
  files?: Record<string, string>;
  /** Called now and then with the share of the whole that is done; the sweep waits for it. */
  progress?: (share: number) => void | Promise<void>;
  /** Ends the sweep with its reason. */
  signal?: AbortSignal;
}

/**
 * Predicts a scenario at many values of its settings: an iterator of the points in their order, each as soon
 * as it is computed, in this thread. All are validated before the first one: throws a ScenarioError with what
 * is wrong with any. A point that cannot be computed says why in `failed`. `pointMetric` reads their results.
 */
export async function* sweep(
  scenario: Scenario | string,
  options: SweepOptions = {},
): AsyncGenerator<SweptPoint> {
  const { vary = [], overlays, lhs, files = {}, progress, signal, name, ...overrides } = options;
  const isText = typeof scenario === "string";
  const file = isText ? (name ?? "scenario.yaml") : scenario.source;
  const text = isText ? scenario : JSON.stringify(scenario.resolved);
  const load = scenarioLoader(file, {
    read: (path) => (path === file ? text : given(files, path)),
    components,
  });
  const base = load(overrides);
  const knobs = [
    ...(overlays ? [overlayKnob(overlays.join(","))] : []),
    ...vary.map((one) => parseKnob(one, { option: "vary", sampled: lhs !== undefined })),
  ];
  const table = (path: string) => parseTable(given(files, path), path);
  const points = await sweepPoints({ knobs, lhs }, base.settings.run.seed, {
    load: (change) => load({ ...overrides, ...change }),
    components,
    table: () => table,
  });
  const computer = inlineComputer({ components, system: queueingSystem });
  yield* sweepOf(points, { computer, progress, signal });
}

/**
 * A metric of a point's result, as `502.share` or `200.latency.p99`, with its 95 % interval: not a number
 * where nothing is known, undefined for a name that is no metric.
 */
export function pointMetric(result: PointResult, metric: string): Estimate | undefined {
  return metricOfPoint(result, metric);
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
