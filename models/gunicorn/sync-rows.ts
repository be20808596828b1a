// Modelled: what is kept of sync workers, as columns by worker. Not modelled: anything that they do; see
// sync.ts.

import { columns } from "../../src/engine/columns.js";

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
  const rows = columns(
    {
      state: Uint8Array,
      /** Whose it is, and its number there: see sync-crews.ts. */
      crew: Int32Array,
      number: Int32Array,
      /** Its connection, unless it is idle. */
      current: Int32Array,
      /** Of the event or timer that ends what it is doing. */
      handle: Float64Array,
      /** When it began with its request; or accepted the connection, as long as there is none. */
      begunNs: Float64Array,
      /** When the step of its request ends that it is at; how much of it is left, while it is stuck. */
      untilNs: Float64Array,
      /** Which step that is, and the process that computes: see execution.ts. */
      step: Uint8Array,
      process: Int32Array,
      /** Requests that it will begin with before it leaves. */
      left: Float64Array,
      /** Why it was told to abort. */
      cause: Uint8Array,
    },
    { process: NO_PROCESS },
  );

  /** The worker that has accepted this connection and waits for its data, or -1. */
  function reading(connection: number): number {
    const { state, current } = rows;
    return state.findIndex(
      (doing, worker) => (doing & READING) !== 0 && (current[worker] as number) === connection,
    );
  }

  /** There are no workers; a process computes for whoever has its row. */
  function reset(): void {
    const process = rows.process.slice();
    rows.clear();
    rows.process.set(process);
  }

  return Object.assign(rows, { reading, reset });
}
