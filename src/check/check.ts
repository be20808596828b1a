// Whether a scenario's run shows what it expects.
//
// Each threshold is decided by a sequential test: a look after the scenario's own number of replications, and
// one more each time that there are twice as many, until every one is decided or a limit comes. All looks
// together err with half of 1 - confidence on either side: see `probe`, which names method and source. That
// all thresholds of a scenario are met is claimed if each is; that one is not, at that level over their
// number.

import type { Component } from "../component/component.js";
import type { Table } from "../component/world.js";
import { unprovable } from "../run/objective.js";
import { type Judged, type Probe, probe } from "../run/probe.js";
import { causesOf } from "../run/probed-causes.js";
import type { Job } from "../run/replicate.js";
import { inline, type Replicator } from "../run/replicator.js";
import { ScenarioError } from "../scenario/error.js";
import type { Scenario } from "../scenario/load.js";
import type { Rerun } from "./attribution.js";
import type { CheckedThreshold, ScenarioCheck, Verdict } from "./check-result.js";
import { pathOf, type Threshold } from "./thresholds.js";

export interface CheckOptions {
  components: readonly Component[];
  /** What reads the CSV files that a scenario's settings name. */
  table: (scenario: Scenario) => (file: string) => Table;
  /** Who computes a scenario's replications: by default this thread. */
  replicator?: ((scenario: Scenario, job: Job) => Replicator) | undefined;
  /** 0.95 unless told. */
  confidence?: number | undefined;
  /** Of a scenario that is undecided: 1,000 unless told, and never less than run.replications. */
  mostReplications?: number | undefined;
  /** Asked after each replication whether no further one is to be begun. */
  isOver?: ((scenario: Scenario) => boolean) | undefined;
  /** Is told after each replication, and waited for; what it throws ends the check. */
  ended?: (() => void | Promise<void>) | undefined;
}

export const CONFIDENCE = 0.95;
export const MOST_REPLICATIONS = 1_000;

/** A scenario, and what is expected of it. */
export interface Checked {
  scenario: Scenario;
  thresholds: readonly Threshold[];
}

/**
 * Runs a scenario until each of its thresholds is decided, or a limit comes; at least as often as it says,
 * and `least` times. The result depends on scenario, options and version only, unless `isOver` ends it.
 * Throws a ScenarioError as `run` does, and for a threshold that nothing could show.
 */
export async function checkScenario(
  checked: Checked,
  options: CheckOptions,
  least = 0,
): Promise<{ check: ScenarioCheck; probe: Probe }> {
  const { scenario, thresholds } = checked;
  const { confidence = CONFIDENCE, mostReplications = MOST_REPLICATIONS } = options;
  const { run } = scenario.settings;
  const first = Math.max(2, run.replications, least);
  const most = Math.max(first, mostReplications);
  const isOver = () => options.isOver?.(scenario) ?? false;
  const found = probeOf(checked, { ...options, confidence }, isOver);
  const isOpen = () => found.judged.some(({ finding }) => finding === "undecided");
  await found.upTo(first);
  while (isOpen() && !found.exact && found.replications < most && !isOver()) {
    await found.upTo(Math.min(most, 2 * found.replications));
  }
  const warnings = warningsOf(scenario, found, isOpen() && isOver());
  return { check: checkOf(scenario, thresholds, found, warnings), probe: found };
}

/** The replications of a scenario that is asked for nothing else. */
export async function rerunOf(scenario: Scenario, options: CheckOptions): Promise<Rerun> {
  const { replications } = scenario.settings.run;
  const found = probeOf({ scenario, thresholds: [] }, { ...options, confidence: CONFIDENCE }, () => false);
  await found.upTo(replications);
  const { numbers, first, exact } = found;
  return {
    ran: { numbers, first, deterministic: exact },
    fingerprint: found.fingerprint(exact ? 1 : replications),
  };
}

function probeOf(
  { scenario, thresholds }: Checked,
  { components, table, replicator, ended, confidence }: CheckOptions & { confidence: number },
  isOver: () => boolean,
): Probe {
  const { settings } = scenario;
  const job: Job = { settings, components, seed: settings.run.seed, table: table(scenario) };
  const computing = replicator?.(scenario, job) ?? inline(job);
  return probe({
    ...{ value: 0, scenario, objectives: thresholds.map(({ objective }) => objective) },
    error: 1 - confidence,
    replicator: () => computing,
    ended: async () => ended?.(),
    isOver,
    begun(replication) {
      const problems = thresholds.flatMap(({ objective, index }) => {
        const text = unprovable(objective, replication);
        return text === undefined ? [] : scenario.errorAt(pathOf(index), text).problems;
      });
      if (problems.length > 0) throw new ScenarioError(problems);
    },
  });
}

function checkOf(
  scenario: Scenario,
  thresholds: readonly Threshold[],
  found: Probe,
  warnings: string[],
): ScenarioCheck {
  const judged = found.judged.map((one, index) => thresholdOf(one, thresholds[index] as Threshold, found));
  return {
    source: scenario.source,
    seed: scenario.settings.run.seed,
    replications: found.replications,
    exact: found.exact,
    status: verdictOf(judged),
    thresholds: judged,
    baseline: null,
    causes: causesOf(found),
    warnings,
  };
}

/** Of several together. */
export function verdictOf(all: readonly { status: Verdict }[]): Verdict {
  if (all.some(({ status }) => status === "failed")) return "failed";
  return all.some(({ status }) => status === "undecided") ? "undecided" : "passed";
}

const VERDICTS = { meets: "passed", fails: "failed", undecided: "undecided" } as const;

function thresholdOf(judged: Judged, { objective, place }: Threshold, found: Probe): CheckedThreshold {
  const { interval, finding } = judged;
  const { file, line = null, column = null } = place;
  return {
    ...objective,
    status: VERDICTS[finding],
    estimate: Number.isNaN(interval.value) ? null : interval,
    p: found.exact || Number.isNaN(interval.value) ? null : found.chance(judged),
    replications_needed: finding === "undecided" ? neededFor(judged, found.replications) : null,
    ...{ file, line, column },
  };
}

/** No more than these can be asked for: see run.replications. */
const MOST_NEEDED = 1_000_000;

/** The half-width on the side of the limit falls with the square root of their number. */
function neededFor({ objective, interval }: Judged, replications: number): number | null {
  const { value, low, high } = interval;
  const distance = objective.limit - value;
  const half = distance > 0 ? high - value : value - low;
  const needed = Math.ceil(replications * Math.max(1, half / Math.abs(distance)) ** 2 * MARGIN);
  return needed <= MOST_NEEDED ? needed : null;
}

/** What is claimed has to hold at a higher level than the interval, since there are several looks. */
const MARGIN = 2;

function warningsOf({ settings: { run } }: Scenario, { steady }: Probe, isCut: boolean): string[] {
  return [
    ...(run.until ? ["run.until has no say: replications are made until each threshold is decided"] : []),
    ...(steady ? [] : ["the load has no steady state: what it gives depends on how long it lasts"]),
    ...(isCut ? ["run.time_limit ended it before everything was decided"] : []),
  ];
}
