// Modelled: what gthread worker processes are and have, by their number; what differs between versions of
// gunicorn/workers/gthread.py. Not modelled: what they do; see gthread.ts and gthread-life.ts.

import type { World } from "../../src/component/world.js";
import { isAtLeast } from "../version.js";
import { acceptTurns } from "./accept-turns.js";
import { loopPasses } from "./loop-passes.js";
import { gaugeOf, privateQueues } from "./private-queue.js";
import { splitOf } from "./split.js";
import type { Employment } from "./worker-class.js";

/** No process, or one that is about to be reaped. */
export const GONE = 0;
export const RUNNING = 1;
/** It has been told to leave, and its main loop has not noticed. */
export const RETIRING = 2;
/** It accepts no more and finishes what it has. */
export const LEAVING = 3;

export type GthreadParts = ReturnType<typeof gthreadParts>;

/** What the workers of one object have in common, and what each has. */
export function gthreadParts(world: World, employment: Employment) {
  const { settings, path } = employment;
  const { version, threads, worker_connections: most } = settings;
  return {
    rows: gthreadRows(world),
    /** Which of the workers accepts. */
    who: splitOf(world, employment, false),
    listeners: acceptTurns(world),
    passes: loopPasses(world),
    /** What waits for a thread. */
    hoards: privateQueues(world),
    hoarded: gaugeOf(world, `hoarded by ${path} workers`, settings.workers * Math.max(0, most - threads)),
    /** Connections that have rested for too long. */
    overdue: privateQueues(world),
    /** What was to go on while its process was stuck. */
    stalled: privateQueues(world),
    state: commonState(world),
    /** Connections without data wait in the main loop, not in a thread. */
    watchesFirst: isAtLeast(version, "21.0.0") && !isAtLeast(version, "24.0.0"),
    /** The main loop looks after its connections in all circumstances. */
    isRewritten: isAtLeast(version, "24.0.0"),
    /** A thread waits for the first byte for some seconds only. */
    parksSilent: isAtLeast(version, "25.2.0"),
    /** The main loop waits for the caller to close. */
    lingers: isAtLeast(version, "26.0.0"),
  };
}

/**
 * Over all workers: those that retire, connections that are overdue; whether somebody is left of the one that
 * is being answered.
 */
function commonState({ onReset }: World) {
  const state = { retiring: 0, overdue: 0, isWaking: false, hasPeer: false };
  onReset(() => {
    state.retiring = 0;
    state.overdue = 0;
    state.isWaking = false;
    state.hasPeer = false;
  });
  return state;
}

/** Columns by worker. */
function gthreadRows({ onReset }: World) {
  const rows = {
    life: [] as number[],
    /** Connections it holds: nr_conns. */
    taken: [] as number[],
    /** Threads without work. */
    free: [] as number[],
    /** Connections that rest: len(_keep). */
    resting: [] as number[],
    /** Requests it may still begin. */
    left: [] as number[],
    /** Connections that its main loop is closing. */
    lingering: [] as number[],
    isStuck: [] as boolean[],
    /** It was woken by a connection after it had been told to leave. */
    hasSeen: [] as boolean[],
    /** It has waited for its callers for graceful_timeout. */
    isImpatient: [] as boolean[],
    process: [] as number[],
    /** Timers of its process. */
    grace: [] as number[],
    recovery: [] as number[],
    /** A process begins as this worker. */
    started(worker: number, threads: number, limit: number, process: () => number): void {
      while (rows.process.length <= worker) rows.process.push(process());
      rows.life[worker] = RUNNING;
      rows.taken[worker] = 0;
      rows.free[worker] = threads;
      rows.resting[worker] = 0;
      rows.left[worker] = limit;
      rows.lingering[worker] = 0;
      rows.isStuck[worker] = false;
      rows.hasSeen[worker] = false;
      rows.isImpatient[worker] = false;
      rows.grace[worker] = NO_HANDLE;
      rows.recovery[worker] = NO_HANDLE;
    },
    isAccepting: (worker: number) => rows.life[worker] === RUNNING || rows.life[worker] === RETIRING,
  };
  onReset(() => {
    const { life, taken, free, resting, left, lingering } = rows;
    for (const column of [life, taken, free, resting, left, lingering]) column.length = 0;
    for (const column of [rows.isStuck, rows.hasSeen, rows.isImpatient]) column.length = 0;
    for (const column of [rows.grace, rows.recovery]) column.length = 0;
    // A process computes for whoever is this worker.
  });
  return rows;
}

export const NO_HANDLE = -1;
