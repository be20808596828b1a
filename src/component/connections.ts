// Connections as rows of columns: a connection is a row number, its state is in typed arrays.
//
// Each end closes its side; the row is used again when both have. So a connection whose caller has gone stays
// in the listener's queue until somebody accepts it, as in the kernel. A connection whose caller asked for it
// and whose server agrees is kept after an answer (keepalive): between two requests it carries none.

import { grown } from "../engine/grown.js";
import { NO_TIMER } from "../engine/timer.js";
import type { Failure } from "./errno.js";
import type { Requests } from "./requests.js";

// Room for most models: see engine/columns.ts.
const FIRST_CAPACITY = 2048;
const MOST_CALLERS = 65_536;
const CALLER_OPEN = 1;
const SERVER_OPEN = 2;
const ACCEPTED = 4;
const WITHOUT_DATA = 8;
const WANTED = 16;
const KEPT = 32;
/** The request of a kept connection between two requests. */
export const NO_REQUEST = -1;
/** The downstream of a client's own connection. */
export const NO_DOWNSTREAM = -1;

/** Whoever opened a connection: told what becomes of it. */
export interface Caller {
  /**
   * The whole response has arrived, or will have `laterNs` from now: a fixed delay that nobody can observe is
   * passed on instead of being an event.
   */
  responded(connection: number, status: number, bodyBytes: number, laterNs: number): void;
  /** The server has closed the connection without an answer. */
  hungUp(connection: number): void;
  /** A connect() that was in progress is complete. */
  connected(connection: number): void;
  /** A connect() that was in progress has failed; the caller closes the connection. */
  connectFailed(connection: number, errno: Failure): void;
  /** A RST instead of an answer; the server's side is closed already. */
  reset(connection: number): void;
  /** The server has written to, or reset, a connection that the caller had given up. */
  gone(connection: number): void;
  /** The server has closed, without having written, a connection that the caller had given up. */
  peerClosed?(connection: number): void;
  /** The server has begun to read the request's body to its end. */
  reads?(connection: number): void;
  /**
   * The server has answered and closed without having read the whole request, which makes a RST: true if that
   * has destroyed the answer, of which the caller then hears no more.
   */
  severed?(connection: number): boolean;
  /** The server has closed a kept connection that carries no request; the caller closes its side. */
  dismissed?(connection: number): void;
}

export class Connections {
  /** Its request. */
  request = new Int32Array(FIRST_CAPACITY);
  /** A running timer of the caller, or NO_TIMER. */
  callerTimer = new Int32Array(FIRST_CAPACITY);
  /** For a proxy's connection to its upstream: the client's connection that it serves; else NO_DOWNSTREAM. */
  downstream = new Int32Array(FIRST_CAPACITY);
  /** Network namespace of its caller; set only where there are several (see network.ts). */
  from = new Int32Array(FIRST_CAPACITY);
  /** When its caller closed first, in nanoseconds; only then is it set. */
  callerClosedNs = new Float64Array(FIRST_CAPACITY);
  /** Open at the moment. */
  open = 0;
  private readonly callers: Caller[] = [];
  private readonly requests: Requests;
  private callerOf = new Uint16Array(FIRST_CAPACITY);
  private state = new Uint8Array(FIRST_CAPACITY);
  private free = new Int32Array(FIRST_CAPACITY);
  private freeCount = 0;
  private rows = 0;

  constructor(requests: Requests) {
    this.requests = requests;
  }

  /** Gives a caller its number, once, when the model is built. */
  register(caller: Caller): number {
    if (this.callers.length === MOST_CALLERS)
      throw new Error(`more than ${MOST_CALLERS} parts open connections`);
    return this.callers.push(caller) - 1;
  }

  /** Opens a connection for a request and answers its row. */
  opened(caller: number, request: number, downstream: number): number {
    const row = this.freeCount > 0 ? (this.free[--this.freeCount] as number) : this.newRow();
    this.callerOf[row] = caller;
    this.request[row] = request;
    this.downstream[row] = downstream;
    this.callerTimer[row] = NO_TIMER;
    this.state[row] = CALLER_OPEN | SERVER_OPEN;
    this.open++;
    this.requests.hold(request);
    return row;
  }

  /** As they were before the first was opened. Callers stay. */
  reset(): void {
    for (const column of [this.request, this.callerTimer, this.downstream, this.from, this.free])
      column.fill(0);
    for (const column of [this.callerClosedNs, this.callerOf, this.state]) column.fill(0);
    this.open = 0;
    this.freeCount = 0;
    this.rows = 0;
  }

  caller(row: number): Caller {
    return this.callers[this.callerOf[row] as number] as Caller;
  }

  /** The caller still waits at its end. */
  isCallerOpen(row: number): boolean {
    return ((this.state[row] as number) & CALLER_OPEN) !== 0;
  }

  /** The server has not closed its end. */
  isServerOpen(row: number): boolean {
    return ((this.state[row] as number) & SERVER_OPEN) !== 0;
  }

  /** A process has taken it out of the accept queue and begun with its request. */
  isAccepted(row: number): boolean {
    return ((this.state[row] as number) & ACCEPTED) !== 0;
  }

  accepted(row: number): void {
    (this.state[row] as number) |= ACCEPTED;
  }

  /** The request itself has arrived: not yet if only the handshake is complete. */
  hasData(row: number): boolean {
    return ((this.state[row] as number) & WITHOUT_DATA) === 0;
  }

  awaitsData(row: number): void {
    (this.state[row] as number) |= WITHOUT_DATA;
  }

  gotData(row: number): void {
    (this.state[row] as number) &= ~WITHOUT_DATA;
  }

  /** The caller would like to send more requests over it. */
  wantsMore(row: number): void {
    (this.state[row] as number) |= WANTED;
  }

  isMoreWanted(row: number): boolean {
    return ((this.state[row] as number) & WANTED) !== 0;
  }

  /** The server will leave it open after the response that it is about to send. */
  keeps(row: number): void {
    (this.state[row] as number) |= KEPT;
  }

  /** Of a connection with an answer: the server has left it open. */
  isKept(row: number): boolean {
    return ((this.state[row] as number) & KEPT) !== 0;
  }

  /** The caller has the answer and keeps the connection, which carries no request for now. */
  rests(row: number): void {
    this.requests.release(this.request[row] as number);
    this.request[row] = NO_REQUEST;
  }

  /** The caller sends its next request over a connection that rests. */
  carries(row: number, request: number, downstream: number): void {
    this.request[row] = request;
    this.downstream[row] = downstream;
    (this.state[row] as number) &= ~(KEPT | ACCEPTED);
    this.requests.hold(request);
  }

  /** The caller has gone at `nowNs`; the server does not notice before it writes. */
  closedByCaller(row: number, nowNs: number): void {
    this.callerClosedNs[row] = nowNs;
    if (this.downstream[row] === NO_DOWNSTREAM) this.clientLeft(this.request[row] as number, nowNs);
    this.close(row, CALLER_OPEN);
  }

  /** The caller has the answer and closes: nobody will ask since when. */
  answered(row: number): void {
    this.close(row, CALLER_OPEN);
  }

  /**
   * Since when nobody has waited for the answer: its caller has closed, or the request's client had left
   * before, which a proxy may ignore. Infinity while somebody waits.
   */
  desertedNs(row: number): number {
    const leftNs = this.requests.leftNs[this.request[row] as number] as number;
    return this.isCallerOpen(row) ? leftNs : Math.min(leftNs, this.callerClosedNs[row] as number);
  }

  /** Nobody waits for its request any more. */
  isDeserted(row: number): boolean {
    const leftNs = this.requests.leftNs[this.request[row] as number] as number;
    return leftNs !== Number.POSITIVE_INFINITY || !this.isCallerOpen(row);
  }

  closedByServer(row: number): void {
    this.close(row, SERVER_OPEN);
  }

  /** Both ends at once: a connection that failed, or an answered one whose ends close together. */
  closed(row: number): void {
    this.close(row, CALLER_OPEN | SERVER_OPEN);
  }

  private clientLeft(request: number, nowNs: number): void {
    if (request !== NO_REQUEST) this.requests.leftNs[request] = nowNs;
  }

  private close(row: number, ends: number): void {
    const left = (this.state[row] as number) & ~ends;
    this.state[row] = left;
    if ((left & (CALLER_OPEN | SERVER_OPEN)) !== 0) return;
    this.open--;
    this.free[this.freeCount++] = row;
    const request = this.request[row] as number;
    if (request !== NO_REQUEST) this.requests.release(request);
  }

  private newRow(): number {
    if (this.rows === this.state.length) {
      const capacity = this.rows * 2;
      this.request = grown(this.request, new Int32Array(capacity));
      this.callerTimer = grown(this.callerTimer, new Int32Array(capacity));
      this.downstream = grown(this.downstream, new Int32Array(capacity));
      this.from = grown(this.from, new Int32Array(capacity));
      this.callerClosedNs = grown(this.callerClosedNs, new Float64Array(capacity));
      this.callerOf = grown(this.callerOf, new Uint16Array(capacity));
      this.state = grown(this.state, new Uint8Array(capacity));
      this.free = grown(this.free, new Int32Array(capacity));
    }
    return this.rows++;
  }
}
