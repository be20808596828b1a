// Modelled: what a worker process with one event loop is and has, by its number. Not modelled: what it does;
// see event-loop.ts.

import type { World } from "../../src/component/world.js";

/** No process, or one that is about to be reaped. */
export const GONE = 0;
export const RUNNING = 1;
/** It has been told to leave, and has not noticed. */
export const RETIRING = 2;
/** It accepts no more and finishes what it has. */
export const LEAVING = 3;

export const NOBODY = -1;
/** The loop is between two connections. */
export const LOOKING = -2;
const NO_HANDLE = -1;

/** Columns by worker. */
export function loopRows({ onReset }: World) {
  const rows = {
    life: [] as number[],
    /** Connections it holds. */
    taken: [] as number[],
    /** The connection that has the loop, NOBODY or LOOKING. */
    current: [] as number[],
    /** Connections that have their turn before the loop does anything else. */
    batch: [] as number[],
    /** How long those will have the loop that wait for it. */
    queuedNs: [] as number[],
    /** A connection that was accepted without a place for it. */
    extra: [] as number[],
    /** Requests it may still begin. */
    left: [] as number[],
    /** Some heartbeat: the others follow in steps. */
    beatNs: [] as number[],
    /** The arbiter was told that it sends none. */
    isSilent: [] as boolean[],
    isStuck: [] as boolean[],
    /** Why it ends as soon as its loop is free; 0 if it does not. */
    doom: [] as number[],
    process: [] as number[],
    /** Events of its process. */
    recovery: [] as number[],
    notice: [] as number[],
    grace: [] as number[],
    /** A process begins as this worker. */
    started(worker: number, limit: number, nowNs: number, process: () => number): void {
      while (rows.process.length <= worker) rows.process.push(process());
      rows.life[worker] = RUNNING;
      rows.taken[worker] = 0;
      rows.current[worker] = NOBODY;
      rows.batch[worker] = 0;
      rows.queuedNs[worker] = 0;
      rows.extra[worker] = NOBODY;
      rows.left[worker] = limit;
      rows.beatNs[worker] = nowNs;
      rows.isSilent[worker] = false;
      rows.isStuck[worker] = false;
      rows.doom[worker] = 0;
      rows.recovery[worker] = NO_HANDLE;
      rows.notice[worker] = NO_HANDLE;
      rows.grace[worker] = NO_HANDLE;
    },
    isAccepting: (worker: number) => rows.life[worker] === RUNNING || rows.life[worker] === RETIRING,
  };
  onReset(() => {
    const { life, taken, current, batch, queuedNs, extra, left, beatNs, isSilent, isStuck, doom } = rows;
    for (const column of [life, taken, current, batch, queuedNs, extra, left, beatNs]) column.length = 0;
    for (const column of [isSilent, isStuck, doom, rows.recovery, rows.notice, rows.grace]) column.length = 0;
    // A process computes for whoever is this worker.
  });
  return rows;
}
