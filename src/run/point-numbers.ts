// The numbers of a point, from its replications or from the batches of a single one.

import type { Scenario } from "../scenario/load.js";
import type { Columns } from "./columns.js";
import type { Estimator } from "./estimator.js";
import { failures, LEVELS, type LevelKind, type Metric, metricOf } from "./metrics.js";
import type { PointResult } from "./point-result.js";
import type { Replication } from "./replicate.js";
import type { Estimate } from "./result.js";
import type { Gathered } from "./run.js";

/** All of it but that it is JSON: of what is not known the bounds are infinite. */
export function pointNumbers(
  point: string,
  scenario: Scenario,
  { all, theory, stop, incomplete }: Gathered,
): PointResult {
  const { first, estimator } = all.estimates(scenario);
  const { numbers } = all;
  const result = all.result(scenario, theory, stop);
  const success = numbers.of("count successes").some((count) => count > 0);
  const never = estimator.share("count of what never happened", "sent");
  return {
    version: 1,
    recvq: result.recvq,
    point,
    seed: result.seed,
    replications: result.replications,
    warm_up: result.warm_up,
    ...(result.stopping && { stopping: result.stopping }),
    ...(incomplete !== undefined && { incomplete }),
    deterministic: result.deterministic,
    ...(result.intervals && { intervals: result.intervals }),
    fingerprint: result.fingerprint,
    requests: result.requests,
    ...(result.regimes && { regimes: result.regimes }),
    outcomes: result.outcomes,
    failure: estimator.share(failures(numbers), "sent"),
    rates: Object.fromEntries(
      Object.keys(result.outcomes).map((outcome) => [outcome, rateOf(outcome, first, estimator)]),
    ),
    nginx: result.nginx,
    errors: result.errors,
    causes: result.causes,
    cause_shares: causeShares(result.causes, first, estimator),
    never: { low: never.low, high: never.high },
    latencies: { ...result.latencies, ...(success && { success: estimator.latency("successes") }) },
    levels: result.series.levels.map(({ name, limit, peak, average }) => {
      return { name, ...(limit !== undefined && { limit }), peak, average };
    }),
    highest: Object.fromEntries(
      (Object.keys(LEVELS) as LevelKind[]).map((kind) => [kind, highestOf(kind, first, estimator)]),
    ) as PointResult["highest"],
    work: { ...result.work, wasted_share: estimator.derived(metric("wasted.share", first).values) },
    warnings: result.warnings,
  };
}

function metric(name: string, first: Replication): Metric {
  return metricOf(name, first) as Metric;
}

function rateOf(outcome: string, first: Replication, estimator: Estimator): Estimate {
  const inBatches = (batches: Columns) => {
    const lengths = batches.of("length");
    return batches.of(`count outcome.${outcome}`).map((count, index) => count / (lengths[index] as number));
  };
  return estimator.derived(metric(`${outcome}.rate`, first).values, inBatches);
}

function causeShares(
  causes: PointResult["causes"],
  first: Replication,
  estimator: Estimator,
): PointResult["cause_shares"] {
  const shareOf = (wanted: string) => {
    const columns = [...first.causes.entries()].flatMap(([index, { id }]) =>
      id === wanted ? [`count cause.${index}`] : [],
    );
    return estimator.share(columns, "sent");
  };
  return Object.fromEntries([...new Set(causes.map(({ id }) => id))].map((id) => [id, shareOf(id)]));
}

/** A batch has no highest level: its peak is that of the run's part. */
function highestOf(kind: LevelKind, first: Replication, estimator: Estimator) {
  const mean = metric(`${kind}.mean`, first).values;
  return { max: estimator.derived(metric(`${kind}.max`, first).values), mean: estimator.derived(mean, mean) };
}
