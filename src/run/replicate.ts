// One replication: a world, built for it or reset, runs to its end, and leaves a plain record.

import type { Component } from "../component/component.js";
import type { EndedRequest } from "../component/recorder.js";
import { SettingError } from "../component/setting-error.js";
import { Waits } from "../component/waits.js";
import type { LimitNote, Table, World } from "../component/world.js";
import { type Batches, chosen } from "./batch-numbers.js";
import { levelOf, record } from "./record.js";
import { isSettled, LONG } from "./settled.js";
import { type Stage, Worlds } from "./worlds.js";

/** What to run, and what it needs from outside. */
export interface Job {
  /** Validated settings of the scenario by section. */
  settings: Record<string, unknown>;
  components: readonly Component[];
  seed: string;
  table: (file: string) => Table;
  /** Waits are measured: latencies less the application's time and this. */
  besidesNs?: number | undefined;
}

/** Nanoseconds of the requests that ended in one way. */
export interface LatencyNs {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}

export interface Level {
  name: string;
  limit: number | undefined;
  /** Mean and highest level in each step. */
  means: Float64Array;
  maxima: Float64Array;
  peak: number;
  average: number;
}

export interface Replication {
  sent: number;
  /** Nanoseconds: first and last request sent (NaN without any), last outcome. */
  firstSentNs: number;
  lastSentNs: number;
  lastEndNs: number;
  /** When the last work was done, and how long of that counts. */
  elapsedNs: number;
  measuredNs: number;
  bytesIn: number;
  outcomes: { outcome: string; latency: LatencyNs; ended: Float64Array }[];
  /** Of all requests, as vegeta counts them, of those with an answer, of successes; undefined without any. */
  all: LatencyNs | undefined;
  answered: LatencyNs | undefined;
  successes: LatencyNs | undefined;
  /** The same by route; empty unless there are several. */
  routes: { path: string; outcomes: { outcome: string; latency: LatencyNs }[]; all: LatencyNs | undefined }[];
  causes: { id: string; text: string; settings: string[]; count: number; firstNs: number }[];
  tallies: Record<string, number>;
  stepNs: number;
  levels: Level[];
  busyNs: number;
  wastedNs: number;
  workers: number;
  limits: LimitNote[];
  warnings: string[];
  /** Sums over the answered requests, if waits are measured. */
  waits: { answered: number; delayed: number; waitNs: number } | undefined;
  hash: string;
  /** Events and expiries that happened. */
  events: number;
  /** Nothing was drawn at random. */
  deterministic: boolean;
  /** Requests there will be, on average, and whether this is all of them: see Manner.most. */
  expected: number;
  isWhole: boolean;
  /** Why the load is not the same at all times; empty if it is. */
  changes: string[];
  /** Since when everything counts; and with Manner.settles whether it had settled by then. */
  measuredFromNs: number;
  hasSettled: boolean | undefined;
  /** With Manner.batches, if the load is the same at all times and the run long enough. */
  batches: Batches | undefined;
}

/** How a replication is run. */
export interface Manner {
  /** Nanoseconds from the start that do not count. */
  warmUpNs?: number;
  /**
   * It ends when so many requests have their outcome, if the load is the same at all times; else, and without
   * it, when nothing is left to happen. With 0 the world is built and nothing happens at all.
   */
  most?: number;
  /**
   * Its own first so many requests are its warm-up, if the load is the same at all times and they are 5 % of
   * all or less; `most` does not apply then.
   */
  settles?: number;
  /** What counts is cut into batches, whose spread says how sure the numbers of a single replication are. */
  batches?: boolean;
}

export interface Watch {
  /** Called for every request when its outcome is known, in that order. */
  ended?: ((request: EndedRequest) => void) | undefined;
  /** Called now and then with the share of requests that have their outcome; the run waits for it. */
  progress?: ((share: number) => void | Promise<void>) | undefined;
}

/**
 * Runs replication number `replication` (from 0) to its end: every request has its outcome and all work is
 * done. Throws a SettingError if nothing can be sent at all. Of several replications of a job one `worlds`
 * saves building most of them a world of their own.
 */
export async function replicate(
  job: Job,
  replication: number,
  watch: Watch = {},
  manner: Manner = {},
  worlds = new Worlds(job),
): Promise<Replication> {
  const stage = worlds.take(replication);
  const replicated = await run(stage, job, watch, manner);
  worlds.give(stage);
  return replicated;
}

async function run(stage: Stage, job: Job, watch: Watch, manner: Manner): Promise<Replication> {
  const { world, drew } = stage;
  const { sim, recorder } = world;
  if (recorder.expected === 0) {
    throw new SettingError(["clients"], "expected clients that send a request, got none");
  }
  recorder.observer = watch.ended;
  if (job.besidesNs !== undefined) recorder.waits = new Waits(world.requests, job.besidesNs);
  const warnings = world.start();
  const unfinished = unfinishedCause(world);
  const isLong = world.changes.length === 0 && recorder.expected >= LONG;
  const batches = manner.batches && isLong ? stage.batching() : undefined;
  const measured = measuredFrom(stage, manner.warmUpNs ?? 0, batches?.begin);
  const settles = settlesAfter(manner, world);
  if (!manner.warmUpNs && settles === 0) batches?.begin();
  const most = settles > 0 ? Number.POSITIVE_INFINITY : mostOf(manner, world);
  const pause = watch.progress;
  let isWhole = false;
  let hasSettled: boolean | undefined;
  if (pause || settles > 0 || most < recorder.expected) {
    const goal = Math.min(most, recorder.expected);
    while (!isWhole && recorder.count < settles) {
      isWhole = sim.run(undefined, SLICE_EVENTS);
      await pause?.(Math.min(1, recorder.count / goal));
    }
    if (settles > 0) {
      hasSettled = isSettled(world.gauges.map(levelOf), world.axis.stepNs, sim.now);
      if (hasSettled && !isWhole) measured.beginNow();
    }
    while (!isWhole && recorder.count < most) {
      isWhole = sim.run(undefined, SLICE_EVENTS);
      if (!isWhole) await pause?.(Math.min(1, recorder.count / goal));
    }
  } else isWhole = sim.run();
  // Also after the last slice, or a run of many short replications would never pause.
  await pause?.(1);
  if (isWhole) endUnfinished(world, unfinished);
  for (const notice of world.notices) {
    const text = notice();
    if (text !== undefined) warnings.push(text);
  }
  const changes = [...world.changes];
  const { expected } = recorder;
  const { fromNs: measuredFromNs } = measured;
  const deterministic = !drew();
  const parts = batches?.finish();
  return {
    ...record(world, measured),
    ...{ warnings, deterministic, expected, isWhole, changes, measuredFromNs, hasSettled },
    batches: parts && isWhole ? chosen(parts, world) : undefined,
  };
}

/** A small part of a run, at least so many of which make a large run. */
const SMALL_PART = 0.05;

function settlesAfter({ settles = 0 }: Manner, { changes, recorder }: World): number {
  return changes.length === 0 && settles <= SMALL_PART * recorder.expected ? settles : 0;
}

function mostOf({ most = Number.POSITIVE_INFINITY }: Manner, { changes }: World): number {
  return most > 0 && changes.length > 0 ? Number.POSITIVE_INFINITY : most;
}

/** Since when everything counts. */
export interface Measured {
  fromNs: number;
  /** Requests sent before. */
  sent: number;
  /** From now on, whatever has been counted so far. */
  beginNow(): void;
}

function measuredFrom({ world, warmUp }: Stage, warmUpNs: number, begun?: () => void): Measured {
  const { sim, recorder, requests, gauges, work } = world;
  const measured: Measured = {
    fromNs: warmUpNs,
    // A run that ends before has nothing that counts.
    sent: warmUpNs > 0 ? Number.POSITIVE_INFINITY : 0,
    beginNow() {
      measured.fromNs = sim.now;
      measured.sent = requests.sent;
      recorder.restart(sim.now);
      for (const gauge of gauges) gauge.restart();
      work.wastedNs = 0;
      begun?.();
    },
  };
  if (warmUpNs > 0) {
    recorder.fromNs = warmUpNs;
    warmUp(measured.beginNow).startAt(warmUpNs, 0);
  }
  return measured;
}

/** Declared in every replication, as all causes are, so that it has the same number in each. */
function unfinishedCause({ recorder }: World): number {
  return recorder.cause({
    id: "unfinished",
    text: () => "nobody answers any more, and no timeout ends the waiting",
    settings: [],
  });
}

/** Nothing is left to happen: requests without an outcome by now wait for ever. */
function endUnfinished({ sim, recorder, requests }: World, cause: number): void {
  if (recorder.count >= requests.sent) return;
  for (const request of requests.held()) {
    requests.cause[request] = cause;
    recorder.ended(request, recorder.outcome("unfinished"), sim.now, 0);
  }
}

/**
 * A slice of this many events takes 1 to 4 ms, and 30 ms if every request is written: short enough to answer
 * an interrupt, and threads that wait for something to do; long enough to cost nothing. It is not measured in
 * simulated time, of which a burst takes none.
 */
const SLICE_EVENTS = 10_000;
