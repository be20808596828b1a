// What an arbiter and a class of workers know of each other.
//
// Modelled: the life of a worker process as both see it. Not modelled: what the classes do; see sync.ts and
// its neighbours.

import type { World } from "../../src/component/world.js";
import type { Gauge } from "../../src/metrics/gauge.js";
import type { Processors } from "../cpu.js";
import type { Acceptors } from "../linux/acceptors.js";
import type { Application } from "./own-app.js";
import { unreadBodies } from "./request-body.js";
import type { GunicornSettings } from "./settings.js";

/**
 * All worker processes of one class behind the same sockets. Workers are numbers from 0; the number of a
 * process that has gone is used again. During a reload there are twice as many, and TTIN adds more: columns
 * by worker grow with `started`. With a socket for each worker there is an object for each, which only hears
 * of its own number.
 */
export interface WorkerClass extends Acceptors {
  /** A process has booted as this worker: it accepts from now on, and from now on only. */
  started(worker: number): void;
  /**
   * SIGTERM: it accepts no more and finishes what it has. It calls `Arbiter.exits` when nothing is left,
   * which may be at once. May come twice.
   */
  stop(worker: number): void;
  /**
   * SIGABRT after its time is up: what holds its process ends now, with no answer or with a 500, as the
   * version has it; `cause` is why, for its requests. True if the process ends by it, and the arbiter sees
   * to the exit: nothing of it runs or accepts any more. False if it survives (the exit was swallowed, or its
   * process is stuck): SIGKILL follows a second later.
   */
  abort(worker: number, cause: number): boolean;
  /** The process is gone at once (SIGKILL, a crash): whatever it had accepted is lost, for this cause. */
  die(worker: number, cause: number): void;
  /**
   * The process does nothing at all for so long, as if it were stuck in a call that never returns to the
   * interpreter: it accepts nothing, sends no heartbeat and hears no SIGABRT; then it goes on.
   */
  hang(worker: number, forNs: number): void;
}

/** The master process. */
export interface Arbiter {
  /**
   * A worker sends no heartbeat from `sinceNs` on (until `beats`): the arbiter aborts it when that lasts
   * longer than `timeout`. Need not be told of a silence that is known to end before.
   */
  silent(worker: number, sinceNs: number): void;
  /** A worker that was said to be silent has sent a heartbeat. */
  beats(worker: number): void;
  /** A worker process leaves by itself: max_requests, or it has finished after `stop`. */
  exits(worker: number): void;
}

/** What a class is built with. */
export interface Employment {
  arbiter: Arbiter;
  settings: GunicornSettings;
  /** `gunicorn` or `gunicorn.NAME`: begins the names of random streams. */
  path: string;
  /** Which of several objects of this gunicorn: ends the names of random streams, "" for the only one. */
  of: string;
  /** Places in work, of all workers together. */
  busy: Gauge;
  /** Of the machine that they run on. */
  processors: Processors;
  application: Application;
  /** Worker time of a request beyond the application's own. */
  overheadNs: number;
}

/** A class of workers, as the table of gunicorn.ts has it. */
export interface ClassDeclaration {
  /** How many requests one worker works on at a time: the places that `busy` counts. */
  places(settings: GunicornSettings): number;
  /** Connections that one worker takes from the accept queue; Infinity without a limit. */
  takes(settings: GunicornSettings): number;
  /** Requests that can wait in one worker at a time, for what the application asks others for. */
  atOnce(settings: GunicornSettings): number;
  /** What the workers can do, as the report says it: `4 sync workers, one request each`. */
  text(settings: GunicornSettings): string;
  /** From the fork of a worker to its first accept, without the application's import. */
  bootNs: number;
  /** Worker time of a request beyond the application's own, unless the scenario says so. */
  overheadNs: number;
  /** The backlog that its workers give to listen(2) once more, if they do. */
  backlog?: number;
  build(world: World, employment: Employment): WorkerClass;
}

/** Workers that take a connection when they are through with the one before. */
export const oneAtATime = { places: () => 1, takes: () => 1, atOnce: () => 1 };

/** How long a worker may be silent, Infinity without a limit. */
export function silenceNs({ timeout: timeoutNs }: GunicornSettings): number {
  return timeoutNs === 0 ? Number.POSITIVE_INFINITY : timeoutNs;
}

/** How many requests a new worker serves before it leaves: drawn at its start, Infinity without a limit. */
export function requestLimit(
  world: World,
  { settings, path, of }: Pick<Employment, "settings" | "path" | "of">,
): () => number {
  const { max_requests: most, max_requests_jitter: jitter } = settings;
  if (most === 0) return () => Number.POSITIVE_INFINITY;
  if (jitter === 0) return () => most;
  const draw = world.random(`${path}.max_requests${of}`);
  // gunicorn/workers/base.py Worker.__init__: max_requests + randint(0, jitter), both ends included.
  return () => most + Math.floor(draw() * (jitter + 1));
}

/**
 * Loses connections whose process has gone before it answered: the kernel closes them, which the caller sees
 * as an end without an answer, or as a reset if the request's body was not read yet. A connection whose data
 * has not come keeps its row: close the server's side when `arrived` tells of it.
 */
export function loser(world: World, { application }: Pick<Employment, "application">) {
  const { connections, requests } = world;
  const leavesUnread = unreadBodies(world, application);
  return (connection: number, cause: number): void => {
    const caller = connections.caller(connection);
    if (connections.isCallerOpen(connection)) {
      requests.cause[connections.request[connection] as number] = cause;
      if (leavesUnread(connection)) caller.reset(connection);
      else caller.hungUp(connection);
    } else caller.gone(connection);
    if (connections.hasData(connection)) connections.closedByServer(connection);
  };
}
