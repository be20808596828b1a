// What ends a gthread worker, and what its main loop sees when it looks around.
//
// Modelled (gunicorn/workers/gthread.py run): after max_requests or SIGTERM the main loop ends with its next
// pass; then no heartbeat is sent any more, so that a worker which takes longer than `timeout` to finish what
// it has hoarded is killed with the rest: hoarded requests are reset, running ones cut. From 24.0 on each end
// of a request wakes the loop, which so has sent a heartbeat when the thread counts its next request
// (measured, 40 requests of 0.5 s at once, two threads, max_requests 6, timeout 6 s, any phase of the master:
// gunicorn 20.1.0 was killed after 6.0 to 7.1 s with 22 to 27 answered in 18 of 22 runs, a second later in
// the others; 26.2.0 after 7.0 to 7.9 s with 26 to 30 answered in all of 16, and with one thread alike; Linux
// 6.18, two cores, 2026-11). Up to 23 the worker ends when its threads are done, from 24.0 on when nobody is
// connected any more, or after graceful_timeout; up to 23 nobody looks after idle connections meanwhile. A
// process that is stuck goes on where it was.
// Not modelled: SIGQUIT.

import type { World } from "../../src/component/world.js";
import { MICROSECOND } from "../../src/engine/time.js";
import { GONE, type GthreadParts, LEAVING, NO_HANDLE, RETIRING, RUNNING } from "./gthread-rows.js";
import type { HeldConnections } from "./held-connections.js";
import * as phase from "./held-connections.js";
import type { Employment, WorkerClass } from "./worker-class.js";

// Measured: 0.15 to 0.3 ms a request with nginx in front, gunicorn 26.1.0, Linux 6.18, two cores, 2026-11.
const LINGER_NS = 200 * MICROSECOND;

/** What the threads of the workers do, and how that ends before its time. */
export interface Threads {
  held: HeldConnections;
  /** What stands for the end of a connection's phase is called off. */
  stop(row: number): void;
  begin(worker: number, row: number): void;
  compute(row: number): void;
  computed(row: number): void;
  finish(row: number): void;
  /** A worker has accepted a connection. */
  take(worker: number, row: number): void;
  /** Why connections are lost when their process leaves in order, and when they have sent nothing. */
  forgotten: number;
  silent: number;
}

export function gthreadLife(world: World, employment: Employment, parts: GthreadParts, pool: Threads) {
  const { sim } = world;
  const { arbiter, settings, busy } = employment;
  const { threads, worker_connections: most, keepalive: keepaliveNs } = settings;
  const { rows, who, passes, hoards, hoarded, overdue, stalled, state, isRewritten, listeners } = parts;
  const { held } = pool;
  const isShared = employment.of === "";
  const passed = sim.event("gunicorn loop passed", (worker) => {
    if (passes.isDue(worker)) pass(worker);
  });
  const allPassed = sim.event("gunicorn loops woken", passAll);
  const recovered = sim.event("gunicorn worker recovered", recover);
  const lingered = sim.timer("gunicorn lingering close", LINGER_NS, closed);
  const grace = sim.timer("gunicorn graceful timeout", settings.graceful_timeout, giveUp);

  /** All loops that accept are woken by a connection, whoever gets it. */
  function wakeAll(): void {
    passes.wokenAll();
    if (state.retiring + state.overdue === 0 || state.isWaking) return;
    state.isWaking = true;
    // Those that begin to retire because of this very connection sleep again by then.
    rows.life.forEach((life, worker) => {
      rows.hasSeen[worker] = life === RETIRING;
    });
    allPassed.after(0, 0);
  }

  /** The main loop of a worker looks around: now if there is anything to see, else whenever it wakes. */
  function wake(worker: number): void {
    if (state.retiring + state.overdue > 0) passed.after(0, worker);
    else passes.woken(worker);
  }

  function passAll(): void {
    state.isWaking = false;
    for (let worker = 0; worker < rows.life.length; worker++) {
      if (!rows.isAccepting(worker) || rows.taken[worker] === most) continue;
      if (rows.life[worker] === RUNNING || rows.hasSeen[worker]) pass(worker);
    }
  }

  function pass(worker: number): void {
    if (rows.life[worker] === GONE || rows.isStuck[worker]) return;
    if (rows.life[worker] === RETIRING) drain(worker);
    passes.woken(worker);
    const isLooking = rows.life[worker] !== LEAVING || isRewritten;
    for (let left = isLooking ? overdue.length(worker) : 0; left > 0; left--) {
      const row = overdue.take(worker);
      state.overdue--;
      const isOld = sim.now - (held.sinceNs[row] as number) >= keepaliveNs && held.worker[row] === worker;
      if (isOld && held.phase[row] === phase.RESTING) held.close(row);
      else if (isOld && held.phase[row] === phase.WATCHED) held.lost(row, pool.silent);
    }
    leaveIfDone(worker);
  }

  /** max_requests or SIGTERM: the main loop ends with its next pass. */
  function retire(worker: number): void {
    if (rows.life[worker] !== RUNNING) return;
    rows.life[worker] = RETIRING;
    state.retiring++;
    passed.at(passes.nextNs(worker), worker);
  }

  function drain(worker: number): void {
    rows.life[worker] = LEAVING;
    state.retiring--;
    who.set(worker, false);
    arbiter.silent(worker, passes.beatNs(worker));
    if (isRewritten) rows.grace[worker] = grace.start(worker);
  }

  function giveUp(worker: number): void {
    rows.isImpatient[worker] = true;
    leaveIfDone(worker);
  }

  /** The process ends when its threads are done and, from 24.0 on, nobody is connected any more. */
  function leaveIfDone(worker: number): void {
    if (rows.life[worker] !== LEAVING || rows.isStuck[worker]) return;
    if ((rows.free[worker] as number) < threads || hoards.length(worker) > 0) return;
    if (isRewritten && rows.taken[worker] !== 0 && !rows.isImpatient[worker]) return;
    gone(worker, pool.forgotten);
    arbiter.exits(worker);
  }

  /** The process has ended, and with it all that it held. */
  function gone(worker: number, cause: number): void {
    if (rows.life[worker] === RETIRING) state.retiring--;
    rows.life[worker] = GONE;
    who.set(worker, false);
    grace.stop(rows.grace[worker] as number);
    recovered.cancel(rows.recovery[worker] as number);
    busy.set(busy.value - (threads - (rows.free[worker] as number)));
    hoarded.set(hoarded.value - hoards.length(worker));
    state.overdue -= overdue.length(worker);
    for (const queue of [hoards, overdue, stalled]) queue.clear(worker);
    held.each(worker, (row) => {
      pool.stop(row);
      held.lost(row, cause);
    });
  }

  /** Whether its process is stuck, so that it goes on later. */
  function isStalled(row: number): boolean {
    const worker = held.worker[row] as number;
    if (!rows.isStuck[worker]) return false;
    stalled.put(worker, row);
    return true;
  }

  function recover(worker: number): void {
    rows.isStuck[worker] = false;
    rows.recovery[worker] = NO_HANDLE;
    if (rows.life[worker] !== LEAVING) arbiter.beats(worker);
    for (let left = stalled.length(worker); left > 0; left--) {
      const row = stalled.take(worker);
      if (held.phase[row] === phase.RECEIVING) pool.compute(row);
      else if (held.phase[row] === phase.COMPUTING) pool.computed(row);
      else pool.finish(row);
    }
    while (rows.free[worker] !== 0 && hoards.length(worker) > 0) {
      hoarded.set(hoarded.value - 1);
      pool.begin(worker, hoards.take(worker));
    }
    pass(worker);
    look(worker);
  }

  function stop(worker: number): void {
    retire(worker);
    if (isRewritten) pass(worker);
  }

  function abort(worker: number, cause: number): boolean {
    if (rows.isStuck[worker]) return false;
    gone(worker, cause);
    return true;
  }

  function hang(worker: number, forNs: number): void {
    rows.isStuck[worker] = true;
    who.set(worker, false);
    arbiter.silent(worker, passes.beatNs(worker));
    rows.recovery[worker] = recovered.after(forNs, worker);
  }

  /** Its main loop is to look around when nothing has woken it before. */
  function plan(worker: number): void {
    if (rows.isAccepting(worker)) passed.at(passes.nextNs(worker), worker);
  }

  /** The main loop waits for the caller to close. */
  function linger(worker: number): void {
    if ((rows.lingering[worker] as number)++ === 0) lingered.start(worker);
  }

  function closed(worker: number): void {
    if (rows.lingering[worker] === 0) return;
    if (--(rows.lingering[worker] as number) > 0) lingered.start(worker);
    else look(worker);
  }

  /** It accepts what it may. */
  function look(worker: number): void {
    const isFree = rows.lingering[worker] === 0 && !rows.isStuck[worker];
    who.set(worker, isFree && rows.isAccepting(worker) && (rows.taken[worker] as number) < most);
    while (who.isOpen(worker)) {
      const row = listeners.take(worker);
      if (row < 0) return;
      if (isShared) wakeAll();
      else wake(worker);
      pool.take(worker, row);
    }
  }

  const signals = { stop, abort, die: gone, hang } satisfies Partial<WorkerClass>;
  return { signals, wakeAll, wake, plan, retire, leaveIfDone, linger, look, isStalled };
}
