// How a sync worker spends its time on a request.
//
// Modelled: the worker waits until the request's body is there; gunicorn's own time for a request (accept,
// parse, write, close) and the application's processor time, both on a core of the machine; then the
// application's waiting, which takes none. Where there are as many cores as anybody wants all of this is one
// event. Idle workers that are woken by a connection and find it taken: all of them wait for the same socket
// without EPOLLEXCLUSIVE, and each needs `wake_cpu` of a core to find out (gunicorn/workers/sync.py wait;
// measured: 1.0 to 1.2 wake-ups a connection in each of 1, 4 and 9 idle workers, gunicorn 20.1.0, Linux 6.18,
// 2026-11). A worker that is still busy finding out is not woken again.
// Not modelled: that a worker waits and computes in turns while it executes a request: when it is through
// does not depend on the order unless others' load changes meanwhile. With a core for everybody, waking
// costs nothing that anybody could notice.

import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import type { Times } from "../own-times.js";
import { NO_PROCESS, type SyncRows } from "./sync-rows.js";
import type { Employment } from "./worker-class.js";

/** The steps of a request that has to ask for a processor. */
const RECEIVES = 0;
const COMPUTES = 1;
const WAITS = 2;

export interface Execution {
  /** A process has booted as this worker. */
  started(worker: number): void;
  /**
   * A worker begins with a request, whose body it has to wait for so long; `done(worker)` follows when it has
   * executed it, at `untilNs` of its row unless that depends on others.
   */
  begin(worker: number, connection: number, receivesNs: number): void;
  /** Its process ends before that. */
  stop(worker: number): void;
  /** Its process does nothing until `resume`. */
  pause(worker: number): void;
  resume(worker: number): void;
  /** A connection that another one has taken wakes an idle worker. */
  wake(worker: number): void;
  /** Waking costs something. */
  readonly hasHerd: boolean;
  /** How long a request takes depends on others. */
  readonly isShared: boolean;
}

type Given = Pick<Employment, "processors" | "overheadNs"> & { application: Times; wakeNs: number };

export function execution(
  world: World,
  rows: SyncRows,
  given: Given,
  done: (worker: number) => void,
): Execution {
  return (given.processors.isUnlimited ? alone : sharing)(world, rows, given, done);
}

/** Every worker has a core when it wants one. */
function alone(
  { sim, connections }: World,
  rows: SyncRows,
  { overheadNs, application: { sleepNs, cpuNs } }: Given,
  done: (worker: number) => void,
): Execution {
  const served = sim.event("served", done);
  const stop = (worker: number) => served.cancel(rows.handle[worker] as number);
  return {
    started() {},
    begin(worker, connection, receivesNs) {
      const request = connections.request[connection] as number;
      const lengthNs = receivesNs + overheadNs + sleepNs(request) + cpuNs(request);
      rows.untilNs[worker] = sim.now + lengthNs;
      rows.handle[worker] = served.after(lengthNs, worker);
    },
    stop,
    pause(worker) {
      stop(worker);
      (rows.untilNs[worker] as number) -= sim.now;
    },
    resume(worker) {
      (rows.untilNs[worker] as number) += sim.now;
      rows.handle[worker] = served.at(rows.untilNs[worker] as number, worker);
    },
    wake() {},
    hasHerd: false,
    isShared: false,
  };
}

/** Workers ask for the cores that they share with others. */
function sharing(
  { sim, connections, onReset }: World,
  rows: SyncRows,
  { processors, overheadNs, wakeNs, application: { sleepNs, cpuNs } }: Given,
  done: (worker: number) => void,
): Execution {
  const computing = processors.jobs("gunicorn request", wait);
  const waking = processors.jobs("gunicorn wake-up", (worker) => {
    isAwake[worker] = 0;
  });
  const waited = sim.event("served", (worker) => {
    if (rows.step[worker] === RECEIVES) compute(worker);
    else done(worker);
  });
  let isAwake = new Uint8Array(0);
  onReset(() => {
    isAwake.fill(0);
  });

  const requestOf = (worker: number) => connections.request[rows.current[worker] as number] as number;
  const processOf = (worker: number) => rows.process[worker] as number;

  function compute(worker: number): void {
    take(worker, COMPUTES, overheadNs + cpuNs(requestOf(worker)));
  }

  function wait(worker: number): void {
    const serviceNs = sleepNs(requestOf(worker));
    if (serviceNs === 0) done(worker);
    else take(worker, WAITS, serviceNs);
  }

  function take(worker: number, step: number, lengthNs: number): void {
    rows.step[worker] = step;
    if (step === COMPUTES) rows.handle[worker] = computing.start(processOf(worker), lengthNs, worker);
    else {
      rows.untilNs[worker] = sim.now + lengthNs;
      rows.handle[worker] = waited.after(lengthNs, worker);
    }
  }

  /** What its step lacks. */
  function stop(worker: number): number {
    const handle = rows.handle[worker] as number;
    if (rows.step[worker] === COMPUTES) return computing.stop(handle);
    waited.cancel(handle);
    return (rows.untilNs[worker] as number) - sim.now;
  }

  return {
    started(worker) {
      if (worker >= isAwake.length) isAwake = grown(isAwake, new Uint8Array(rows.process.length));
      if (processOf(worker) === NO_PROCESS) rows.process[worker] = processors.process();
    },
    begin(worker, _, receivesNs) {
      if (receivesNs > 0) take(worker, RECEIVES, receivesNs);
      else compute(worker);
    },
    stop,
    pause(worker) {
      rows.untilNs[worker] = stop(worker);
    },
    resume(worker) {
      take(worker, rows.step[worker] as number, rows.untilNs[worker] as number);
    },
    wake(worker) {
      if (isAwake[worker]) return;
      isAwake[worker] = 1;
      waking.start(processOf(worker), wakeNs, worker);
    },
    hasHerd: wakeNs > 0,
    isShared: true,
  };
}
