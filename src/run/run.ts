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
import { type Collection, collection } from "./collection.js";
import { isMetric, METRIC_EXPECTED, type Metric, metricOf } from "./metrics.js";
import type { Job, Replication } from "./replicate.js";
import { inline, type Replicator } from "./replicator.js";
import type { Result, WarmUp } from "./result.js";
import { type Stop, stopping } from "./stopping.js";
import { type Theory, theoryOf } from "./theory.js";
import { type FoundWarmUp, findWarmUp, following, givenWarmUp, type Piloting } from "./warm-up.js";
import { watched } from "./watched.js";
import { Worlds } from "./worlds.js";

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
  /** Ends the run when it is aborted, which throws its reason. */
  signal?: AbortSignal | undefined;
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
  const { all, theory, stop, incomplete } = await gathered(scenario, options);
  return { ...all.result(scenario, theory, stop), ...(incomplete !== undefined && { incomplete }) };
}

/** The replications of a run, and what else its Result is made of. */
export interface Gathered {
  all: Collection;
  theory: Theory | undefined;
  stop: Stop | undefined;
  /** Why there are fewer replications than asked for. */
  incomplete?: string;
}

/** Runs the replications that `run` makes a Result of. */
export async function gathered(scenario: Scenario, options: RunOptions): Promise<Gathered> {
  const { settings } = scenario;
  const { seed, replications: least, until, max_replications } = settings.run;
  const { components, table, ended, isOver } = options;
  const progress = watched(options);
  const wanted = until ? Math.max(least, max_replications) : least;
  const theory = theoryOf(options.system, settings);
  const job = { settings, components, seed, table, besidesNs: theory?.besidesNs };
  const worlds = new Worlds(job);
  const replicator = (!ended && options.replicator?.(job, wanted)) || inline(job, ended, worlds);
  // The spread of a single replication is that of its batches.
  const batches = wanted === 1;
  let all = collection(givenWarmUp(0), wanted);
  let stop: Stop | undefined;
  const report =
    progress && ((done: number) => progress(Math.min(1, done / Math.min(wanted, stop?.needed ?? wanted))));
  try {
    if (until && !isMetric(until.metric)) throw notAMetric(until.metric);
    if (until && batches) throw noneToGoBy();
    const found = await warmUpOf(settings.run, ended ? inline(job, undefined, worlds) : replicator, {
      // Who wants every request gets none of a pilot.
      isProbed: ended !== undefined,
      batches,
      wanted,
      progress: report,
      isOver,
    });
    const { warmUp } = found;
    const manner = { ...(found.manner ?? { warmUpNs: Math.round(warmUp.left_out_s * SECOND) }), batches };
    all = collection(warmUp, wanted);
    const begun = ended ? { pilots: [] } : found;
    const asked = { replicator, manner, wanted, progress: report, isOver };
    let isEnough = false;
    for await (const replication of following(begun, asked)) {
      if (warmUp.left_out_s > 0 && replication.sent === 0) throw tooLong(warmUp);
      all.add(replication);
      stop ??= until && stopping(until, metricFor(until.metric, replication), least);
      isEnough = replication.deterministic || stop?.isEnough(all.numbers, all.count) === true;
      if (isEnough) break;
    }
    if (!isEnough && all.count < wanted) {
      const incomplete = `the time limit ended the run after ${all.count} of ${wanted} replications`;
      return { all, theory, stop, incomplete };
    }
  } catch (error) {
    throw inScenario(error, scenario);
  }
  return { all, theory, stop };
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
export function warmUpOf(
  { warmup, replications }: RunSettings,
  replicator: Replicator,
  piloting: Piloting,
): Promise<FoundWarmUp> | FoundWarmUp {
  if (warmup !== "auto") return { warmUp: givenWarmUp(warmup), pilots: [] };
  return findWarmUp(replicator, replications, piloting);
}

export function tooLong({ left_out_s }: WarmUp): SettingError {
  const text = `expected less than a replication lasts, got ${left_out_s} s, after which no request is sent`;
  return new SettingError(["run", "warmup"], text);
}

/** What a user has caused, at its place in the scenario; anything else as it is. */
export function inScenario(error: unknown, scenario: Scenario): unknown {
  if (error instanceof SettingError) return scenario.errorAt(error.path, error.text);
  if (!(error instanceof LimitError)) return error;
  return new ScenarioError([{ file: scenario.source, path: "", text: error.message }]);
}
