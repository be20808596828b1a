// Requests as rows of columns. Everything random of a request is drawn at its birth and kept here, so that
// changing one setting leaves all other draws as they were. A row is used again when its last connection is
// closed: a request that was given up lives on as long as its work does.

import { grown } from "../engine/grown.js";
import { type RequestBodies, requestBodies } from "./request-bodies.js";

// Room for most models: see engine/columns.ts.
const FIRST_CAPACITY = 2048;
/** The cause of a request that has not failed. */
export const NO_CAUSE = 0;
/** All clients of unix sockets: nginx calls each of them "unix:". */
export const UNIX_CLIENT = 0;

const BLOCKS = 2 ** 16;
/** The most addresses that there are for clients: 254 in each /24 of 10.0.0.0/8. */
export const MOST_CLIENTS = 254 * BLOCKS;

/**
 * The IPv4 address of a client's number as a number itself, 0 for UNIX_CLIENT. Each client is in a /24 of its
 * own as long as there are any, as clients of the Internet are: ip_hash looks at the first three bytes only.
 */
export function clientIpv4(client: number): number {
  if (client === UNIX_CLIENT) return 0;
  const number = client - 1;
  return 10 * 2 ** 24 + (number % BLOCKS) * 256 + 1 + Math.floor(number / BLOCKS);
}

/** Columns that somebody else keeps by request. */
export interface RequestColumns {
  /** A row is used, for the first time or again. */
  born(row: number): void;
  /** The same request in another row. */
  copy(from: number, to: number): void;
}

export class Requests {
  /** Number within the run, in the order of sending. */
  id = new Float64Array(FIRST_CAPACITY);
  /** When the client sent it, in nanoseconds. */
  sentNs = new Float64Array(FIRST_CAPACITY);
  /** How long the application waits for others on its behalf, in nanoseconds; needs no processor. */
  serviceNs = new Float64Array(FIRST_CAPACITY);
  /** How much processor time the application takes for it, in nanoseconds. */
  cpuNs = new Float64Array(FIRST_CAPACITY);
  /** Which of the application's routes it asks for: 0 if there is one. */
  route = new Uint16Array(FIRST_CAPACITY);
  /** The number of its URI: what `hash $request_uri` in nginx looks at. */
  uri = new Int32Array(FIRST_CAPACITY);
  /** The number of the address it comes from: see `newClients`. */
  client = new Int32Array(FIRST_CAPACITY);
  /** How often it has been sent, this time included: 1 unless its client tries again. */
  attempt = new Int32Array(FIRST_CAPACITY);
  /**
   * Why it failed: a number of the recorder, set by the part whose limit decided. NO_CAUSE as long as it has
   * not.
   */
  cause = new Uint16Array(FIRST_CAPACITY);
  /** When its client closed the connection, in nanoseconds; Infinity before. */
  leftNs = new Float64Array(FIRST_CAPACITY);
  /** Errnos that it has met: bits of the recorder. */
  errnos = new Uint8Array(FIRST_CAPACITY);
  /** What they bring along; undefined as long as nobody has declared that any brings something. */
  bodies: RequestBodies | undefined;
  /** What else somebody keeps of them, as declared when the model is built. */
  others: RequestColumns | undefined;
  /** Requests sent so far. */
  sent = 0;
  /** When the first and the last one so far were sent; NaN before. */
  firstSentNs = Number.NaN;
  lastSentNs = Number.NaN;
  private holders = new Uint16Array(FIRST_CAPACITY);
  private free = new Int32Array(FIRST_CAPACITY);
  private freeCount = 0;
  private rows = 0;
  private clients = UNIX_CLIENT + 1;

  /** Numbers for so many addresses of clients, the first of them. UNIX_CLIENT is nobody's. */
  newClients(count: number): number {
    const first = this.clients;
    this.clients += count;
    return first;
  }

  /** A request is born; its first connection has to be opened at once. */
  born(sentNs: number, serviceNs: number, cpuNs = 0): number {
    const row = this.freeCount > 0 ? (this.free[--this.freeCount] as number) : this.newRow();
    if (this.sent === 0) this.firstSentNs = sentNs;
    this.lastSentNs = sentNs;
    this.id[row] = this.sent++;
    this.sentNs[row] = sentNs;
    this.serviceNs[row] = serviceNs;
    this.cpuNs[row] = cpuNs;
    this.route[row] = 0;
    this.uri[row] = 0;
    this.client[row] = UNIX_CLIENT;
    this.attempt[row] = 1;
    this.cause[row] = NO_CAUSE;
    this.leftNs[row] = Number.POSITIVE_INFINITY;
    this.errnos[row] = 0;
    this.holders[row] = 0;
    if (this.bodies !== undefined) this.bodies.clear(row);
    if (this.others !== undefined) this.others.born(row);
    return row;
  }

  /** Declares, when the model is built, that some requests bring something along. */
  withBodies(): RequestBodies {
    this.bodies ??= requestBodies(this.id.length);
    return this.bodies;
  }

  /**
   * The same request once more, for another attempt, in a row of its own: what is left of the attempt before
   * cannot disturb it. Its connection has to be opened before anything else lets go of the row.
   */
  again(old: number): number {
    const row = this.freeCount > 0 ? (this.free[--this.freeCount] as number) : this.newRow();
    this.id[row] = this.id[old] as number;
    this.sentNs[row] = this.sentNs[old] as number;
    this.serviceNs[row] = this.serviceNs[old] as number;
    this.cpuNs[row] = this.cpuNs[old] as number;
    this.route[row] = this.route[old] as number;
    this.uri[row] = this.uri[old] as number;
    this.client[row] = this.client[old] as number;
    this.attempt[row] = (this.attempt[old] as number) + 1;
    this.cause[row] = NO_CAUSE;
    this.leftNs[row] = Number.POSITIVE_INFINITY;
    this.errnos[row] = this.errnos[old] as number;
    this.holders[row] = 0;
    if (this.bodies !== undefined) this.bodies.copy(old, row);
    if (this.others !== undefined) this.others.copy(old, row);
    return row;
  }

  hold(row: number): void {
    (this.holders[row] as number)++;
  }

  release(row: number): void {
    if (--(this.holders[row] as number) === 0) this.free[this.freeCount++] = row;
  }

  /** As they were before the first was born: what has been declared of them stays. */
  reset(): void {
    for (const column of [this.id, this.sentNs, this.serviceNs, this.cpuNs, this.leftNs]) column.fill(0);
    for (const column of [this.route, this.uri, this.client, this.attempt, this.cause]) column.fill(0);
    for (const column of [this.errnos, this.holders, this.free]) column.fill(0);
    this.bodies?.reset();
    this.sent = 0;
    this.firstSentNs = Number.NaN;
    this.lastSentNs = Number.NaN;
    this.freeCount = 0;
    this.rows = 0;
  }

  /** Rows that somebody holds. */
  held(): number[] {
    return Array.from({ length: this.rows }, (_, row) => row).filter(
      (row) => (this.holders[row] as number) > 0,
    );
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
      this.uri = grown(this.uri, new Int32Array(capacity));
      this.client = grown(this.client, new Int32Array(capacity));
      this.attempt = grown(this.attempt, new Int32Array(capacity));
      this.cause = grown(this.cause, new Uint16Array(capacity));
      this.leftNs = grown(this.leftNs, new Float64Array(capacity));
      this.errnos = grown(this.errnos, new Uint8Array(capacity));
      this.free = grown(this.free, new Int32Array(capacity));
      this.bodies?.reserve(capacity);
      this.route = grown(this.route, new Uint16Array(capacity));
      this.holders = grown(this.holders, new Uint16Array(capacity));
    }
    return this.rows++;
  }
}
