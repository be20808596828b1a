// Heartbeats of workers with an event loop, and what ends them.
//
// Modelled: heartbeats are sent by the loop itself, in steps; a worker that is to leave (max_requests,
// SIGTERM) notices with its next look and accepts meanwhile; then it looks again and again whether anybody
// is left, or knows at once; some wait for idle callers, some close them; some send no heartbeats meanwhile;
// graceful_timeout ends the waiting. SIGABRT ends the one request that has the loop (gunicorn/workers/
// ggevent.py handle_request swallows the exit), or the process, or waits for the loop until SIGKILL comes.
// Not modelled: the second that gevent gives to what it kills at graceful_timeout.

import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import type { HeldConnections } from "./held-connections.js";
import * as phase from "./held-connections.js";
import { GONE, LEAVING, LOOKING, type loopRows, NOBODY, RETIRING, RUNNING } from "./loop-rows.js";
import type { LoopLeaving } from "./loop-traits.js";
import type { PrivateQueues } from "./private-queue.js";
import type { Split } from "./split.js";
import { type Employment, silenceNs, type WorkerClass } from "./worker-class.js";

export interface LoopParts {
  rows: ReturnType<typeof loopRows>;
  who: Split;
  held: HeldConnections;
  queues: PrivateQueues;
  stalled: PrivateQueues;
  stop(row: number): void;
  turn(worker: number): void;
  receivedBody(row: number): void;
  computed(row: number): void;
  resumed(row: number): void;
}

export function loopLife(world: World, employment: Employment, leaving: LoopLeaving, parts: LoopParts) {
  const { sim } = world;
  const { arbiter, settings, path } = employment;
  const { rows, who, held, queues, stalled } = parts;
  const isTimed = silenceNs(settings) < Number.POSITIVE_INFINITY;
  const noticed = sim.event("gunicorn worker noticed", leave);
  const polled = sim.event("gunicorn worker looked", poll);
  const recovered = sim.event("gunicorn worker recovered", recover);
  const isGraceful = leaving.graceNs < Number.POSITIVE_INFINITY;
  const grace = sim.timer("gunicorn graceful timeout", isGraceful ? leaving.graceNs : 0, end);
  const impatient = world.recorder.commonCause({
    id: "graceful-timeout",
    text: () => "a gunicorn worker left after graceful_timeout with requests in progress",
    settings: [`${path}.graceful_timeout = ${durationText(settings.graceful_timeout)}`],
  });

  /** Its last heartbeat, if nothing has stopped them. */
  function beatNs(worker: number): number {
    const knownNs = rows.beatNs[worker] as number;
    return knownNs + leaving.beatNs * Math.floor((sim.now - knownNs) / leaving.beatNs);
  }

  /** The loop will be in use for long. */
  function silenced(worker: number): void {
    if (!isTimed || rows.isSilent[worker]) return;
    if (rows.life[worker] === LEAVING && !leaving.beats) return;
    rows.isSilent[worker] = true;
    arbiter.silent(worker, beatNs(worker));
  }

  /** The loop is free: heartbeats and signals come through. */
  function looked(worker: number): void {
    const doom = rows.doom[worker] as number;
    if (rows.life[worker] === GONE) return;
    if (doom !== 0) {
      gone(worker, doom);
      arbiter.exits(worker);
    } else if (rows.isSilent[worker]) beats(worker);
  }

  function beats(worker: number): void {
    if (!rows.isSilent[worker]) return;
    rows.isSilent[worker] = false;
    rows.beatNs[worker] = sim.now;
    arbiter.beats(worker);
  }

  /** max_requests or SIGTERM. */
  function retire(worker: number): void {
    if (rows.life[worker] !== RUNNING) return;
    rows.life[worker] = RETIRING;
    const { noticeNs } = leaving;
    const sinceNs = (sim.now - (rows.beatNs[worker] as number)) % noticeNs;
    rows.notice[worker] = noticed.after(noticeNs - sinceNs, worker);
  }

  function leave(worker: number): void {
    rows.life[worker] = LEAVING;
    who.set(worker, false);
    if (leaving.closesIdle) {
      held.each(worker, (row) => {
        if (held.phase[row] === phase.RESTING) held.close(row);
      });
    }
    if (!leaving.beats && isTimed) arbiter.silent(worker, sim.now);
    if (isGraceful) rows.grace[worker] = grace.start(worker);
    if (leaving.leavesAnyway) rows.notice[worker] = polled.after(leaving.pollNs, worker);
    else poll(worker);
  }

  function poll(worker: number): void {
    const isFree = rows.current[worker] === NOBODY && !rows.isStuck[worker];
    if (isFree && (leaving.leavesAnyway || rows.taken[worker] === 0)) end(worker);
    else if (leaving.pollNs > 0) rows.notice[worker] = polled.after(leaving.pollNs, worker);
  }

  /** A connection has ended: true if that was the last thing of its process. */
  function isEnded(worker: number): boolean {
    if (rows.life[worker] === GONE) return true;
    if (rows.life[worker] !== LEAVING || leaving.pollNs > 0 || rows.taken[worker] !== 0) return false;
    end(worker);
    return true;
  }

  function end(worker: number): void {
    gone(worker, impatient);
    arbiter.exits(worker);
  }

  /** The process has ended, and with it all that it held. */
  function gone(worker: number, cause: number): void {
    if (rows.life[worker] === GONE) return;
    rows.life[worker] = GONE;
    who.set(worker, false);
    grace.stop(rows.grace[worker] as number);
    noticed.cancel(rows.notice[worker] as number);
    recovered.cancel(rows.recovery[worker] as number);
    queues.clear(worker);
    stalled.clear(worker);
    rows.current[worker] = NOBODY;
    rows.batch[worker] = 0;
    held.each(worker, (row) => {
      parts.stop(row);
      held.lost(row, cause);
    });
  }

  function abort(worker: number, cause: number): boolean {
    if (rows.isStuck[worker]) return false;
    const current = rows.current[worker] as number;
    if (leaving.abortEnds === "process" || current === NOBODY) {
      gone(worker, cause);
      return true;
    }
    if (leaving.abortEnds === "process, by its loop") {
      rows.doom[worker] = cause;
      return false;
    }
    parts.stop(current);
    rows.current[worker] = LOOKING;
    held.lost(current, cause);
    retire(worker);
    parts.turn(worker);
    return false;
  }

  function hang(worker: number, forNs: number): void {
    rows.isStuck[worker] = true;
    who.set(worker, false);
    silenced(worker);
    rows.recovery[worker] = recovered.after(forNs, worker);
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
    for (let left = stalled.length(worker); left > 0 && rows.life[worker] !== GONE; left--) {
      const row = stalled.take(worker);
      if (held.phase[row] === phase.RECEIVING) parts.receivedBody(row);
      else if (held.phase[row] === phase.WAITING) parts.resumed(row);
      else parts.computed(row);
    }
    if (rows.life[worker] !== GONE && rows.current[worker] === NOBODY) parts.turn(worker);
  }

  const signals = { stop: retire, abort, die: gone, hang } satisfies Partial<WorkerClass>;
  return { signals, silenced, looked, retire, isEnded, isStalled };
}
