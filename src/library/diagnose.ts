// What settings say by themselves.

import { examine } from "../../models/doctor/rules.js";
import { components } from "../../models/index.js";
import { withKernelDefaults } from "../../models/linux/kernel-defaults.js";
import { diagnose as diagnoseScenario, type ScenarioDiagnosis } from "../check/diagnosis.js";
import type { Scenario } from "../scenario/load.js";
import type { PredictOptions } from "./predict.js";
import { loaded, tablesOf } from "./scenarios.js";

/**
 * Tells what a scenario's settings say by themselves, without running it. Throws a ScenarioError for what a
 * run would find wrong.
 */
export function diagnose(
  scenario: Scenario | string,
  { files = {} }: Pick<PredictOptions, "files"> = {},
): ScenarioDiagnosis {
  const table = tablesOf(files);
  return diagnoseScenario(loaded(scenario), { components, table, examine, effective: withKernelDefaults });
}
