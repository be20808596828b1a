// Two scenarios, replication by replication with common random numbers: replication i of both has the same
// seed and the same named streams, so that both get the same arrivals and the same service times, and what
// differs is due to what was changed (Law, Simulation Modeling and Analysis, 11.2).
//
// What is drawn when a request is born or from streams of a part that both have is the same for both. What
// is drawn as events come (delays of retries, think times, the server that nginx takes at random) is the same
// sequence for both, but which request gets which number depends on the order of events.

import type { Scenario } from "../scenario/load.js";
import type { RunSettings } from "../scenario/run-settings.js";
import { version } from "../version.js";
import { changedSettings } from "./changed-settings.js";
import type { Comparison } from "./comparison.js";
import { differencesOf, medianOf } from "./differences.js";
import type { RunOptions } from "./run.js";
import { foundBy, replicationsOf, type Side, type SideOptions, sameWarmUp, sideOf } from "./side.js";
import { watched } from "./watched.js";

/** What it takes to run scenarios in pairs, and to tell what differs. */
export interface PairedOptions extends SideOptions, Pick<RunOptions, "progress" | "signal"> {
  /** The settings that hold, also those that follow from others; without it the resolved ones. */
  effective?: (scenario: Scenario) => Record<string, unknown>;
}

export interface CompareOptions extends PairedOptions {
  /** The runs share no random numbers: to see what sharing gains, and how often chance looks like more. */
  independent?: boolean;
}

/**
 * Predicts what changes from scenario `a` to `b`. Seed and number of replications are those of `a`. Throws a
 * ScenarioError as `run` does, and for a single replication; the signal's reason when it is aborted.
 */
export async function compare(a: Scenario, b: Scenario, options: CompareOptions): Promise<Comparison> {
  const { seed, replications: wanted } = a.settings.run;
  if (wanted < 2) throw a.errorAt(["run", "replications"], NO_PAIRS);
  const watch = watched(options);
  const report = (before: number) =>
    watch && ((done: number) => watch(Math.min(1, (before + done) / (2 * wanted))));
  const sides = [a, sameRun(a, b, options.independent === true)].map((scenario) =>
    sideOf(scenario, options),
  ) as [Side, Side];
  const warmUps = sameWarmUp(await foundBy(sides[0], report(0)), await foundBy(sides[1], report(0)));
  const one = await replicationsOf(sides[0], warmUps[0], report(0));
  const other = await replicationsOf(sides[1], warmUps[1], report(wanted));
  const { effective = ({ resolved }) => resolved } = options;
  const [settingsOfA, settingsOfB] = [a, b].map((scenario) => comparable(effective(scenario)));
  const settings = changedSettings(settingsOfA, settingsOfB);
  const isDeterministic = one.ran.deterministic && other.ran.deterministic;
  const pairs = isDeterministic ? 1 : wanted;
  // Of files that are named alike the contents may differ.
  const isSame = settings.length === 0 && one.result.fingerprint === other.result.fingerprint;
  const isExact = isDeterministic || isSame;
  const differences = differencesOf(one.ran, other.ran, pairs, isExact);
  return {
    version: 1,
    recvq: version,
    seed,
    replications: pairs,
    settings,
    differences,
    variance_ratio: medianOf(
      differences.flatMap(({ variance_ratio: ratio }) => (ratio === null ? [] : [ratio])),
    ),
    a: one.result,
    b: other.result,
    warnings: warningsOf(a, b),
  };
}

export const NO_PAIRS =
  "expected 2 or more, since how sure a difference is follows from how much it differs between pairs of " +
  "replications, got 1; 20 are a good start";

/** `b` with the number of replications of `a`, and with its seed unless they are to be independent. */
function sameRun(a: Scenario, b: Scenario, independent: boolean): Scenario {
  const of = ({ seed, replications }: { seed: unknown; replications: unknown }) => ({
    seed: independent ? `${seed} of B` : seed,
    replications,
  });
  const run = { ...(b.resolved.run as object), ...of(a.resolved.run as RunSettings) };
  return {
    ...b,
    settings: { ...b.settings, run: { ...b.settings.run, ...of(a.settings.run) } as RunSettings },
    resolved: { ...b.resolved, run },
  };
}

/** What may differ: not the seed, the number of replications and what is expected. */
export function comparable({ expect: _, ...settings }: Record<string, unknown>): Record<string, unknown> {
  const { seed: __, replications: ___, ...run } = settings.run as Record<string, unknown>;
  return { ...settings, run };
}

/** What of `run` has no say. */
export function warningsOf(a: Scenario, b: Scenario): string[] {
  const [one, other] = [a.settings.run, b.settings.run];
  const both = [one, other];
  return [
    ...(one.seed === other.seed ? [] : [`run.seed of B, ${other.seed}, has no say: both have that of A`]),
    ...(one.replications === other.replications
      ? []
      : [`run.replications of B, ${other.replications}, has no say: both have that of A`]),
    ...(both.some(({ until }) => until) ? ["run.until has no say: both have run.replications of A"] : []),
    ...(both.some(({ time_limit }) => time_limit !== undefined) ? ["run.time_limit has no say here"] : []),
  ];
}
