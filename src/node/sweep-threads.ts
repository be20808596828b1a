// Points on all cores. What a moment is enough for is computed in this thread; the others go to threads, a
// whole point to each. Where there are fewer points than keep all threads busy to the end, those whose
// replications are long are taken apart.
//
// A replication depends on the scenario, the seed and its number only, so it is the same in any thread.

import { availableParallelism } from "node:os";
import type { Tinypool } from "tinypool";
import { SettingError } from "../component/setting-error.js";
import { LimitError } from "../engine/limit-error.js";
import { computePoint, type Point, type PointOptions } from "../run/point.js";
import type { PointResult } from "../run/point-result.js";
import type { Job, Manner, Replication } from "../run/replicate.js";
import { inline, type Replicator } from "../run/replicator.js";
import type { PointComputer } from "../run/sweep.js";
import { type Problem, ScenarioError } from "../scenario/error.js";
import { threadPool } from "./pool.js";
import { threadMs } from "./thread-time.js";
import { PATIENCE_MS, REPORT_MS } from "./threads.js";

/** Of replications that take as long, a point is taken apart where points are few. */
const LONG_MS = 1_000;

/** What a thread is asked: a whole point, as long as its replications are short; or one replication. */
export interface PointTask {
  point: Point;
  /** Where it says how much of the task is done: shared between all threads. */
  shares: Float64Array;
  place: number;
  /** A replication that takes as long ends the point. */
  longMs: number;
  replication?: { index: number; manner: Manner; besidesNs: number | undefined };
}

/** What it answers. The classes of errors do not get from one thread to another. */
export type PointAnswer =
  | ({ result: PointResult } & Took)
  | ({ replication: Replication } & Took)
  | ({ long: Done } & Took)
  | { problems: readonly Problem[] }
  | { limit: string }
  | { setting: { path: (string | number)[]; text: string } };

/** Milliseconds of processor time: for all replications together, and for the longest of them. */
export interface Took {
  longestMs: number;
  tookMs: number;
}

/** Replications that are known already, by what they depend on. */
export type Done = Map<string, Replication>;

/** Thrown by a replicator when a replication was long. */
export class LongReplication extends Error {}

export interface SweepThreadsOptions extends Pick<PointOptions, "components" | "system"> {
  /** As many threads; undefined for one for each processor. */
  count: number | undefined;
  /** The program of a thread. */
  program: URL;
  longMs?: number;
  patienceMs?: number;
}

/** A computer of points that starts its threads when it turns out that they are worth it. */
export function sweepThreads({
  count = availableParallelism(),
  program,
  longMs = LONG_MS,
  patienceMs = PATIENCE_MS,
  ...models
}: SweepThreadsOptions): PointComputer & { stop(): Promise<void> } {
  const shares = new Float64Array(new SharedArrayBuffer(8 * 4 * count));
  const free = [...shares.keys()];
  const slots = semaphore(count);
  let pool: Promise<Tinypool> | undefined;
  const here = { spentMs: 0, sinceMs: Number.NaN };
  let inFlight = 0;
  // Of the point that was heard of last.
  let last: Took = { longestMs: 0, tookMs: 0 };

  /** Each thread has another point when it is through with its own. */
  const areMany = () => inFlight >= 2 * count;

  /**
   * No more at a time than there are threads. Undefined if it is a point that is to
   * be taken apart now that its turn has come.
   */
  async function ask(
    task: Pick<PointTask, "point" | "replication">,
    progress: PointOptions["progress"],
  ): Promise<PointAnswer | undefined> {
    await slots.take();
    if (!task.replication && last.longestMs >= longMs && !areMany()) {
      slots.free();
      return undefined;
    }
    const place = free.pop() as number;
    shares[place] = 0;
    let reports: NodeJS.Timeout | undefined;
    const failure = new Promise<never>((_, reject) => {
      if (!progress) return;
      const report = async () => progress(shares[place] as number);
      reports = setInterval(() => void report().catch(reject), REPORT_MS);
    });
    try {
      const isLong = task.replication !== undefined || last.tookMs >= longMs;
      const endsAtMs = isLong ? Number.POSITIVE_INFINITY : longMs;
      pool ??= threadPool(program, count);
      const asked = (await pool).run({ ...task, shares, place, longMs: endsAtMs });
      const answer = (await Promise.race([asked, failure])) as PointAnswer;
      if ("tookMs" in answer) last = { longestMs: answer.longestMs, tookMs: answer.tookMs };
      return answer;
    } finally {
      clearInterval(reports);
      free.push(place);
      slots.free();
    }
  }

  /** The point's replications, each in any thread unless it is known already. */
  function apart(point: Point, done: Done): (job: Job) => Replicator {
    return (job) => ({
      width: count,
      async replicate(index, manner, progress) {
        const known = done.get(keyOf(index, manner));
        if (known) return known;
        const replication = { index, manner, besidesNs: job.besidesNs };
        // A single replication always has one.
        const answer = (await ask({ point, replication }, progress)) as PointAnswer;
        if ("replication" in answer) return answer.replication;
        throw errorOf(answer);
      },
    });
  }

  /** A moment has passed; threads are started then, also while this one goes on with a long replication. */
  function isPast(): boolean {
    const running = Number.isNaN(here.sinceMs) ? 0 : performance.now() - here.sinceMs;
    return here.spentMs + running >= patienceMs;
  }

  async function computeHere(point: Point, progress: PointOptions["progress"]): Promise<PointResult | Done> {
    await slots.take();
    here.sinceMs = performance.now();
    const done: Done = new Map();
    const timed = timing();
    const replicator = (job: Job) => remembering(timed.replicator(inline(job)), done, isPast);
    try {
      return await computePoint(point, { ...models, replicator, ...(progress && { progress }) });
    } catch (error) {
      if (error instanceof LongReplication) return done;
      throw error;
    } finally {
      here.spentMs += performance.now() - here.sinceMs;
      here.sinceMs = Number.NaN;
      last = timed.took;
      slots.free();
    }
  }

  function takenApart(point: Point, done: Done, progress: PointOptions["progress"]): Promise<PointResult> {
    return computePoint(point, { ...models, replicator: apart(point, done), ...(progress && { progress }) });
  }

  async function computed(point: Point, progress: PointOptions["progress"]): Promise<PointResult> {
    let done: Done = new Map();
    if (!isPast()) {
      // What is long is taken apart; what is short is begun anew elsewhere, which costs a moment.
      const found = await computeHere(point, progress);
      if (!(found instanceof Map)) return found;
      done = found;
      if (last.longestMs >= longMs) return takenApart(point, done, progress);
    }
    const answer = await ask({ point }, progress);
    if (answer === undefined) return takenApart(point, done, progress);
    if ("result" in answer) return answer.result;
    if ("long" in answer) return takenApart(point, answer.long, progress);
    throw errorOf(answer);
  }

  return {
    get width() {
      return isPast() ? 2 * count : 1;
    },
    async compute(point, progress) {
      inFlight++;
      return computed(point, progress).finally(() => {
        inFlight--;
      });
    },
    stop: async () => {
      await (await pool)?.destroy();
    },
  };
}

/**
 * Measures how long the replications of a replicator take, all and the longest of them. By the clock, a
 * machine with others on it would have short ones taken apart, and each thread builds their world.
 */
export function timing() {
  const timed = {
    took: { longestMs: 0, tookMs: 0 } as Took,
    replicator(of: Replicator): Replicator {
      return {
        width: 1,
        async replicate(...asked) {
          const startMs = threadMs();
          const replication = await of.replicate(...asked);
          const ms = threadMs() - startMs;
          const { longestMs, tookMs } = timed.took;
          timed.took = { longestMs: Math.max(longestMs, ms), tookMs: tookMs + ms };
          return replication;
        },
      };
    },
  };
  return timed;
}

/** Keeps what a replicator computes, and ends with a LongReplication when `isOver` says so after one. */
export function remembering(replicator: Replicator, done: Done, isOver: () => boolean): Replicator {
  return {
    width: 1,
    async replicate(index, manner, progress) {
      if (done.size > 0 && isOver()) throw new LongReplication();
      const replication = await replicator.replicate(index, manner, progress);
      done.set(keyOf(index, manner), replication);
      return replication;
    },
  };
}

function keyOf(index: number, manner: Manner): string {
  return JSON.stringify([index, manner]);
}

function errorOf(answer: PointAnswer): Error {
  if ("problems" in answer) return new ScenarioError(answer.problems);
  if ("limit" in answer) return new LimitError(answer.limit);
  if ("setting" in answer) return new SettingError(answer.setting.path, answer.setting.text);
  return new Error("a thread has answered something else than it was asked");
}

function semaphore(count: number) {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    async take(): Promise<void> {
      if (taken >= count) await new Promise<void>((resolve) => waiting.push(resolve));
      else taken++;
    },
    /** Whoever waits takes its place. */
    free(): void {
      const next = waiting.shift();
      if (next) next();
      else taken--;
    },
  };
}
