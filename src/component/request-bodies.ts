// What requests bring along besides their header. Kept only in a world in which some request has a body or
// must not be sent twice: the others pay nothing for it.

import { grown } from "../engine/grown.js";

/** Columns by request. */
export interface RequestBodies {
  /** Size of the body; 0 is none. */
  bytes: Float64Array;
  /** How long the client takes to send it, in nanoseconds. */
  uploadNs: Float64Array;
  /** 1 if its method is not idempotent: sent once, it is not sent to another server. */
  isOnce: Uint8Array;
  /** A row is used again: without a body until somebody says otherwise. */
  clear(row: number): void;
  /** The same request in another row. */
  copy(from: number, to: number): void;
  /** Makes room for so many rows. */
  reserve(capacity: number): void;
  /** No row has a body. */
  reset(): void;
}

export function requestBodies(capacity: number): RequestBodies {
  const columns: RequestBodies = {
    bytes: new Float64Array(capacity),
    uploadNs: new Float64Array(capacity),
    isOnce: new Uint8Array(capacity),
    clear(row) {
      columns.bytes[row] = 0;
      columns.uploadNs[row] = 0;
      columns.isOnce[row] = 0;
    },
    copy(from, to) {
      columns.bytes[to] = columns.bytes[from] as number;
      columns.uploadNs[to] = columns.uploadNs[from] as number;
      columns.isOnce[to] = columns.isOnce[from] as number;
    },
    reserve(larger) {
      columns.bytes = grown(columns.bytes, new Float64Array(larger));
      columns.uploadNs = grown(columns.uploadNs, new Float64Array(larger));
      columns.isOnce = grown(columns.isOnce, new Uint8Array(larger));
    },
    reset() {
      columns.bytes.fill(0);
      columns.uploadNs.fill(0);
      columns.isOnce.fill(0);
    },
  };
  return columns;
}
