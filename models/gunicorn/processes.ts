// The worker processes of a gunicorn: their places, and what each of them has come to.
//
// Modelled: a process boots, works and ends, or is killed in any of these states; its number is used again
// when it has been reaped. SIGTERM during the boot ends it after the boot (gunicorn/workers/base.py
// init_process). Up to 21 the heartbeat's file counts from the fork, from 22.0 on from the first heartbeat
// (gunicorn/workers/workertmp.py): boots that take longer than `timeout` are in futile-boots.ts.
// Not modelled: who forks and kills, and when; see arbiter.ts.

import type { World } from "../../src/component/world.js";
import type { FutileBoots } from "./futile-boots.js";
import type { GunicornSettings } from "./settings.js";
import type { Sockets } from "./sockets.js";
import { silenceNs } from "./worker-class.js";

/** States of a process. */
const GONE = 0;
const BOOTING = 1;
const UP = 2;
/** It has nothing left to do but to end. */
const ENDING = 3;

/** No silence that anybody has to know of. */
const NONE = -1;

interface Process {
  state: typeof GONE | typeof BOOTING | typeof UP | typeof ENDING;
  /** Number of its fork: the oldest has the smallest. */
  age: number;
  /** Since when it has sent no heartbeat, or NONE. */
  silentNs: number;
  wasAborted: boolean;
  /** It was told to stop while it booted. */
  isLeaving: boolean;
  /** What ends its state, and its handle there. */
  pending: { cancel(handle: number): boolean };
  handle: number;
}

interface Given {
  settings: GunicornSettings;
  /** From a fork to the first accept. */
  bootNs: number;
  /** If boots take longer than `timeout`. */
  futile: FutileBoots | undefined;
  sockets(): Sockets;
  /** SIGCHLD: a process has been reaped. */
  reaped(): void;
}

export function processTable(world: World, given: Given) {
  const { sim } = world;
  const { settings, bootNs, futile, sockets } = given;
  const longestSilenceNs = silenceNs(settings);
  const places: Process[] = [];
  const counts = { live: 0, forks: 0 };
  const booted = sim.event("gunicorn worker booted", boot);
  const ended = sim.event("gunicorn worker ended", end);
  const slow = futile?.boots(boot, end);
  world.onReset(() => {
    places.length = 0;
    counts.live = 0;
    counts.forks = 0;
  });
  const isGone = ({ state }: Process) => state === GONE;
  const process = (worker: number) => places[worker] as Process;

  /** Takes a free number. */
  function enter(state: typeof BOOTING | typeof UP): number {
    const worker = counts.live === places.length ? places.length : places.findIndex(isGone);
    const age = ++counts.forks;
    const [silentNs, wasAborted, isLeaving] = [NONE, false, false];
    places[worker] = { state, age, silentNs, wasAborted, isLeaving, pending: booted, handle: NONE };
    counts.live++;
    sockets().forked(worker);
    return worker;
  }

  function fork(): void {
    const worker = enter(BOOTING);
    if (!slow) {
      wait(worker, booted, booted.after(bootNs, worker));
      return;
    }
    wait(worker, slow.booted, slow.booted.start(worker));
    process(worker).silentNs = sim.now;
  }

  function wait(worker: number, pending: Process["pending"], handle: number): void {
    process(worker).pending = pending;
    process(worker).handle = handle;
  }

  function boot(worker: number): void {
    const booting = process(worker);
    booting.silentNs = NONE;
    if (booting.isLeaving) leave(worker, settings.exit_time);
    else begin(worker);
  }

  function begin(worker: number): void {
    process(worker).state = UP;
    sockets().classOf(worker).started(worker);
  }

  function foundAll(): void {
    for (let worker = 0; worker < settings.workers; worker++) begin(enter(UP));
  }

  /** SIGABRT. */
  function abort(worker: number, cause: number): void {
    const aborted = process(worker);
    aborted.wasAborted = true;
    if (slow && aborted.state === BOOTING) {
      aborted.pending.cancel(aborted.handle);
      leaves(worker, slow.aborted, slow.aborted.start(worker));
    } else if (sockets().classOf(worker).abort(worker, cause)) leave(worker, settings.abort_time);
  }

  /** SIGKILL. */
  function kill(worker: number, cause: number): void {
    const { state, pending, handle } = process(worker);
    if (state === UP) sockets().classOf(worker).die(worker, cause);
    else pending.cancel(handle);
    leave(worker, 0);
  }

  /** SIGTERM. */
  function terminate(worker: number): void {
    const { state } = process(worker);
    if (state === BOOTING) process(worker).isLeaving = true;
    else if (state === UP) sockets().classOf(worker).stop(worker);
  }

  /** Nothing of a worker is left but its process, for so long. */
  function leave(worker: number, forNs: number): void {
    leaves(worker, ended, ended.after(forNs, worker));
  }

  function leaves(worker: number, pending: Process["pending"], handle: number): void {
    process(worker).state = ENDING;
    process(worker).silentNs = NONE;
    wait(worker, pending, handle);
  }

  function end(worker: number): void {
    process(worker).state = GONE;
    counts.live--;
    sockets().gone(worker);
    given.reaped();
  }

  return {
    counts,
    fork,
    abort,
    kill,
    terminate,
    leave,
    /** All workers have been up since before the run, each time that it begins. */
    found(): void {
      foundAll();
      world.onReset(foundAll);
    },
    age: (worker: number) => process(worker).age,
    isUp: (worker: number) => process(worker).state === UP,
    wasAborted: (worker: number) => process(worker).wasAborted,
    setSilent(worker: number, sinceNs: number): void {
      process(worker).silentNs = sinceNs;
    },
    beats(worker: number): void {
      process(worker).silentNs = NONE;
    },
    /** Numbers of the processes that are there, the oldest first. */
    oldest(): number[] {
      const there = [...places.keys()].filter((worker) => !isGone(process(worker)));
      return there.sort((one, other) => process(one).age - process(other).age);
    },
    /** Numbers of those who have been silent for too long. */
    overdue(): number[] {
      const isOverdue = ({ silentNs }: Process) => silentNs !== NONE && sim.now - silentNs > longestSilenceNs;
      return [...places.keys()].filter((worker) => isOverdue(process(worker)));
    },
    /** The last moment at which nobody has anybody to kill who has booted. */
    calmUntilNs(): number {
      let untilNs = Number.POSITIVE_INFINITY;
      for (const { silentNs, state } of places) {
        if (silentNs !== NONE && state !== BOOTING) untilNs = Math.min(untilNs, silentNs + longestSilenceNs);
      }
      return untilNs;
    },
  };
}
