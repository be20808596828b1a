// Workers whose process is one event loop: what gevent, eventlet, tornado, uvicorn and asgi have in common.
//
// Modelled: a loop runs in turns: it accepts some connections if it has places left, then everybody who is
// ready has the loop once, one after the other, and keeps it while it computes; waiting overlaps, unless the
// application waits on the loop itself. So a request that computes stops accepting, heartbeats and its
// neighbours, and other workers take the connections meanwhile. Heartbeats come between two turns. Keepalive;
// a first request that does not come in time; a worker that is told to leave notices with its next look, and
// then waits for what it has as its class does; a worker timeout ends the request that has the loop, or all.
// Not modelled: the loop's own order within a turn; application code that computes after it has waited; idle
// connections that are closed a little late because the loop is busy.

import type { World } from "../../src/component/world.js";
import { MILLISECOND } from "../../src/engine/time.js";
import { NO_TIMER } from "../../src/engine/timer.js";
import { acceptBursts } from "./accept-bursts.js";
import { acceptTurns, SHARED, type Staff } from "./accept-turns.js";
import { lateCause } from "./causes.js";
import * as phase from "./held-connections.js";
import { heldConnections } from "./held-connections.js";
import { loopLife } from "./loop-life.js";
import { LOOKING, loopRows, NOBODY, RUNNING } from "./loop-rows.js";
import type { LoopTraits } from "./loop-traits.js";
import { peerWatch } from "./peer-watch.js";
import { gaugeOf, privateQueues } from "./private-queue.js";
import { workerBodies } from "./request-body.js";
import { splitOf } from "./split.js";
import { type Employment, requestLimit, type WorkerClass } from "./worker-class.js";

// What has the loop for less is nothing to the arbiter, which counts in seconds; shared cores take longer.
const UNNOTICED_NS = 50 * MILLISECOND;

export function eventLoopWorkers(world: World, employment: Employment, traits: LoopTraits): Staff {
  const { sim, connections, requests } = world;
  const { settings, path, busy, processors, application, overheadNs } = employment;
  const { takes, places, waitsOnLoop, firstNs, restNs, countsPlaces } = traits;
  const rows = loopRows(world);
  const who = splitOf(world, employment, true);
  const listeners = acceptTurns(world);
  const queues = privateQueues(world);
  const stalled = privateQueues(world);
  const bodies = workerBodies(world, application, { lingers: !traits.resets, readsAll: traits.readsAll });
  const held = heldConnections(world, application, { rests, ends, isLost: bodies.isLost });
  const limit = requestLimit(world, employment);
  const holding = gaugeOf(world, `held by ${path} workers`, settings.workers * takes);
  const jobs = processors.jobs("gunicorn loop computed", computed);
  const received = sim.event("gunicorn request has its body", receivedBody);
  const waited = sim.event("gunicorn request finished", resumed);
  const first = sim.timer("gunicorn first request", firstNs, (row) => held.lost(row, late));
  const idle = sim.timer("gunicorn keepalive", restNs, (row) => held.close(row));
  const { cancelsNs } = traits;
  const peers = Number.isFinite(cancelsNs) && peerWatch(world, held, { cancelsNs, received, waited });
  const late = lateCause(world, path, firstNs);
  const life = loopLife(world, employment, traits.leaving, {
    rows,
    who,
    held,
    queues,
    stalled,
    stop: callOff,
    turn,
    receivedBody,
    computed,
    resumed,
  });

  const winner = acceptBursts(world, who, { most: traits.acceptsPerTurn, mayTake });
  const workerOf = (row: number) => held.worker[row] as number;

  function take(worker: number, row: number): void {
    held.accepted(row, worker);
    holding.set(holding.value + 1);
    const taken = ++(rows.taken[worker] as number);
    if (taken > places) {
      rows.extra[worker] = row;
      look(worker);
      return;
    }
    if (connections.hasData(row)) {
      enqueue(worker, row);
      return;
    }
    held.phase[row] = phase.SILENT;
    held.handle[row] = firstNs > 0 ? first.start(row) : NO_TIMER;
    look(worker);
  }

  /** A request is ready: it has the loop when it is its turn. */
  function enqueue(worker: number, row: number): void {
    held.phase[row] = phase.HOARDED;
    queue(worker, row, overheadNs + onLoopNs(row));
  }

  function queue(worker: number, row: number, lengthNs: number): void {
    queues.put(worker, row);
    (rows.queuedNs[worker] as number) += lengthNs;
    if (rows.current[worker] === NOBODY && !rows.isStuck[worker]) turn(worker);
  }

  function onLoopNs(row: number): number {
    const request = connections.request[row] as number;
    const cpuNs = application.cpuNs(request);
    return waitsOnLoop ? cpuNs + application.sleepNs(request) : cpuNs;
  }

  /** Nobody has the loop: a turn begins. */
  function turn(worker: number): void {
    rows.current[worker] = LOOKING;
    life.looked(worker);
    if (rows.current[worker] !== LOOKING) return;
    acceptSome(worker);
    const batch = queues.length(worker);
    if (batch === 0) {
      rows.current[worker] = NOBODY;
      look(worker);
      return;
    }
    who.set(worker, false);
    rows.batch[worker] = batch;
    const lengthNs = rows.queuedNs[worker] as number;
    rows.queuedNs[worker] = 0;
    if (lengthNs > UNNOTICED_NS || !processors.isUnlimited) life.silenced(worker);
    begin(worker);
  }

  function acceptSome(worker: number): void {
    for (let left = traits.acceptsPerTurn; left > 0 && mayTake(worker); left--) {
      const row = listeners.take(worker);
      if (row < 0) return;
      take(worker, row);
    }
  }

  /** Whether it waits for connections. */
  function look(worker: number): void {
    who.set(worker, rows.current[worker] === NOBODY && mayTake(worker));
  }

  function mayTake(worker: number): boolean {
    return !rows.isStuck[worker] && rows.isAccepting(worker) && (rows.taken[worker] as number) < takes;
  }

  /** The next of this turn has the loop. */
  function begin(worker: number): void {
    const row = queues.take(worker);
    rows.current[worker] = row;
    (rows.batch[worker] as number)--;
    const cpuNs = application.cpuNs(connections.request[row] as number);
    if (held.phase[row] === phase.RECEIVING) {
      if (!countsPlaces) busy.set(busy.value + 1);
      compute(worker, row, cpuNs);
      return;
    }
    if (--(rows.left[worker] as number) === 0) life.retire(worker);
    connections.accepted(row);
    busy.set(busy.value + 1);
    held.sinceNs[row] = sim.now;
    held.isKept[row] = traits.keeps && rows.life[worker] === RUNNING ? 1 : 0;
    if (requests.bodies !== undefined && bodies.isAwaited(row)) {
      compute(worker, row, overheadNs);
      held.phase[row] = phase.PARSING;
      return;
    }
    if (requests.bodies !== undefined) bodies.begins(row);
    compute(worker, row, overheadNs + cpuNs);
  }

  function compute(worker: number, row: number, workNs: number): void {
    held.phase[row] = phase.COMPUTING;
    held.handle[row] = jobs.start(rows.process[worker] as number, workNs, row);
  }

  /** The application, or what calls it, asks for the body. */
  function parsed(row: number): void {
    held.phase[row] = phase.RECEIVING;
    const receivesNs = bodies.begins(row);
    held.handle[row] = received.after(peers ? peers.receives(row, receivesNs) : receivesNs, row);
    if (!countsPlaces) busy.set(busy.value - 1);
    advance(workerOf(row));
  }

  function receivedBody(row: number): void {
    if (!life.isStalled(row)) queue(workerOf(row), row, onLoopNs(row));
  }

  function computed(row: number): void {
    if (life.isStalled(row)) return;
    if (held.phase[row] === phase.PARSING) {
      parsed(row);
      return;
    }
    const worker = workerOf(row);
    held.phase[row] = phase.WAITING;
    const serviceNs = application.sleepNs(connections.request[row] as number);
    if (serviceNs > 0) {
      held.handle[row] = waited.after(peers ? peers.waits(row, serviceNs) : serviceNs, row);
      if (waitsOnLoop) return;
      if (!countsPlaces) busy.set(busy.value - 1);
    } else finish(row, true);
    advance(worker);
  }

  /** It has waited for long enough. */
  function resumed(row: number): void {
    if (life.isStalled(row)) return;
    finish(row, waitsOnLoop);
    if (waitsOnLoop) advance(workerOf(row));
  }

  function finish(row: number, hasLoop: boolean): void {
    if (!connections.isCallerOpen(row) && (countsPlaces || hasLoop)) {
      const goneNs = connections.callerClosedNs[row] as number;
      world.work.wastedNs += sim.now - Math.max(held.sinceNs[row] as number, goneNs);
    }
    if (countsPlaces || hasLoop) busy.set(busy.value - 1);
    if (rows.life[workerOf(row)] !== RUNNING) held.isKept[row] = 0;
    held.answer(row);
  }

  /** Whoever had the loop has given it back. */
  function advance(worker: number): void {
    if ((rows.batch[worker] as number) > 0) begin(worker);
    else turn(worker);
  }

  function rests(row: number): void {
    held.handle[row] = restNs > 0 ? idle.start(row) : NO_TIMER;
  }

  function ends(row: number, was: number): void {
    const worker = workerOf(row);
    holding.set(holding.value - 1);
    if (was === phase.RESTING) idle.stop(held.handle[row] as number);
    (rows.taken[worker] as number)--;
    if (life.isEnded(worker)) return;
    const { extra } = rows;
    const waiting = extra[worker] as number;
    if (waiting !== NOBODY) {
      extra[worker] = NOBODY;
      enqueue(worker, waiting);
    } else if (rows.current[worker] === NOBODY && !rows.isStuck[worker]) turn(worker);
  }

  /** What stands for the end of its phase is called off. */
  function callOff(row: number): void {
    const handle = held.handle[row] as number;
    const was = held.phase[row];
    const hasLoop = was === phase.COMPUTING || was === phase.PARSING;
    if (hasLoop) jobs.stop(handle);
    else if (was === phase.RECEIVING) received.cancel(handle);
    else if (was === phase.WAITING) waited.cancel(handle);
    else if (was === phase.SILENT) first.stop(handle);
    const hasPlace = was === phase.WAITING || (was === phase.RECEIVING && countsPlaces);
    if (hasLoop || (hasPlace && (countsPlaces || waitsOnLoop))) busy.set(busy.value - 1);
  }

  const shared: WorkerClass = {
    ...life.signals,
    isIdle: () => who.open > 0,
    accept: (row) => take(winner(), row),
    ready() {
      while (who.open > 0) {
        const row = listeners.take(SHARED);
        if (row < 0) return;
        take(winner(), row);
      }
    },
    arrived(row) {
      if (!held.arrived(row)) return;
      first.stop(held.handle[row] as number);
      enqueue(workerOf(row), row);
    },
    holds: held.holds,
    sent(row) {
      if (held.phase[row] !== phase.RESTING) return false;
      idle.stop(held.handle[row] as number);
      enqueue(workerOf(row), row);
      return true;
    },
    dropped(row) {
      if (held.phase[row] === phase.RESTING) held.close(row);
    },
    ...(peers && { left: peers.left }),
    listen: (queue) => listeners.listen(queue),
    started(worker) {
      for (const part of [who, queues, stalled]) part.reserve(worker);
      rows.started(worker, limit(), sim.now, processors.process);
      turn(worker);
    },
  };
  const own = (worker: number): WorkerClass => ({
    ...shared,
    isIdle: () => who.isOpen(worker),
    accept: (row) => take(worker, row),
    ready() {
      if (who.isOpen(worker)) turn(worker);
    },
    listen: (queue) => listeners.listen(queue, worker),
  });
  return { shared, own };
}
