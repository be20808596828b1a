// One scenario, or two side by side.

import { components } from "../../models/index.js";
import { withKernelDefaults } from "../../models/linux/kernel-defaults.js";
import { queueingSystem } from "../../models/queueing-system.js";
import type { EndedRequest } from "../component/recorder.js";
import { withRare } from "../rare/beside.js";
import { rare } from "../rare/rare.js";
import { compare as compareScenarios, comparing } from "../run/compare.js";
import type { ComparedPairs, Comparison } from "../run/comparison.js";
import type { Result } from "../run/result.js";
import { run } from "../run/run.js";
import { watched } from "../run/watched.js";
import type { Scenario } from "../scenario/load.js";
import { loaded, tablesOf } from "./scenarios.js";

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

/** Predicts what becomes of a scenario's requests. The result depends on scenario, seed and version only. */
export async function predict(scenario: Scenario | string, options: PredictOptions = {}): Promise<Result> {
  const { files = {}, rare: isRare = false, ...rest } = options;
  const given = loaded(scenario);
  const table = tablesOf(files);
  const watch = watched({ signal: rest.signal });
  const refusals = isRare
    ? await rare(given, { components, table, ...(watch && { progress: watch }) })
    : undefined;
  const result = await run(given, { components, table, system: queueingSystem, ...rest });
  return refusals ? withRare(result, refusals) : result;
}

/** Of a comparison; `progress` is told the share of the pairs that is done. */
export type ComparisonOptions = Pick<PredictOptions, "files" | "progress" | "signal">;

/**
 * Predicts what changes from scenario `a` to `b`: both are run with the same random numbers, as often and
 * with the seed as `a` says. `files` are those of both. Throws a ScenarioError, also for a single
 * replication.
 */
export async function compare(
  a: Scenario | string,
  b: Scenario | string,
  options: ComparisonOptions = {},
): Promise<Comparison> {
  return compareScenarios(...comparisonOf(a, b, options));
}

/**
 * The same as a stream, while it grows: a pair of replications is run, one of each scenario, and from the
 * second pair on what is known then is yielded, a whole Comparison of all pairs so far. With more than twenty
 * of them that is done whenever there are 5 % more. The last one is the Comparison that `compare` answers,
 * which the stream returns as well. Where nothing in either scenario is random there is one pair.
 *
 * Each interval and finding holds for its own number of pairs. Who looks at all of them and stops at the
 * first one that is more than chance errs more often than once in twenty times.
 *
 * All is computed in this thread, and only when the next one is asked for: whoever leaves the loop leaves
 * nothing behind. A page is drawn meanwhile if `progress`, or the loop, waits for a turn of the event loop.
 * `signal` ends it with its reason, also within a replication. Throws as `compare` does.
 */
export function compareStream(
  a: Scenario | string,
  b: Scenario | string,
  options: ComparisonOptions = {},
): AsyncGenerator<ComparedPairs, Comparison> {
  return comparing(...comparisonOf(a, b, options));
}

function comparisonOf(
  a: Scenario | string,
  b: Scenario | string,
  { files = {}, progress, signal }: ComparisonOptions,
): Parameters<typeof comparing> {
  const table = () => tablesOf(files);
  const options = {
    ...{ components, table, system: queueingSystem, effective: withKernelDefaults },
    ...(progress && { progress }),
    signal,
  };
  return [loaded(a, "a.yaml"), loaded(b, "b.yaml"), options];
}
