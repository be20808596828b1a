// Which settings matter.

import { components } from "../../models/index.js";
import { withKernelDefaults } from "../../models/linux/kernel-defaults.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { turning } from "../run/sensitivity.js";
import type { Sensitivity, Turned } from "../run/sensitivity-result.js";
import type { Scenario } from "../scenario/load.js";
import type { PredictOptions } from "./predict.js";
import { loaded, tablesOf } from "./scenarios.js";

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
  const table = () => tablesOf(files);
  return turning(loaded(scenario), {
    ...{ components, table, system: queueingSystem, effective: withKernelDefaults },
    ...options,
  });
}
