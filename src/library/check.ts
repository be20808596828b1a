// Whether scenarios show what they expect.

import { components } from "../../models/index.js";
import type { Checked } from "../check/check.js";
import type { Check, ScenarioCheck } from "../check/check-result.js";
import { checkSuite, type SuiteOptions } from "../check/suite.js";
import { thresholdsOf } from "../check/thresholds.js";
import { ScenarioError } from "../scenario/error.js";
import type { Scenario } from "../scenario/load.js";
import { parseTable } from "../scenario/table.js";
import { given, loaded } from "./scenarios.js";

export interface CheckOptions
  extends Pick<SuiteOptions, "confidence" | "mostReplications" | "isOver" | "signal"> {
  /** Texts of the CSV files that scenarios name: by path, as seen from the scenario's name, or by name. */
  files?: Record<string, string>;
  /** Called after each replication with the share of the scenarios that are done; the check waits for it. */
  progress?: (share: number) => void | Promise<void>;
}

/** One scenario, or several. */
export type Scenarios = Scenario | string | readonly (Scenario | string)[];

/**
 * Runs scenarios until it is decided whether they show what their section `expect` says: each threshold by a
 * sequential test of replications, whose errors `confidence` bounds. The Check depends on scenarios, options
 * and version only, unless `isOver` ends it. Throws a ScenarioError, also if none expects anything, and the
 * reason of `signal`. What `run.time_limit` says is for `isOver` to keep.
 */
export async function check(scenarios: Scenarios, options: CheckOptions = {}): Promise<Check> {
  const stream = checkStream(scenarios, options);
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return value;
  }
}

/** The same as a stream: what came of each scenario as soon as it is known; the Check is what it returns. */
export function checkStream(
  scenarios: Scenarios,
  { files = {}, progress, ...options }: CheckOptions = {},
): AsyncGenerator<ScenarioCheck, Check> {
  const suite = suiteOf(typeof scenarios === "string" || "source" in scenarios ? [scenarios] : scenarios);
  let done = 0;
  const table = (scenario: Scenario) => (file: string) => {
    const path = scenario.resolvePath(file);
    return parseTable(given(files, Object.hasOwn(files, path) ? path : file), path);
  };
  const checks = checkSuite(suite, {
    ...{ components, table, ...options },
    ...(progress && { ended: () => progress(done / suite.length) }),
  });
  return counted(checks, () => done++);
}

async function* counted<Each, All>(
  steps: AsyncGenerator<Each, All>,
  count: () => void,
): AsyncGenerator<Each, All> {
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
    count();
    yield next.value;
  }
}

/** Texts are told apart by number. */
function suiteOf(scenarios: readonly (Scenario | string)[]): Checked[] {
  const suite = scenarios.map((one, index) => {
    const scenario = loaded(one, scenarios.length === 1 ? undefined : `scenario-${index + 1}.yaml`);
    return { scenario, thresholds: thresholdsOf(scenario) };
  });
  if (suite.some(({ thresholds }) => thresholds.length > 0)) return suite;
  const text = "expected a scenario with a section expect, such as expect: ['502.share < 1%'], got none";
  throw new ScenarioError([{ file: "check", path: "", text }]);
}
