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
import type { ComparedPairs, Comparison } from "./comparison.js";
import { differencesOf, medianOf } from "./differences.js";
import type { RunOptions } from "./run.js";
import {
  type All,
  allOf,
  foundBy,
  type Grown,
  growing,
  type SideOptions,
  sameWarmUp,
  sideOf,
} from "./side.js";
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
 *
 * One scenario is run after the other. Threads know one scenario each, so that pairs keep twice as many of
 * them busy: 20 replications of a tenth of a second took 1.11 times the processor time, 8 of a second 1.19
 * times the memory (short-backlog, 2 cores, Node 20.20, 2026-12).
 */
export async function compare(a: Scenario, b: Scenario, options: CompareOptions): Promise<Comparison> {
  const { streams, wanted, comparison } = await bothOf(a, b, options);
  return comparison([await allOf(streams[0]), await allOf(streams[1])], wanted);
}

/** From twenty pairs on a Comparison is made when there are 5 % more of them, so that all cost little. */
const EVERY = 1.05;

/**
 * The same pair by pair: yields what is known after each, from two on, and with many of them now and then,
 * which depends on their number only. The last one is what `compare` answers; it is returned as well. Throws
 * as `compare` does.
 */
export async function* comparing(
  a: Scenario,
  b: Scenario,
  options: CompareOptions,
): AsyncGenerator<ComparedPairs, Comparison> {
  const { streams, wanted, comparison } = await bothOf(a, b, options);
  const grown: Grown[] = [];
  let next = 2;
  try {
    for (let pairs = 1; ; pairs++) {
      for (const [side, stream] of streams.entries()) {
        const { done, value } = await stream.next();
        // Where nothing is random the first one is all of them.
        if (!done) grown[side] = value;
      }
      const isExact = grown.every(({ ran }) => ran.deterministic);
      const isLast = isExact || pairs === wanted;
      if (pairs < next && !isLast) continue;
      next = Math.max(pairs + 1, Math.ceil(pairs * EVERY));
      const [one, other] = grown.map(({ ran, result }) => ({ ran, result: result() })) as [All, All];
      const found = comparison([one, other], pairs);
      yield { pairs, wanted: isExact ? 1 : wanted, comparison: found };
      if (isLast) return found;
      options.signal?.throwIfAborted();
    }
  } finally {
    // Nobody asks for further replications then.
    for (const stream of streams) await stream.return();
  }
}

/** Two scenarios that are about to be run, and what is made of their replications. */
interface Both {
  streams: [AsyncGenerator<Grown, void>, AsyncGenerator<Grown, void>];
  /** Pairs, unless nothing in either is random. */
  wanted: number;
  comparison(both: readonly [All, All], pairs: number): Comparison;
}

async function bothOf(a: Scenario, b: Scenario, options: CompareOptions): Promise<Both> {
  const { replications: wanted } = a.settings.run;
  if (wanted < 2) throw a.errorAt(["run", "replications"], NO_PAIRS);
  const watch = watched(options);
  const done: [number, number] = [0, 0];
  const report = (side: 0 | 1) =>
    watch &&
    ((replications: number) => {
      done[side] = replications;
      return watch(Math.min(1, (done[0] + done[1]) / (2 * wanted)));
    });
  const sides = [sideOf(a, options), sideOf(sameRun(a, b, options.independent === true), options)] as const;
  const found = sameWarmUp(await foundBy(sides[0], report(0)), await foundBy(sides[1], report(1)));
  async function* stream(side: 0 | 1): AsyncGenerator<Grown, void> {
    yield* growing(sides[side], found[side], report(side));
    // Also if a single one is all of them.
    done[side] = wanted;
  }
  return {
    streams: [stream(0), stream(1)],
    wanted,
    comparison: (both, pairs) => comparisonOf([a, b], both, pairs, options),
  };
}

/** `wanted` is how many pairs there are, unless nothing in them is random. */
function comparisonOf(
  [a, b]: readonly [Scenario, Scenario],
  [one, other]: readonly [All, All],
  wanted: number,
  { effective = ({ resolved }) => resolved }: CompareOptions,
): Comparison {
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
    seed: a.settings.run.seed,
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
