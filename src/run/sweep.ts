// The points of a sweep, computed by whoever is there for it, in their order whatever is finished first.

import { ScenarioError } from "../scenario/error.js";
import { computePoint, type Point, type PointOptions } from "./point.js";
import { PointError } from "./point-error.js";
import { metricOfPoint, type PointResult } from "./point-result.js";
import type { Estimate } from "./result.js";

/** What computes points: this thread, others, other machines. */
export interface PointComputer {
  /** As many points as are worth asking for at a time; it may change after each. */
  readonly width: number;
  /**
   * `progress` is told the share of the point that is done. Throws a ScenarioError for what cannot be, and a
   * PointError for what could not be computed although it can.
   */
  compute(point: Point, progress?: PointOptions["progress"]): Promise<PointResult>;
}

/**
 * What became of a point: its result, or why it has none. That is the same each time unless `blame` is there.
 */
export type PointOutcome = { result: PointResult } | { failed: string; blame?: PointError["blame"] };

export type SweptPoint = { point: Point } & PointOutcome;

export interface SweepOptions {
  computer: PointComputer;
  /** What is known of points by their id: they are not computed again. */
  known?: ReadonlyMap<string, PointOutcome> | undefined;
  /** Told of each point that has been computed, as soon as it is. */
  finished?: ((point: Point, outcome: PointOutcome) => void) | undefined;
  /** Told the share of the whole that is done; the points wait for it. */
  progress?: ((share: number) => void | Promise<void>) | undefined;
  /** Aborts between two points, and where progress is told. */
  signal?: AbortSignal | undefined;
}

/** One after the other, in this thread. */
export function inlineComputer(options: Pick<PointOptions, "components" | "system">): PointComputer {
  return {
    width: 1,
    compute: (point, progress) => computePoint(point, { ...options, ...(progress && { progress }) }),
  };
}

/**
 * All points in their order, each as soon as it and those before it are there. Points that are the same are
 * computed once. One that cannot be computed says why, and stops no other.
 */
export async function* sweepOf(
  points: readonly Point[],
  { computer, known, finished, progress, signal }: SweepOptions,
): AsyncGenerator<SweptPoint> {
  const outcomes = new Map<string, Awaited>();
  const waiting: Point[] = [];
  for (const point of points) {
    if (outcomes.has(point.id)) continue;
    const outcome = awaited();
    outcomes.set(point.id, outcome);
    const before = known?.get(point.id);
    if (before) outcome.resolve(before);
    else waiting.push(point);
  }
  const total = outcomes.size;
  const shares = new Map<string, number>();
  let done = total - waiting.length;
  let next = 0;
  let running = 0;
  let isOver = false;

  async function report(): Promise<void> {
    signal?.throwIfAborted();
    const partly = [...shares.values()].reduce((sum, share) => sum + share, 0);
    await progress?.((done + partly) / total);
    // The first one may take long enough for others to be worth asking for.
    if (computer.width > 1) start();
  }

  async function outcomeOf(point: Point): Promise<PointOutcome> {
    try {
      return {
        result: await computer.compute(point, (share) => {
          shares.set(point.id, share);
          return report();
        }),
      };
    } catch (error) {
      if (error instanceof ScenarioError) return { failed: error.message };
      if (error instanceof PointError) return { failed: error.message, blame: error.blame };
      throw error;
    }
  }

  async function compute(point: Point): Promise<void> {
    try {
      signal?.throwIfAborted();
      const outcome = await outcomeOf(point);
      // Another time it may be computed.
      if (!("blame" in outcome)) finished?.(point, outcome);
      shares.delete(point.id);
      done++;
      await report();
      outcomes.get(point.id)?.resolve(outcome);
    } catch (error) {
      isOver = true;
      for (const outcome of outcomes.values()) outcome.reject(error);
    }
    running--;
    // One at a time is computed only when somebody waits for it.
    if (computer.width > 1) start();
  }

  function start(): void {
    while (!isOver && next < waiting.length && running < computer.width) {
      running++;
      void compute(waiting[next++] as Point);
    }
  }

  try {
    for (const point of points) {
      signal?.throwIfAborted();
      const { promise, isSettled } = outcomes.get(point.id) as Awaited;
      if (!isSettled()) start();
      yield { point, ...(await promise) };
    }
  } finally {
    isOver = true;
  }
}

interface Awaited {
  promise: Promise<PointOutcome>;
  isSettled(): boolean;
  resolve(outcome: PointOutcome): void;
  reject(error: unknown): void;
}

function awaited(): Awaited {
  const made = { isSettled: () => settled } as Awaited;
  let settled = false;
  made.promise = new Promise((resolve, reject) => {
    made.resolve = (outcome) => {
      settled = true;
      resolve(outcome);
    };
    made.reject = (error) => {
      settled = true;
      reject(error);
    };
  });
  // Whoever stops early waits for none of the others.
  made.promise.catch(() => {});
  return made;
}

/** A metric of what became of a point; not a number where it has none. */
export function metricOfSwept(swept: PointOutcome, name: string): Estimate {
  const found = "result" in swept ? metricOfPoint(swept.result, name) : undefined;
  return found ?? { value: Number.NaN, low: -Infinity, high: Infinity };
}
