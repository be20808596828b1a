// Connections that worker processes hold, from accept() to close(), of classes that keep connections.
//
// Modelled: what an end of the process or of the connection means to the caller: an answer, after which the
// connection is closed or rests (HTTP keepalive, RFC 9112, 9.3); nothing, if the caller has gone, which the
// worker learns when it writes; a connection lost with its process, reset if its request was not read yet
// (net/unix/af_unix.c unix_release_sock, net/ipv4/tcp.c __tcp_close; measured: hoarded requests of a killed
// gthread worker get ECONNRESET, running ones an end without an answer, gunicorn 20.1.0, Linux 6.18,
// 2026-11).
// A connection that is closed with a part of its request unread may lose its answer (request-body.ts).
// Not modelled: answers that have begun when their process ends.

import { NO_REQUEST } from "../../src/component/connections.js";
import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import type { Application } from "./own-app.js";
import { unreadBodies } from "./request-body.js";

const HTTP_OK = 200;
const FIRST_CAPACITY = 256;

/** What a held connection does. */
const ABSENT = 0;
/** Its request, or its end, waits unread for a thread or for the event loop. */
export const HOARDED = 1;
/** It was accepted without data, and somebody waits for it. */
export const SILENT = 2;
/** The same, but nobody waits: it is only watched. */
export const WATCHED = 3;
/** Its request computes. */
export const COMPUTING = 4;
/** Its request waits for others. */
export const WAITING = 5;
/** It is kept and carries no request. */
export const RESTING = 6;
/** It is kept and has the next request, but nobody watches it. */
export const UNWATCHED = 7;
/** The server has closed it before its data came. */
const CLOSED_EARLY = 8;
/** The header of its request is read, on the loop, and the body is still to come. */
export const PARSING = 9;
/** Its request waits for its body. */
export const RECEIVING = 10;

export type HeldConnections = ReturnType<typeof heldConnections>;

/**
 * `told` hears when a connection begins to rest, and in which phase one was that has ended; and is asked
 * whether one that is about to be answered and closed loses its answer.
 */
export function heldConnections(
  world: World,
  application: Application,
  told: { rests(row: number): void; ends(row: number, was: number): void; isLost(row: number): boolean },
) {
  const { connections, requests } = world;
  const { answered } = application;
  const leavesUnread = unreadBodies(world, application);
  const held = {
    worker: new Int32Array(FIRST_CAPACITY),
    phase: new Uint8Array(FIRST_CAPACITY),
    /** Whatever ends its phase: an event, a timer or a job. */
    handle: new Float64Array(FIRST_CAPACITY),
    /** When its request began, or when it began to rest. */
    sinceNs: new Float64Array(FIRST_CAPACITY),
    /** Its answer says that the connection will be kept. */
    isKept: new Uint8Array(FIRST_CAPACITY),
    accepted,
    answer,
    close,
    lost,
    arrived,
    holds,
    isOver,
    each,
  };
  world.onReset(() => {
    for (const column of [held.worker, held.phase, held.handle, held.sinceNs, held.isKept]) column.fill(0);
  });

  function accepted(row: number, worker: number): void {
    if (row >= held.phase.length) {
      const capacity = Math.max(2 * held.phase.length, row + 1);
      held.worker = grown(held.worker, new Int32Array(capacity));
      held.phase = grown(held.phase, new Uint8Array(capacity));
      held.handle = grown(held.handle, new Float64Array(capacity));
      held.sinceNs = grown(held.sinceNs, new Float64Array(capacity));
      held.isKept = grown(held.isKept, new Uint8Array(capacity));
    }
    held.worker[row] = worker;
    held.phase[row] = HOARDED;
  }

  /** The request is answered, if anybody is left; then the connection rests or is closed. */
  function answer(row: number): void {
    if (!connections.isCallerOpen(row)) {
      connections.caller(row).gone(row);
      close(row);
      return;
    }
    const isKept = held.isKept[row] === 1 && connections.isMoreWanted(row);
    if (isKept) {
      connections.keeps(row);
      held.phase[row] = RESTING;
      told.rests(row);
    } else if (requests.bodies !== undefined && told.isLost(row)) {
      close(row);
      return;
    }
    // The caller may send its next request, or close, before this returns.
    connections.caller(row).responded(row, HTTP_OK, answered(connections.request[row] as number), 0);
    if (!isKept || (held.phase[row] === RESTING && !connections.isCallerOpen(row))) close(row);
  }

  /** The worker closes a connection that owes nobody an answer. */
  function close(row: number): void {
    const was = held.phase[row] as number;
    const wasResting = was === RESTING && connections.isCallerOpen(row);
    held.phase[row] = ABSENT;
    told.ends(row, was);
    const caller = connections.caller(row);
    connections.closedByServer(row);
    if (wasResting) caller.dismissed?.(row);
  }

  /** The worker, or its whole process, is rid of a connection in whatever phase. */
  function lost(row: number, cause: number): void {
    const phase = held.phase[row] as number;
    if (phase === RESTING || isOver(row)) {
      close(row);
      return;
    }
    const hasData = connections.hasData(row);
    held.phase[row] = hasData ? ABSENT : CLOSED_EARLY;
    told.ends(row, phase);
    const caller = connections.caller(row);
    if (connections.isCallerOpen(row)) {
      requests.cause[connections.request[row] as number] = cause;
      const isUnread = hasData && (phase === HOARDED || phase === UNWATCHED || leavesUnread(row));
      if (isUnread) caller.reset(row);
      else caller.hungUp(row);
    } else caller.gone(row);
    // The handshake of a connection without data is not over: its row is needed until the data comes.
    if (hasData) connections.closedByServer(row);
  }

  /** Data has come for a connection that was accepted without; true if somebody is interested. */
  function arrived(row: number): boolean {
    const phase = held.phase[row];
    if (phase === CLOSED_EARLY) {
      held.phase[row] = ABSENT;
      connections.closedByServer(row);
    }
    return phase === SILENT || phase === WATCHED;
  }

  function holds(row: number): boolean {
    return (held.phase[row] ?? ABSENT) !== ABSENT;
  }

  /** Its caller has closed it between two requests. */
  function isOver(row: number): boolean {
    return connections.request[row] === NO_REQUEST && !connections.isCallerOpen(row);
  }

  /** All connections of a worker. */
  function each(worker: number, visit: (row: number) => void): void {
    for (let row = 0; row < held.phase.length; row++) {
      if (held.worker[row] === worker && held.phase[row] !== ABSENT && held.phase[row] !== CLOSED_EARLY)
        visit(row);
    }
  }

  return held;
}
