// Requests as rows of columns. Everything random of a request is drawn at its birth and kept here, so that
// changing one setting leaves all other draws as they were. A row is used again when its last connection is
// closed: a request that was given up lives on as long as its work does.

import { grown } from "../engine/event-heap.js";
import { type RequestBodies, requestBodies } from "./request-bodies.js";

const FIRST_CAPACITY = 256;
/** The cause of a request that has not failed. */
export const NO_CAUSE = 0;

export class Requests {
  /** Number within the run, in the order of sending. */
  id = new Float64Array(FIRST_CAPACITY);
  /** When the client sent it, in nanoseconds. */
  sentNs = new Float64Array(FIRST_CAPACITY);
  /** How long the application waits for others on its behalf, in nanoseconds; needs no processor. */
  serviceNs = new Float64Array(FIRST_CAPACITY);
  /** How much processor time the application takes for it, in nanoseconds. */
  cpuNs = new Float64Array(FIRST_CAPACITY);
  /**
   * Why it failed: a number of the recorder, set by the part whose limit decided. NO_CAUSE as long as it has
   * not.
   */
  cause = new Uint8Array(FIRST_CAPACITY);
  /** When its client closed the connection, in nanoseconds; Infinity before. */
  leftNs = new Float64Array(FIRST_CAPACITY);
  /** Errnos that it has met: bits of the recorder. */
  errnos = new Uint8Array(FIRST_CAPACITY);
  /** What they bring along; undefined as long as nobody has declared that any brings something. */
  bodies: RequestBodies | undefined;
  /** Requests sent so far. */
  sent = 0;
  /** When the first and the last one so far were sent; NaN before. */
  firstSentNs = Number.NaN;
  lastSentNs = Number.NaN;
  private holders = new Uint16Array(FIRST_CAPACITY);
  private free = new Int32Array(FIRST_CAPACITY);
  private freeCount = 0;
  private rows = 0;

  /** A request is born; its first connection has to be opened at once. */
  born(sentNs: number, serviceNs: number, cpuNs = 0): number {
    const row = this.freeCount > 0 ? (this.free[--this.freeCount] as number) : this.newRow();
    if (this.sent === 0) this.firstSentNs = sentNs;
    this.lastSentNs = sentNs;
    this.id[row] = this.sent++;
    this.sentNs[row] = sentNs;
    this.serviceNs[row] = serviceNs;
    this.cpuNs[row] = cpuNs;
    this.cause[row] = NO_CAUSE;
    this.leftNs[row] = Number.POSITIVE_INFINITY;
    this.errnos[row] = 0;
    this.holders[row] = 0;
    if (this.bodies !== undefined) this.bodies.clear(row);
    return row;
  }

  /** Declares, when the model is built, that some requests bring something along. */
  withBodies(): RequestBodies {
    this.bodies ??= requestBodies(this.id.length);
    return this.bodies;
  }

  hold(row: number): void {
    (this.holders[row] as number)++;
  }

  release(row: number): void {
    if (--(this.holders[row] as number) === 0) this.free[this.freeCount++] = row;
  }

  /** Rows in use. */
  get live(): number {
    return this.rows - this.freeCount;
  }

  private newRow(): number {
    if (this.rows === this.id.length) {
      const capacity = this.rows * 2;
      this.id = grown(this.id, new Float64Array(capacity));
      this.sentNs = grown(this.sentNs, new Float64Array(capacity));
      this.serviceNs = grown(this.serviceNs, new Float64Array(capacity));
      this.cpuNs = grown(this.cpuNs, new Float64Array(capacity));
      this.cause = grown(this.cause, new Uint8Array(capacity));
      this.leftNs = grown(this.leftNs, new Float64Array(capacity));
      this.errnos = grown(this.errnos, new Uint8Array(capacity));
      this.free = grown(this.free, new Int32Array(capacity));
      this.bodies?.reserve(capacity);
      const holders = new Uint16Array(capacity);
      holders.set(this.holders);
      this.holders = holders;
    }
    return this.rows++;
  }
}
