// Several scenarios, one after the other.

import { version } from "../version.js";
import { type Checked, type CheckOptions, CONFIDENCE, checkScenario, verdictOf } from "./check.js";
import type { Check, ScenarioCheck } from "./check-result.js";

export interface SuiteOptions extends CheckOptions {
  signal?: AbortSignal | undefined;
}

/**
 * Checks each scenario that expects something, in their order, and yields what came of it; returns all of it
 * together. One that expects nothing is not run. Throws as `checkScenario` does, and the signal's reason.
 */
export async function* checkSuite(
  suite: readonly Checked[],
  options: SuiteOptions,
): AsyncGenerator<ScenarioCheck, Check> {
  const { confidence = CONFIDENCE, signal } = options;
  const scenarios: ScenarioCheck[] = [];
  const ended = async () => {
    signal?.throwIfAborted();
    await options.ended?.();
  };
  for (const checked of suite) {
    signal?.throwIfAborted();
    const check =
      checked.thresholds.length === 0
        ? unchecked(checked)
        : (await checkScenario(checked, { ...options, ended })).check;
    scenarios.push(check);
    yield check;
  }
  return { version: 1, recvq: version, confidence, status: verdictOf(scenarios), scenarios };
}

function unchecked({ scenario }: Checked): ScenarioCheck {
  return {
    ...{ source: scenario.source, seed: scenario.settings.run.seed, replications: 0, exact: false },
    ...{ status: "passed", thresholds: [], causes: [], warnings: ["expects nothing"] },
  };
}
