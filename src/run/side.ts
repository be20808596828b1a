// One of several scenarios that are run with common random numbers, and all of its replications.

import { SECOND } from "../engine/time.js";
import type { Scenario } from "../scenario/load.js";
import { collection } from "./collection.js";
import type { Columns } from "./columns.js";
import type { Ran } from "./compared.js";
import { inOrder } from "./in-order.js";
import type { Job, Replication } from "./replicate.js";
import { inline, type Replicator } from "./replicator.js";
import type { Result, WarmUp } from "./result.js";
import { inScenario, type RunOptions, tooLong, warmUpOf } from "./run.js";
import { type Theory, theoryOf } from "./theory.js";
import type { FoundWarmUp } from "./warm-up.js";

export interface SideOptions extends Pick<RunOptions, "components" | "system"> {
  /** What reads the CSV files that a scenario's settings name. */
  table: (scenario: Scenario) => RunOptions["table"];
  /** Who computes the replications of this scenario, with its seed: by default this thread. */
  replicator?: (scenario: Scenario, job: Job, wanted: number) => Replicator;
  /** How many scenarios it is worth to run at once: it may grow. */
  atOnce?: () => number;
}

/** A scenario, and all that it takes to run it. */
export interface Side {
  scenario: Scenario;
  replicator: Replicator;
  theory: Theory | undefined;
}

/** One at a time unless told. */
export function atOnceOf({ atOnce = () => 1 }: SideOptions): () => number {
  return atOnce;
}

export function sideOf(scenario: Scenario, options: SideOptions): Side {
  const { settings } = scenario;
  const { seed, replications } = settings.run;
  const { components, system, table } = options;
  const theory = theoryOf(system, settings);
  const job = { settings, components, seed, table: table(scenario), besidesNs: theory?.besidesNs };
  const replicator = options.replicator?.(scenario, job, replications) ?? inline(job);
  return { scenario, replicator, theory };
}

type Report = ((done: number) => void | Promise<void>) | undefined;

/** What of its replications does not count. */
export async function foundBy({ scenario, replicator }: Side, report: Report): Promise<FoundWarmUp> {
  const progress = report && (() => report(0));
  try {
    return await warmUpOf(scenario.settings.run, replicator, { isProbed: false, batches: false, progress });
  } catch (error) {
    throw inScenario(error, scenario);
  }
}

/** Of two loads that last the same time is left out, so that the same requests count in both. */
export function sameWarmUp(a: FoundWarmUp, b: FoundWarmUp): [FoundWarmUp, FoundWarmUp] {
  if (!a.lasts || !b.lasts || a.warmUp.left_out_s === b.warmUp.left_out_s) return [a, b];
  const longest = longerOf(a, b);
  const why = `${longest.warmUp.why}, the longer one of both scenarios`;
  const warmUp: WarmUp = { ...longest.warmUp, why };
  return [
    { warmUp, pilots: [] },
    { warmUp, pilots: [] },
  ];
}

export function longerOf(a: FoundWarmUp, b: FoundWarmUp): FoundWarmUp {
  return b.warmUp.left_out_s > a.warmUp.left_out_s ? b : a;
}

/** The replications of a scenario that there are so far. */
export interface Grown {
  /** Grows with each. */
  ran: Ran;
  /** What came out, as if there were no more. */
  result(): Result;
}

/**
 * All replications of one scenario, one after the other or as many at once as its replicator computes: what
 * there is after each, in their order. Where nothing is random there is one. `wanted` is how many, if not as
 * many as the scenario says.
 */
export async function* growing(
  { scenario, replicator, theory }: Side,
  { warmUp, manner: found, pilots: done }: FoundWarmUp,
  progress: Report,
  wanted: number = scenario.settings.run.replications,
): AsyncGenerator<Grown, void> {
  const manner = found ?? { warmUpNs: Math.round(warmUp.left_out_s * SECOND) };
  const all = collection(warmUp, wanted);
  let ran: Ran | undefined;
  try {
    for await (const replication of inOrder({ replicator, manner, wanted, done, progress })) {
      if (warmUp.left_out_s > 0 && replication.sent === 0) throw tooLong(warmUp);
      all.add(replication);
      ran ??= ranOf(all.numbers, replication);
      yield { ran, result: () => all.result(scenario, theory) };
      if (replication.deterministic) return;
    }
  } catch (error) {
    throw inScenario(error, scenario);
  }
}

/** Of the replications only their numbers are kept. */
function ranOf(numbers: Columns, { outcomes, causes, levels, deterministic }: Replication): Ran {
  return { numbers, first: { outcomes, causes, levels }, deterministic };
}

/** All replications of one scenario. */
export interface All {
  ran: Ran;
  result: Result;
}

/** What there is at the end of them. */
export async function allOf(stream: AsyncIterable<Grown>): Promise<All> {
  let last: Grown | undefined;
  for await (const grown of stream) last = grown;
  const { ran, result } = last as Grown;
  return { ran, result: result() };
}

/** The same of a side that nobody watches grow. */
export function replicationsOf(...asked: Parameters<typeof growing>): Promise<All> {
  return allOf(growing(...asked));
}
