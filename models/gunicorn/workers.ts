// gunicorn's sync workers around their listening sockets.
//
// Modelled: workers that share sockets take the oldest connection of one, in turn if there are several
// sockets, the instant they are free (gunicorn/workers/sync.py run_for_one and run_for_multiple); a worker
// handles one connection at a time and learns nothing of a peer that has gone before it writes, so abandoned
// requests are executed in full; a connection that was accepted without data holds its worker until the data
// comes; from 26.0 on the lingering close, during which the worker waits for the proxy to close
// (gunicorn/util.py close_graceful).
// Not modelled: which of the idle workers gets a connection, since they are alike.

import type { World } from "../../src/component/world.js";
import { MICROSECOND } from "../../src/engine/time.js";
import type { Gauge } from "../../src/metrics/gauge.js";
import { execution } from "./execution.js";

const HTTP_OK = 200;
// Measured: 0.15 to 0.3 ms of worker time a request with nginx in front, gunicorn 26.1.0, Linux 6.18, two
// cores, 2026-11.
const LINGER_NS = 200 * MICROSECOND;

/** A queue of complete connections. */
export interface Queue {
  take(): number;
  readonly length: Gauge;
}

export interface Work {
  overheadNs: number;
  /** Processor time of an idle worker that is woken for a connection that another one takes. */
  wakeNs: number;
  lingers: boolean;
  bodyBytes: number;
  /** The longest that a request has held its worker so far. */
  longestNs: number;
}

/** Workers that share listening sockets. */
export interface Pool {
  /** A worker is free at this instant. */
  isIdle(): boolean;
  /** Hands a connection to a free worker without queueing it. */
  accept(connection: number): void;
  /** There may be something to accept. */
  ready(): void;
  /** The request of a connection that was accepted without it has come. */
  arrived(connection: number): void;
  /** Declares another socket. */
  listen(queue: Queue): void;
}

/** `size` workers; `busy` counts those of all pools together. */
export function workerPool(world: World, size: number, busy: Gauge, work: Work): Pool {
  const { sim, connections } = world;
  const { lingers, bodyBytes } = work;
  const queues: Queue[] = [];
  let turn = 0;
  // Workers that are free; the last one is the next to get a connection.
  const idle = Array.from({ length: size }, (_, worker) => size - 1 - worker);
  const executing = execution(world, size, { ...work, threads: 1 }, finish);
  // By connection: its worker, and since when it has it.
  const workerOf: number[] = [];
  const beganNs: number[] = [];
  const lingered = sim.timer("gunicorn lingering close", LINGER_NS, free);

  function accept(connection: number): void {
    const worker = idle.pop() as number;
    if (executing.hasHerd) for (const other of idle) executing.wake(other);
    busy.set(busy.value + 1);
    begin(worker, connection);
  }

  function begin(worker: number, connection: number): void {
    workerOf[connection] = worker;
    connections.accepted(connection);
    if (connections.hasData(connection)) serve(connection);
  }

  function serve(connection: number): void {
    beganNs[connection] = sim.now;
    executing.begin(workerOf[connection] as number, connection);
  }

  function finish(connection: number): void {
    const acceptedNs = beganNs[connection] as number;
    if (sim.now - acceptedNs > work.longestNs) work.longestNs = sim.now - acceptedNs;
    if (connections.isCallerOpen(connection)) {
      connections.caller(connection).responded(connection, HTTP_OK, bodyBytes, 0);
      if (lingers) {
        lingered.start(connection);
        return;
      }
    } else {
      const goneNs = connections.callerClosedNs[connection] as number;
      connections.caller(connection).gone(connection);
      world.work.wastedNs += sim.now - Math.max(acceptedNs, goneNs);
    }
    free(connection);
  }

  /** The worker closes and takes the next connection. */
  function free(connection: number): void {
    const worker = workerOf[connection] as number;
    connections.closedByServer(connection);
    const next = oldest();
    if (next >= 0) {
      begin(worker, next);
      return;
    }
    idle.push(worker);
    busy.set(busy.value - 1);
  }

  /** The head of the next socket that has one, or -1. */
  function oldest(): number {
    if (queues.length === 1) return (queues[0] as Queue).take();
    for (let looked = 0; looked < queues.length; looked++) {
      const queue = queues[turn] as Queue;
      turn = (turn + 1) % queues.length;
      const connection = queue.take();
      if (connection >= 0) return connection;
    }
    return -1;
  }

  function ready(): void {
    while (idle.length > 0) {
      const connection = oldest();
      if (connection < 0) return;
      accept(connection);
    }
  }

  return {
    isIdle: () => idle.length > 0,
    accept,
    ready,
    arrived(connection) {
      if (connections.isAccepted(connection)) serve(connection);
    },
    listen: (queue) => queues.push(queue),
  };
}
