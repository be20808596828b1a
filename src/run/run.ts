// Runs a scenario's replications and puts the Result together.

import type { Component } from "../component/component.js";
import type { QueueingSystem } from "../component/queueing-system.js";
import type { EndedRequest } from "../component/recorder.js";
import { SettingError } from "../component/setting-error.js";
import type { Table } from "../component/world.js";
import { LimitError } from "../engine/limit-error.js";
import { SECOND } from "../engine/time.js";
import { ScenarioError } from "../scenario/error.js";
import type { Scenario } from "../scenario/load.js";
import type { RunSettings } from "../scenario/run-settings.js";
import { answerOf, type TheoryAnswer } from "../theory/answers.js";
import { version } from "../version.js";
import { type Columns, columns } from "./columns.js";
import { ofBatches, ofReplications } from "./estimator.js";
import { inOrder } from "./in-order.js";
import { ofFirst, ofOne } from "./intervals.js";
import { isMetric, METRIC_EXPECTED, type Metric, metricOf } from "./metrics.js";
import type { Job, Replication } from "./replicate.js";
import { inline, type Replicator } from "./replicator.js";
import type { Result, WarmUp } from "./result.js";
import { seriesOfAll } from "./series.js";
import { type Stop, stopping } from "./stopping.js";
import { numbersOf, summary } from "./summary.js";
import { besideTheory } from "./theory.js";
import { type FoundWarmUp, findWarmUp, givenWarmUp, type Piloting } from "./warm-up.js";

interface Theory extends TheoryAnswer {
  /** How a request ends that finds no place. */
  refused: string;
  besidesNs: number;
}

export interface RunOptions {
  components: readonly Component[];
  /** Reads a CSV file that a setting names, relative to the scenario. */
  table: (file: string) => Table;
  /** Every request of every replication when its outcome is known. */
  ended?: (replication: number, request: EndedRequest) => void;
  /** Who computes the replications, unless every request is wanted: by default this thread. */
  replicator?: (job: Job, wanted: number) => Replicator;
  /** Asked after each replication whether no further one is to be begun: the result is incomplete then. */
  isOver?: () => boolean;
  /** Called now and then with the share of the run that is done; the run waits for it. */
  progress?: (share: number) => void | Promise<void>;
  /** Which system of queueing theory settings describe, if any. */
  system?: (settings: Record<string, unknown>) => QueueingSystem | undefined;
}

/**
 * Predicts what becomes of a scenario's requests.
 *
 * A scenario in which nothing is drawn at random runs once: every further replication would be the same.
 * The result depends on scenario, seed and version only. Throws a ScenarioError for settings that do not go
 * together, for files that do not hold what is expected of them and for runs beyond the limits of the engine.
 */
export async function run(scenario: Scenario, options: RunOptions): Promise<Result> {
  const { settings } = scenario;
  const { seed, replications: least, until, max_replications } = settings.run;
  const { components, table, ended, progress, isOver } = options;
  const wanted = until ? Math.max(least, max_replications) : least;
  const theory = theoryOf(options, settings);
  const job = { settings, components, seed, table, besidesNs: theory?.besidesNs };
  const replicator = (!ended && options.replicator?.(job, wanted)) || inline(job, ended);
  // The spread of a single replication is that of its batches.
  const batches = wanted === 1;
  let all = collection(givenWarmUp(0), wanted);
  let stop: Stop | undefined;
  const report =
    progress && ((done: number) => progress(Math.min(1, done / Math.min(wanted, stop?.needed ?? wanted))));
  try {
    if (until && !isMetric(until.metric)) throw notAMetric(until.metric);
    if (until && batches) throw noneToGoBy();
    const found = await warmUpOf(settings.run, ended ? inline(job) : replicator, {
      // Who wants every request gets none of a pilot.
      isProbed: ended !== undefined,
      batches,
      progress: report && (() => report(0)),
    });
    const { warmUp } = found;
    const manner = { ...(found.manner ?? { warmUpNs: Math.round(warmUp.left_out_s * SECOND) }), batches };
    const done = ended ? [] : found.pilots;
    all = collection(warmUp, wanted);
    for await (const replication of inOrder({ replicator, manner, wanted, done, progress: report })) {
      if (warmUp.left_out_s > 0 && replication.sent === 0) throw tooLong(warmUp);
      all.add(replication);
      if (replication.deterministic) break;
      stop ??= until && stopping(until, metricFor(until.metric, replication), least);
      if (stop?.isEnough(all.numbers, all.count)) break;
      if (isOver?.() && all.count < wanted) {
        const text = `the time limit ended the run after ${all.count} of ${wanted} replications`;
        return { ...all.result(scenario, stop, theory), incomplete: text };
      }
    }
  } catch (error) {
    throw inScenario(error, scenario);
  }
  return all.result(scenario, stop, theory);
}

/** Queueing theory's answer, if any; what is wrong with settings is told by whoever builds the part. */
function theoryOf({ system }: RunOptions, settings: Record<string, unknown>): Theory | undefined {
  try {
    const known = system?.(settings);
    const answer = known && answerOf(known);
    return answer && { ...answer, refused: known.refused, besidesNs: known.besidesNs };
  } catch (error) {
    if (error instanceof SettingError) return undefined;
    throw error;
  }
}

function metricFor(name: string, first: Replication): Metric {
  const metric = metricOf(name, first);
  if (metric === undefined) throw notAMetric(name);
  return metric;
}

function notAMetric(name: string): SettingError {
  return new SettingError(["run", "until", "metric"], `expected ${METRIC_EXPECTED}, got "${name}"`);
}

function noneToGoBy(): SettingError {
  const text =
    "expected 2 or more with run.until, which goes by the spread between replications, got 1; " +
    "a single long one has its intervals from batches, without run.until";
  return new SettingError(["run", "max_replications"], text);
}

/** What of each replication does not count. */
function warmUpOf(
  { warmup, replications }: RunSettings,
  replicator: Replicator,
  piloting: Piloting,
): Promise<FoundWarmUp> | FoundWarmUp {
  if (warmup !== "auto") return { warmUp: givenWarmUp(warmup), pilots: [] };
  return findWarmUp(replicator, replications, piloting);
}

function tooLong({ left_out_s }: WarmUp): SettingError {
  const text = `expected less than a replication lasts, got ${left_out_s} s, after which no request is sent`;
  return new SettingError(["run", "warmup"], text);
}

/** What a user has caused, at its place in the scenario; anything else as it is. */
function inScenario(error: unknown, scenario: Scenario): unknown {
  if (error instanceof SettingError) return scenario.errorAt(error.path, error.text);
  if (!(error instanceof LimitError)) return error;
  return new ScenarioError([{ file: scenario.source, path: "", text: error.message }]);
}

/**
 * Takes the replications one by one. Of each only its numbers are kept, in columns (less than 1 KB), and its
 * part of the sums over time.
 */
function collection(warmUp: WarmUp, wanted: number) {
  const numbers = columns();
  const overTime = seriesOfAll();
  let first: Replication | undefined;
  let replications = 0;
  let fingerprint = 0n;
  return {
    numbers,
    get count() {
      return replications;
    },
    add(replication: Replication): void {
      first ??= replication;
      replications++;
      numbers.add(numbersOf(replication));
      overTime.add(replication);
      fingerprint = withHash(fingerprint, replication.hash);
    },
    result(scenario: Scenario, stop: Stop | undefined, theory: Theory | undefined): Result {
      const { deterministic, limits, warnings } = first as Replication;
      const { run } = scenario.settings;
      const intervals = () =>
        wanted > 1 ? ofFirst(wanted) : ofOne(first as Replication, warmUp, run.warmup !== "auto");
      const one = replications === 1 && !deterministic ? intervals() : undefined;
      const batches = one?.batches && columnsOf(one.batches.rows);
      const estimator = batches ? ofBatches(numbers, batches) : ofReplications(numbers, deterministic);
      return {
        version: 1,
        recvq: version,
        scenario: scenario.resolved,
        source: scenario.source,
        seed: run.seed,
        replications,
        warm_up: warmUp,
        ...(stop && { stopping: stop.outcome(numbers, replications) }),
        deterministic,
        ...(one && { intervals: one.intervals }),
        fingerprint: fingerprint.toString(16).padStart(16, "0"),
        ...summary(first as Replication, numbers, estimator),
        ...(theory && { theory: besideTheory(theory, numbers, batches) }),
        series: overTime.result(estimator),
        limits,
        warnings: [
          ...warnings,
          ...(warmUp.steady ? [] : [`${warmUp.why[0]?.toUpperCase()}${warmUp.why.slice(1)}`]),
          ...(one?.warning === undefined ? [] : [one.warning]),
        ],
      };
    },
  };
}

function columnsOf(rows: readonly (readonly (readonly [string, number])[])[]): Columns {
  const all = columns();
  for (const row of rows) all.add(row);
  return all;
}

/** One fingerprint for all replications, in their order. */
function withHash(fingerprint: bigint, hash: string): bigint {
  return BigInt.asUintN(64, fingerprint * 0x9e3779b97f4a7c15n + BigInt(`0x${hash}`));
}
