// The library's front door: scenario text in, Result out. It touches no files, so it runs in a browser as
// well.

import { components } from "../models/index.js";
import { scenarioJsonSchema } from "./scenario/json-schema.js";

export type {
  BaselineFinding,
  Check,
  CheckedThreshold,
  Culprit,
  ScenarioCheck,
  Verdict,
} from "./check/check-result.js";
export { checkJsonSchema } from "./check/check-schema.js";
export type { Diagnosed, DiagnosedSetting, ScenarioDiagnosis } from "./check/diagnosis.js";
export { diagnosisJsonSchema } from "./check/diagnosis-schema.js";
export type { EndedRequest } from "./component/recorder.js";
export { capacity, capacityStream, type Sought } from "./library/capacity.js";
export { type CheckOptions, check, checkStream, type Scenarios } from "./library/check.js";
export { diagnose } from "./library/diagnose.js";
export {
  type ComparisonOptions,
  compare,
  compareStream,
  type PredictOptions,
  predict,
} from "./library/predict.js";
export { type LoadOptions, load } from "./library/scenarios.js";
export { type SensitivityOptions, sensitivity, sensitivitySteps } from "./library/sensitivity.js";
export { pointMetric, type SweepOptions, sweep } from "./library/sweep.js";
export type {
  Capacity,
  CapacityEnd,
  ObjectiveEstimate,
  ProbedValue,
} from "./run/capacity-result.js";
export { capacityJsonSchema } from "./run/capacity-schema.js";
export type { ChangedSetting, ComparedPairs, Comparison, Difference } from "./run/comparison.js";
export { comparisonJsonSchema } from "./run/comparison-schema.js";
export type { Change, Point } from "./run/point.js";
export type { PointResult } from "./run/point-result.js";
export type { ProbedCause } from "./run/probed-causes.js";
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

/** JSON Schema (draft 7) of a scenario file. */
export function jsonSchema(): object {
  return scenarioJsonSchema(components);
}
