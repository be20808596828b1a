// Modelled: what an operator, a deployment or an accident does to a gunicorn. Not modelled: how it is done;
// see arbiter.ts.

/**
 * What may happen to a gunicorn by the clock. Workers are numbered from 1 by age, the oldest first. False if
 * there was nothing to do: no master, no such worker, nothing to start.
 */
export interface Actions {
  /** HUP: new workers, and SIGTERM to the old ones. */
  reload(): boolean;
  /** TERM: the master and its workers end. */
  stop(): boolean;
  /** A master is started, after it was stopped. */
  start(): boolean;
  /** Stop, and start so long after the master has gone. */
  restart(pauseNs?: number): void;
  /** TTIN and TTOU: one worker more or less. */
  addWorker(): boolean;
  removeWorker(): boolean;
  /** A worker gets SIGKILL; without a number the oldest that is up. */
  crash(worker?: number): boolean;
  /** A worker does nothing at all for so long; without a number the oldest that is up. */
  hang(forNs: number, worker?: number): boolean;
}
