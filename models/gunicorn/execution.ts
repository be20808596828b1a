// How a worker spends its time on a request, on processors that it shares.
//
// Modelled: requests of one worker that run at a time share its interpreter's lock while they compute;
// gunicorn's own time for a request (accept, parse, write, close) and the application's processor
// time, both on a core of the machine, and then the application's waiting, which takes none; idle workers
// that are woken by a connection and find it taken: all of them wait for the same socket without
// EPOLLEXCLUSIVE, and each needs `wakeNs` of a core to find out (gunicorn/workers/sync.py wait; measured:
// 1.0 to 1.2 wake-ups a connection in each of 1, 4 and 9 idle workers, gunicorn 20.1.0, Linux 6.18,
// 2026-11). A worker that is still busy finding out is not woken again.
// Not modelled: that a worker waits and computes in turns while it executes a request: when it is through
// does not depend on the order unless others' load changes meanwhile. With a core for everybody, waking
// costs nothing that anybody could notice.

import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/event-heap.js";
import { processorsOf } from "../cpu.js";

export interface Execution {
  /** A worker has the whole request; `done(connection)` follows when it has executed it. */
  begin(worker: number, connection: number): void;
  /** Its process ends before that. */
  stop(connection: number): void;
  /** A connection that another one has taken wakes an idle worker. */
  wake(worker: number): void;
  /** Waking costs something. */
  readonly hasHerd: boolean;
}

export interface WorkerCosts {
  /** Processor time that a request takes beside the application's. */
  overheadNs: number;
  /** What it takes to be woken for nothing. */
  wakeNs: number;
  /** Most requests that a worker executes at a time; those of one worker share its interpreter's lock. */
  threads: number;
}

const FIRST_CAPACITY = 256;

/** For workers 0 to `workers` - 1, each a process. */
export function execution(
  world: World,
  workers: number,
  { overheadNs, wakeNs, threads }: WorkerCosts,
  done: (connection: number) => void,
): Execution {
  const { sim, connections, requests } = world;
  const machine = processorsOf(world);
  const served = sim.event("served", done);
  // By connection: what stops it.
  let handles = new Float64Array(FIRST_CAPACITY);

  const requestOf = (connection: number) => connections.request[connection] as number;

  function keep(connection: number, handle: number): void {
    if (connection >= handles.length) {
      handles = grown(handles, new Float64Array(Math.max(2 * handles.length, connection + 1)));
    }
    handles[connection] = handle;
  }

  if (machine.isUnlimited && threads === 1) {
    return {
      hasHerd: false,
      begin(_, connection) {
        const request = requestOf(connection);
        const workNs = (requests.serviceNs[request] as number) + (requests.cpuNs[request] as number);
        keep(connection, served.after(workNs + overheadNs, connection));
      },
      stop: (connection) => served.cancel(handles[connection] as number),
      wake() {},
    };
  }

  const processes = Array.from({ length: workers }, () => machine.process());
  const computing = machine.jobs("gunicorn request", computed);
  const waking = machine.jobs("gunicorn wake-up", (worker) => {
    isAwake[worker] = 0;
  });
  const isAwake = new Uint8Array(workers);
  /** By connection: it waits, and computes no more. */
  let isWaiting = new Uint8Array(FIRST_CAPACITY);

  function computed(connection: number): void {
    const serviceNs = requests.serviceNs[requestOf(connection)] as number;
    if (serviceNs === 0) {
      done(connection);
      return;
    }
    isWaiting[connection] = 1;
    keep(connection, served.after(serviceNs, connection));
  }

  return {
    hasHerd: wakeNs > 0 && !machine.isUnlimited,
    begin(worker, connection) {
      const cpuNs = (requests.cpuNs[requestOf(connection)] as number) + overheadNs;
      keep(connection, computing.start(processes[worker] as number, cpuNs, connection));
      if (handles.length > isWaiting.length) isWaiting = grown(isWaiting, new Uint8Array(handles.length));
      isWaiting[connection] = 0;
    },
    stop(connection) {
      const handle = handles[connection] as number;
      if (isWaiting[connection]) served.cancel(handle);
      else computing.stop(handle);
    },
    wake(worker) {
      if (isAwake[worker]) return;
      isAwake[worker] = 1;
      waking.start(processes[worker] as number, wakeNs, worker);
    },
  };
}
