// gunicorn's gthread workers around their listening sockets.
//
// Modelled (gunicorn/workers/gthread.py of 20.1, 21.2, 24.0, 25.2 and 26.0): a worker accepts into its own
// pool whether or not a thread is free, while it holds fewer than worker_connections, idle ones included; at
// that limit it looks at nothing but ends of requests (up to 23) or goes on with the connections it has (from
// 24.0 on); threads take what was hoarded in its order and share the interpreter lock; keepalive; heartbeats
// of the main loop, so that long requests are not killed; max_requests and SIGTERM: the loop ends with its
// next pass, what was hoarded is finished without heartbeats, from 24.0 on idle callers are waited for until
// graceful_timeout; from 21.0 to 23 a connection that is accepted in that pass is forgotten; connections
// without data hold a thread, or none (21 to 23), or one for 5 s (from 25.2 on); from 26.0 on the main loop
// waits for the caller to close (gunicorn/util.py close_graceful). Which worker gets a connection: split.ts.
// Not modelled: that up to 23 the main loop does not look at kept connections while it is at its limit (all
// threads are in use then); answers that say keep-alive and are closed all the same, since the worker has
// begun to leave; threads that are stuck in a call that holds the interpreter lock.

import type { World } from "../../src/component/world.js";
import { MICROSECOND, MILLISECOND, SECOND } from "../../src/engine/time.js";
import { NO_TIMER } from "../../src/engine/timer.js";
import { SHARED, type Staff, staffed } from "./accept-turns.js";
import { gthreadCauses } from "./causes.js";
import { gthreadLife } from "./gthread-life.js";
import { GONE, gthreadParts, LEAVING, RETIRING, RUNNING } from "./gthread-rows.js";
import * as phase from "./held-connections.js";
import { heldConnections } from "./held-connections.js";
import { workerBodies } from "./request-body.js";
import { type ClassDeclaration, type Employment, requestLimit, type WorkerClass } from "./worker-class.js";

// gunicorn/workers/gthread.py of 25.2: how long a thread waits for the first byte.
const FIRST_BYTE_NS = 5 * SECOND;

export const gthreadWorkers: ClassDeclaration = {
  // A worker accepts nothing beyond worker_connections, whatever threads are free.
  places: ({ threads, worker_connections: most }) => Math.min(threads, most),
  takes: ({ worker_connections: most }) => most,
  atOnce: ({ threads, worker_connections: most }) => Math.min(threads, most),
  text({ workers, threads, worker_connections: most }) {
    const processes = `${workers} gthread ${workers === 1 ? "worker" : "workers"}`;
    const pool = `${processes} of ${threads} ${threads === 1 ? "thread" : "threads"}`;
    return `${pool}, ${most} connections each${most < threads ? `, and so ${most} at a time` : ""}`;
  },
  // Measured: 11 ms from the end of a worker to the first answer of its successor, Linux 6.18, 2026-11.
  bootNs: 11 * MILLISECOND,
  // Measured: 190 to 270 us of the process a request when saturated, 4 threads, gunicorn 20.1.0 to 26.1.0.
  overheadNs: 230 * MICROSECOND,
  build: staffed(build),
};

function build(world: World, employment: Employment): Staff {
  const { sim, connections, requests } = world;
  const { settings, path, busy, processors, application, overheadNs } = employment;
  const { threads, worker_connections: most, keepalive: keepaliveNs } = settings;
  const parts = gthreadParts(world, employment);
  const { rows, who, listeners, passes, hoards, hoarded, overdue, stalled, state } = parts;
  const { watchesFirst, isRewritten, parksSilent, lingers } = parts;
  const limit = requestLimit(world, employment);
  const bodies = workerBodies(world, application, { lingers });
  const held = heldConnections(world, application, { rests, ends, isLost: bodies.isLost });
  const { forgotten, silent } = gthreadCauses(world, settings, { path, firstByteNs: FIRST_BYTE_NS });
  const jobs = processors.jobs("gunicorn thread computed", computed);
  const received = sim.event("gunicorn thread has the body", compute);
  const waited = sim.event("gunicorn thread finished", finish);
  const forgot = sim.event("gunicorn connection forgotten", forget);
  const idle = sim.timer("gunicorn keepalive", keepaliveNs, expired);
  const silence = sim.timer("gunicorn first byte", FIRST_BYTE_NS, park);
  const life = gthreadLife(world, employment, parts, {
    held,
    stop: callOff,
    begin,
    compute,
    computed,
    finish,
    take,
    forgotten,
    silent,
  });

  const workerOf = (row: number) => held.worker[row] as number;

  function accept(row: number): void {
    life.wakeAll();
    take(who.choose(), row);
  }

  function take(worker: number, row: number): void {
    held.accepted(row, worker);
    (rows.taken[worker] as number)++;
    if (rows.taken[worker] === most) who.set(worker, false);
    if (!watchesFirst) submit(worker, row);
    else if (rows.life[worker] === RETIRING) {
      // It is watched from now on, but the loop that would see its data has just ended.
      held.phase[row] = phase.UNWATCHED;
      forgot.after(0, row);
    } else if (connections.hasData(row)) submit(worker, row);
    else held.phase[row] = phase.WATCHED;
  }

  function forget(row: number): void {
    if (held.phase[row] === phase.UNWATCHED) held.lost(row, forgotten);
  }

  /** Hands a connection to the pool. */
  function submit(worker: number, row: number): void {
    held.phase[row] = phase.HOARDED;
    if (rows.free[worker] !== 0 && !rows.isStuck[worker]) {
      begin(worker, row);
      return;
    }
    hoards.put(worker, row);
    hoarded.set(hoarded.value + 1);
  }

  /** A thread takes a connection. */
  function begin(worker: number, row: number): void {
    (rows.free[worker] as number)--;
    busy.set(busy.value + 1);
    if (held.isOver(row)) {
      held.close(row);
      freed(worker);
      return;
    }
    connections.accepted(row);
    if (connections.hasData(row)) {
      read(worker, row);
      return;
    }
    held.phase[row] = phase.SILENT;
    held.handle[row] = parksSilent ? silence.start(row) : NO_TIMER;
  }

  /** The request is read; max_requests counts it before the application has it. */
  function read(worker: number, row: number): void {
    if (--(rows.left[worker] as number) === 0) life.retire(worker);
    const isRoom = (rows.resting[worker] as number) < most - threads;
    held.isKept[row] = keepaliveNs > 0 && isRoom && rows.life[worker] === RUNNING ? 1 : 0;
    held.sinceNs[row] = sim.now;
    const receivesNs = requests.bodies === undefined ? 0 : bodies.begins(row);
    held.phase[row] = phase.RECEIVING;
    if (receivesNs > 0) held.handle[row] = received.after(receivesNs, row);
    else compute(row);
  }

  function compute(row: number): void {
    if (life.isStalled(row)) return;
    held.phase[row] = phase.COMPUTING;
    const workNs = overheadNs + application.cpuNs(connections.request[row] as number);
    if (workNs === 0) computed(row);
    else held.handle[row] = jobs.start(rows.process[workerOf(row)] as number, workNs, row);
  }

  function computed(row: number): void {
    if (life.isStalled(row)) return;
    held.phase[row] = phase.WAITING;
    held.handle[row] = waited.after(application.sleepNs(connections.request[row] as number), row);
  }

  function finish(row: number): void {
    if (life.isStalled(row)) return;
    const worker = workerOf(row);
    if (!connections.isCallerOpen(row)) {
      const goneNs = connections.callerClosedNs[row] as number;
      world.work.wastedNs += sim.now - Math.max(held.sinceNs[row] as number, goneNs);
    }
    if (rows.life[worker] !== RUNNING) held.isKept[row] = 0;
    const wasFull = rows.taken[worker] === most;
    // The main loop is through with its pass before the thread has read, and counted, the next request.
    if (isRewritten) life.wake(worker);
    state.hasPeer = connections.isCallerOpen(row);
    held.answer(row);
    freed(worker);
    life.look(worker);
    if (wasFull && !isRewritten) life.wake(worker);
  }

  /** A thread takes the next connection of its pool. */
  function freed(worker: number): void {
    (rows.free[worker] as number)++;
    busy.set(busy.value - 1);
    if (rows.isStuck[worker]) return;
    const next = hoards.take(worker);
    if (next >= 0) {
      hoarded.set(hoarded.value - 1);
      begin(worker, next);
    } else life.leaveIfDone(worker);
  }

  function rests(row: number): void {
    (rows.resting[workerOf(row)] as number)++;
    held.sinceNs[row] = sim.now;
    held.handle[row] = idle.start(row);
  }

  /** The worker has closed a connection, or is about to. */
  function ends(row: number, was: number): void {
    const worker = workerOf(row);
    if (rows.life[worker] === GONE) return;
    if (was === phase.RESTING) wakesUp(row);
    (rows.taken[worker] as number)--;
    // A peer that has closed before is not waited for.
    const isLingering = lingers && state.hasPeer && was === phase.WAITING;
    if (isLingering && rows.isAccepting(worker)) life.linger(worker);
    // A thread that has ended a request takes the next one first.
    if (was !== phase.WAITING) life.look(worker);
  }

  function callOff(row: number): void {
    const handle = held.handle[row] as number;
    const was = held.phase[row];
    if (was === phase.RECEIVING) received.cancel(handle);
    else if (was === phase.COMPUTING) jobs.stop(handle);
    else if (was === phase.WAITING) waited.cancel(handle);
    else if (was === phase.SILENT) silence.stop(handle);
    else if (was === phase.RESTING || (was === phase.WATCHED && parksSilent)) idle.stop(handle);
  }

  /** A connection that rests has something to read: a request, or the end. */
  function wakesUp(row: number): void {
    (rows.resting[workerOf(row)] as number)--;
    idle.stop(held.handle[row] as number);
  }

  function next(row: number): void {
    const worker = workerOf(row);
    wakesUp(row);
    held.phase[row] = phase.UNWATCHED;
    if (!isRewritten && rows.life[worker] === LEAVING) return;
    life.wake(worker);
    submit(worker, row);
  }

  /** Its time is up, which the main loop sees with its next pass. */
  function expired(row: number): void {
    const worker = workerOf(row);
    held.handle[row] = NO_TIMER;
    overdue.put(worker, row);
    state.overdue++;
    life.plan(worker);
  }

  /** A thread has waited long enough for the first byte: the main loop goes on waiting. */
  function park(row: number): void {
    const worker = workerOf(row);
    held.phase[row] = phase.WATCHED;
    held.sinceNs[row] = sim.now;
    held.handle[row] = idle.start(row);
    freed(worker);
  }

  function arrived(row: number): void {
    if (!held.arrived(row)) return;
    const worker = workerOf(row);
    const wasWatched = held.phase[row] === phase.WATCHED;
    if (parksSilent) (wasWatched ? idle : silence).stop(held.handle[row] as number);
    if (!wasWatched) read(worker, row);
    else if (isRewritten || rows.life[worker] !== LEAVING) submit(worker, row);
    else held.phase[row] = phase.UNWATCHED;
  }

  const shared: WorkerClass = {
    ...life.signals,
    isIdle: () => who.open > 0,
    accept,
    ready() {
      while (who.open > 0) {
        const row = listeners.take(SHARED);
        if (row < 0) return;
        accept(row);
      }
    },
    arrived,
    holds: held.holds,
    sent(row) {
      if (held.phase[row] !== phase.RESTING) return false;
      next(row);
      return true;
    },
    dropped(row) {
      if (held.phase[row] === phase.RESTING) next(row);
    },
    listen: (queue) => listeners.listen(queue),
    started(worker) {
      for (const part of [who, hoards, overdue, stalled]) part.reserve(worker);
      rows.started(worker, threads, limit(), processors.process);
      passes.started(worker);
      life.look(worker);
    },
  };
  const own = (worker: number): WorkerClass => ({
    ...shared,
    isIdle: () => who.isOpen(worker),
    accept(row) {
      life.wake(worker);
      take(worker, row);
    },
    ready: () => life.look(worker),
    listen: (queue) => listeners.listen(queue, worker),
  });
  return { shared, own };
}
