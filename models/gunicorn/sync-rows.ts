// Modelled: what is kept of sync workers, as columns by worker. Not modelled: anything that they do; see
// sync.ts.

import { grown } from "../../src/engine/event-heap.js";

/** What a worker is doing; one that does nothing of this is absent. */
export const IDLE = 1;
export const READING = 2;
export const SERVING = 4;
export const LINGERING = 8;
/** And besides: it ends after what it has; */
export const LEAVING = 16;
/** the arbiter was told that it sends no heartbeat; */
export const SILENT = 32;
/** it does nothing, whatever it is told; and it was told to abort. */
export const STUCK = 64;
export const ABORTED = 128;

export const NO_PROCESS = -1;

export type SyncRows = ReturnType<typeof syncRows>;

export function syncRows() {
  const rows = {
    state: new Uint8Array(0),
    /** Its connection, unless it is idle. */
    current: new Int32Array(0),
    /** Of the event or timer that ends what it is doing. */
    handle: new Float64Array(0),
    /** When it began with its request; or accepted the connection, as long as there is none. */
    begunNs: new Float64Array(0),
    /** When the step of its request ends that it is at; how much of it is left, while it is stuck. */
    untilNs: new Float64Array(0),
    /** Which step that is, and the process that computes: see execution.ts. */
    step: new Uint8Array(0),
    process: new Int32Array(0),
    /** Requests that it will begin with before it leaves. */
    left: new Float64Array(0),
    /** Why it was told to abort. */
    cause: new Uint8Array(0),
    /** Makes room for this worker. */
    reserve(worker: number): void {
      if (worker < rows.state.length) return;
      const capacity = Math.max(2 * rows.state.length, worker + 1);
      rows.current = grown(rows.current, new Int32Array(capacity));
      rows.handle = grown(rows.handle, new Float64Array(capacity));
      rows.begunNs = grown(rows.begunNs, new Float64Array(capacity));
      rows.untilNs = grown(rows.untilNs, new Float64Array(capacity));
      rows.step = grown(rows.step, new Uint8Array(capacity));
      rows.process = grown(rows.process, new Int32Array(capacity).fill(NO_PROCESS));
      rows.left = grown(rows.left, new Float64Array(capacity));
      rows.cause = grown(rows.cause, new Uint8Array(capacity));
      rows.state = grown(rows.state, new Uint8Array(capacity));
    },
    /** The worker that has accepted this connection and waits for its data, or -1. */
    reading(connection: number): number {
      const { state, current } = rows;
      return state.findIndex(
        (doing, worker) => (doing & READING) !== 0 && (current[worker] as number) === connection,
      );
    },
  };
  return rows;
}
