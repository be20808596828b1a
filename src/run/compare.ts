// Two scenarios, replication by replication with common random numbers: replication i of both has the same
// seed and the same named streams, so that both get the same arrivals and the same service times, and what
// differs is due to what was changed (Law, Simulation Modeling and Analysis, 11.2).
//
// What is drawn when a request is born or from streams of a part that both have is the same for both. What
// is drawn as events come (delays of retries, think times, the server that nginx takes at random) is the same
// sequence for both, but which request gets which number depends on the order of events.

import { SECOND } from "../engine/time.js";
import type { Scenario } from "../scenario/load.js";
import type { RunSettings } from "../scenario/run-settings.js";
import { version } from "../version.js";
import { changedSettings } from "./changed-settings.js";
import { collection } from "./collection.js";
import type { Ran } from "./compared.js";
import type { Comparison } from "./comparison.js";
import { differencesOf, medianOf } from "./differences.js";
import { inOrder } from "./in-order.js";
import type { Job, Replication } from "./replicate.js";
import { inline, type Replicator } from "./replicator.js";
import type { Result, WarmUp } from "./result.js";
import { inScenario, type RunOptions, tooLong, warmUpOf } from "./run.js";
import { type Theory, theoryOf } from "./theory.js";
import type { FoundWarmUp } from "./warm-up.js";

export interface CompareOptions extends Pick<RunOptions, "components" | "progress" | "system"> {
  /** What reads the CSV files that a scenario's settings name. */
  table: (scenario: Scenario) => RunOptions["table"];
  /** Who computes the replications of this scenario, with its seed: by default this thread. */
  replicator?: (scenario: Scenario, job: Job, wanted: number) => Replicator;
  /** The settings that hold, also those that follow from others; without it the resolved ones. */
  effective?: (scenario: Scenario) => Record<string, unknown>;
  /** The runs share no random numbers: to see what sharing gains, and how often chance looks like more. */
  independent?: boolean;
}

/** A scenario, and all that it takes to run it. */
interface Side {
  scenario: Scenario;
  replicator: Replicator;
  theory: Theory | undefined;
}

/**
 * Predicts what changes from scenario `a` to `b`. Seed and number of replications are those of `a`. Throws a
 * ScenarioError as `run` does, and for a single replication.
 */
export async function compare(a: Scenario, b: Scenario, options: CompareOptions): Promise<Comparison> {
  const { seed, replications: wanted } = a.settings.run;
  if (wanted < 2) throw a.errorAt(["run", "replications"], NO_PAIRS);
  const { progress } = options;
  const report = (before: number) =>
    progress && ((done: number) => progress(Math.min(1, (before + done) / (2 * wanted))));
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

const NO_PAIRS =
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

/** What may differ: not the seed and the number of replications. */
function comparable(settings: Record<string, unknown>): Record<string, unknown> {
  const { seed: _, replications: __, ...run } = settings.run as Record<string, unknown>;
  return { ...settings, run };
}

function sideOf(scenario: Scenario, options: CompareOptions): Side {
  const { settings } = scenario;
  const { seed, replications } = settings.run;
  const { components, system, table } = options;
  const theory = theoryOf(system, settings);
  const job = { settings, components, seed, table: table(scenario), besidesNs: theory?.besidesNs };
  const replicator = options.replicator?.(scenario, job, replications) ?? inline(job);
  return { scenario, replicator, theory };
}

type Report = ((done: number) => void | Promise<void>) | undefined;

async function foundBy({ scenario, replicator }: Side, report: Report): Promise<FoundWarmUp> {
  const progress = report && (() => report(0));
  try {
    return await warmUpOf(scenario.settings.run, replicator, { isProbed: false, batches: false, progress });
  } catch (error) {
    throw inScenario(error, scenario);
  }
}

/** Of two loads that last the same time is left out, so that the same requests count in both. */
function sameWarmUp(a: FoundWarmUp, b: FoundWarmUp): [FoundWarmUp, FoundWarmUp] {
  if (!a.lasts || !b.lasts || a.warmUp.left_out_s === b.warmUp.left_out_s) return [a, b];
  const longest = [a, b].reduce((one, other) =>
    other.warmUp.left_out_s > one.warmUp.left_out_s ? other : one,
  );
  const why = `${longest.warmUp.why}, the longer one of both scenarios`;
  const warmUp: WarmUp = { ...longest.warmUp, why };
  return [
    { warmUp, pilots: [] },
    { warmUp, pilots: [] },
  ];
}

/** All replications of one scenario, one after the other or as many at once as its replicator computes. */
async function replicationsOf(
  { scenario, replicator, theory }: Side,
  { warmUp, manner: found, pilots: done }: FoundWarmUp,
  progress: Report,
): Promise<{ ran: Ran; result: Result }> {
  const wanted = scenario.settings.run.replications;
  const manner = found ?? { warmUpNs: Math.round(warmUp.left_out_s * SECOND) };
  const all = collection(warmUp, wanted);
  let first: Replication | undefined;
  try {
    for await (const replication of inOrder({ replicator, manner, wanted, done, progress })) {
      if (warmUp.left_out_s > 0 && replication.sent === 0) throw tooLong(warmUp);
      first ??= replication;
      all.add(replication);
      if (replication.deterministic) break;
    }
  } catch (error) {
    throw inScenario(error, scenario);
  }
  const { outcomes, causes, levels, deterministic } = first as Replication;
  const ran = { numbers: all.numbers, first: { outcomes, causes, levels }, deterministic };
  return { ran, result: all.result(scenario, theory) };
}

/** What of `run` has no say. */
function warningsOf(a: Scenario, b: Scenario): string[] {
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
