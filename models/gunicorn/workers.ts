// gunicorn's sync workers around their listening sockets.
//
// Modelled: workers that share sockets take the oldest connection of one, in turn if there are several
// sockets, the instant they are free (gunicorn/workers/sync.py run_for_one and run_for_multiple); a worker
// handles one connection at a time and learns nothing of a peer that has gone before it writes, so abandoned
// requests are executed in full; a connection that was accepted without data holds its worker until the data
// comes; from 26.0 on the lingering close, during which the worker waits for the proxy to close
// (gunicorn/util.py close_graceful).
// Not modelled: which of the idle workers gets a connection, since they are alike; the cost of waking all of
// them.

import type { World } from "../../src/component/world.js";
import { MICROSECOND } from "../../src/engine/time.js";
import type { Gauge } from "../../src/metrics/gauge.js";
import { workerBodies } from "./request-body.js";

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
  lingers: boolean;
  /** Size of the response to a request. */
  bodyBytes(request: number): number;
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
  const { sim, connections, requests } = world;
  const { overheadNs, lingers, bodyBytes } = work;
  const queues: Queue[] = [];
  const bodies = workerBodies(world, work);
  let turn = 0;
  let idle = size;
  const served = sim.event("served", finish);
  const lingered = sim.timer("gunicorn lingering close", LINGER_NS, free);

  function accept(connection: number): void {
    idle--;
    busy.set(busy.value + 1);
    begin(connection);
  }

  function begin(connection: number): void {
    connections.accepted(connection);
    if (connections.hasData(connection)) serve(connection);
  }

  function serve(connection: number): void {
    const lengthNs = workNs(connection) + bodies.begins(connection);
    if (lengthNs > work.longestNs) work.longestNs = lengthNs;
    served.after(lengthNs, connection);
  }

  function finish(connection: number): void {
    const acceptedNs = sim.now - workNs(connection);
    const wastedNs = sim.now - Math.max(acceptedNs, connections.desertedNs(connection));
    if (wastedNs > 0) world.work.wastedNs += wastedNs;
    if (connections.isCallerOpen(connection)) {
      if (bodies.isLost(connection)) {
        free(connection);
        return;
      }
      const bytes = bodyBytes(connections.request[connection] as number);
      connections.caller(connection).responded(connection, HTTP_OK, bytes, 0);
      if (lingers) {
        lingered.start(connection);
        return;
      }
    } else {
      connections.caller(connection).gone(connection);
    }
    free(connection);
  }

  /** The worker closes and takes the next connection. */
  function free(connection: number): void {
    connections.closedByServer(connection);
    const next = oldest();
    if (next >= 0) {
      begin(next);
      return;
    }
    idle++;
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
    while (idle > 0) {
      const connection = oldest();
      if (connection < 0) return;
      accept(connection);
    }
  }

  function workNs(connection: number): number {
    return (requests.serviceNs[connections.request[connection] as number] as number) + overheadNs;
  }

  return {
    isIdle: () => idle > 0,
    accept,
    ready,
    arrived(connection) {
      if (connections.isAccepted(connection)) serve(connection);
    },
    listen: (queue) => queues.push(queue),
  };
}
