// What of a run does not count because the system is still filling up.
//
// A stationary load that lasts is meant to say what happens in the long run, so the first part is left out,
// by MSER on the number of requests that wait or run, averaged over a few pilot replications. A short load
// test is an experiment of its own and counts whole, and so does a load that changes: it has no steady state.

import { SECOND } from "../engine/time.js";
import { mser } from "../stats/mser.js";
import { inOrder, type Wanted } from "./in-order.js";
import { joinedSteps } from "./joined-steps.js";
import type { Manner, Replication } from "./replicate.js";
import type { Replicator } from "./replicator.js";
import type { WarmUp } from "./result.js";
import { isOfRequests, LONG } from "./settled.js";

const PILOTS = 5;
const PILOT_REQUESTS = 50_000;
const PILOT: Manner = { most: PILOT_REQUESTS, settles: PILOT_REQUESTS };

export interface FoundWarmUp {
  warmUp: WarmUp;
  /** Whole replications, from number 0 on, that count as they are. */
  pilots: Replication[];
  /** How further ones are run, if not with the time that is left out. */
  manner?: Manner;
  /** Those that come after the pilots, if all count as pilots do: some may be computed by now. */
  further?: AsyncGenerator<Replication>;
  /** The load is the same at all times and has settled, so that more could be left out as well. */
  lasts?: boolean;
}

export interface Piloting {
  /** Nothing of a pilot can be used, so that there is none unless it is needed. */
  isProbed: boolean;
  /**
   * The only replication is cut into batches, and a pilot may turn out to be it. In its own first part alone
   * MSER would leave out what is busier than the rest by chance; so there are more pilots than that.
   */
  batches: boolean;
  /** As many replications there will be, if known: others may begin while the first one is computed. */
  wanted?: number;
  /** Is told how many are done, fractions included; the run waits for it. */
  progress: ((done: number) => void | Promise<void>) | undefined;
  /** No further ones are wanted when it says so; of pilots, all are. */
  isOver?: (() => boolean) | undefined;
}

/**
 * Decides by pilot replications of at most 50,000 requests each, and no more than `least` of them unless
 * there is only one.
 */
export async function findWarmUp(
  replicator: Replicator,
  least: number,
  { isProbed, batches, wanted = 1, progress, isOver }: Piloting,
): Promise<FoundWarmUp> {
  if (isProbed) {
    const probe = await replicator.replicate(0, { most: 0 });
    const why = reasonToCountAll({ ...probe, deterministic: false });
    if (why !== undefined) return { warmUp: none(why, probe.expected >= LONG), pilots: [] };
  }
  const asked = { replicator, manner: { ...PILOT, batches }, done: [], progress };
  const further = inOrder({ ...asked, wanted, isOver });
  const first: Replication = (await further.next()).value;
  if (first.hasSettled !== undefined) return { ...ofItsOwn(first), further };
  const why = reasonToCountAll(first);
  const isWhole = why !== undefined && first.isWhole;
  if (isWhole) return { warmUp: none(why, first.expected >= LONG), pilots: [first], further };
  const pilots = [first];
  const most = why !== undefined ? 1 : batches ? PILOTS : Math.min(PILOTS, least);
  while (pilots.length < Math.min(most, wanted)) {
    const { value, done } = await further.next();
    if (done) break;
    pilots.push(value);
  }
  await further.return(undefined);
  if (why !== undefined) return { warmUp: none(why, first.expected >= LONG), pilots: [] };
  for await (const pilot of inOrder({ ...asked, wanted: most, first: pilots.length })) pilots.push(pilot);
  const { levels, stepNs } = inSystem(pilots);
  const steps = mser(levels);
  const usable = whole(pilots).slice(0, least);
  if (steps === undefined) return { warmUp: unsteady(pilots), pilots: usable };
  if (steps === 0)
    return { warmUp: none("the load holds from the start", true), pilots: usable, lasts: true };
  const left_out_s = (steps * stepNs) / SECOND;
  const warmUp = { left_out_s, why: "MSER of pilot replications", steady: true, told: true };
  return { warmUp, pilots: [], lasts: true };
}

/** Of a very long run the first requests are left out, or none if it had not settled by then. */
function ofItsOwn(first: Replication): FoundWarmUp {
  const manner = { settles: PILOT_REQUESTS };
  if (!first.hasSettled) return { warmUp: unsteady([first]), pilots: [first], manner };
  const left_out_s = first.measuredFromNs / SECOND;
  const why = `its first ${PILOT_REQUESTS} requests, within which it has settled`;
  return { warmUp: { left_out_s, why, steady: true, told: true }, pilots: [first], manner };
}

function unsteady(pilots: readonly Replication[]): WarmUp {
  const busy = `workers were busy ${(100 * busyShare(pilots)).toFixed(0)} % of the time`;
  const why = `no steady state was reached (${busy}), so the numbers depend on how long the run is`;
  return { ...none(why, true), steady: false };
}

/** A warm-up that the scenario gives. */
export function givenWarmUp(ns: number): WarmUp {
  return { left_out_s: ns / SECOND, why: "run.warmup", steady: true, told: ns > 0 };
}

function none(why: string, told: boolean): WarmUp {
  return { left_out_s: 0, why, steady: true, told };
}

function reasonToCountAll({ deterministic, changes, expected }: Replication): string | undefined {
  if (deterministic) return "nothing is random";
  if (changes[0] !== undefined) return changes[0];
  return expected < LONG ? `a test of fewer than ${LONG} requests counts whole` : undefined;
}

/** The pilots, and then those that are wanted besides: as they were begun, or in the manner asked for. */
export async function* following(
  { pilots, further }: Pick<FoundWarmUp, "pilots" | "further">,
  asked: Omit<Wanted, "done">,
): AsyncGenerator<Replication> {
  if (further === undefined) return yield* inOrder({ ...asked, done: pilots });
  yield* pilots;
  yield* further;
}

/** Replications are taken from number 0 on without a gap. */
function whole(pilots: readonly Replication[]): Replication[] {
  return pilots.every(({ isWhole }) => isWhole) ? [...pilots] : [];
}

/** Requests that wait or run, in each step while requests are sent, averaged over the pilots. */
function inSystem(pilots: readonly Replication[]): { levels: number[]; stepNs: number } {
  const stepNs = Math.max(...pilots.map((pilot) => pilot.stepNs));
  const sum = (one: number, other: number) => one + other;
  const all = joinedSteps((one, other) => (one + other) / 2, sum);
  for (const pilot of pilots) {
    for (const { name, means } of pilot.levels) if (isOfRequests({ name })) all.add(means, pilot.stepNs);
  }
  // The last step is not full.
  const steps = Math.floor(Math.min(...pilots.map(({ lastSentNs }) => lastSentNs)) / stepNs);
  return { levels: Array.from(all.at(stepNs).subarray(0, Math.max(0, steps))), stepNs };
}

function busyShare(pilots: readonly Replication[]): number {
  const busy = pilots.reduce((sum, { busyNs }) => sum + busyNs, 0);
  return busy / pilots.reduce((sum, { workers, measuredNs }) => sum + workers * measuredNs, 0);
}
