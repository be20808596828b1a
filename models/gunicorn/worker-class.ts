// What an arbiter and a class of workers know of each other.
//
// Modelled: the life of a worker process as both see it. Not modelled: what the classes do; see sync.ts and
// its neighbours.

import type { Acceptors } from "../linux/listening-socket.js";

/** All worker processes of one class behind the same sockets. Workers are numbers from 0. */
export interface WorkerClass extends Acceptors {
  /** A process has booted as this worker: it accepts from now on. */
  started(worker: number): void;
  /**
   * SIGTERM: it accepts no more and finishes what it has. It calls `Arbiter.exits` when nothing is left,
   * which may be at once.
   */
  stop(worker: number): void;
  /**
   * SIGABRT after its time is up: what holds its process ends now, with no answer or with a 500, as the
   * version has it. The arbiter sees to the exit.
   */
  abort(worker: number): void;
  /** The process is gone at once (SIGKILL, a crash): whatever it had accepted is lost. */
  die(worker: number): void;
}

/** The master process. */
export interface Arbiter {
  /**
   * A worker sends no heartbeat from `sinceNs` on (until `beats`): the arbiter aborts it when that lasts
   * longer than `timeout`.
   */
  silent(worker: number, sinceNs: number): void;
  /** A worker that was silent has sent a heartbeat. */
  beats(worker: number): void;
  /** A worker process leaves by itself: max_requests, or it has finished after `stop`. */
  exits(worker: number): void;
}
