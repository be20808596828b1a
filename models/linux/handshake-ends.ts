// How a handshake that did not complete at once comes to an end without having been accepted.
//
// Modelled: an errno of connect(), a RST for a client that believes it is connected, a client's kernel that
// gives up on a connection which nobody wants any more (net/ipv4/tcp_timer.c tcp_orphan_retries), a caller
// that closes before it has an answer, of which nothing is left. Not modelled: when they happen; see
// tcp-stack.ts.

import type { Failure } from "../../src/component/errno.js";
import type { World } from "../../src/component/world.js";
import { FORGOTTEN, HALF_OPEN, type handshakeRows, SYN_SENT } from "./handshake-rows.js";
import type { TcpListener } from "./tcp-listener.js";

/** What it needs of the stack. */
interface Stack {
  rows: ReturnType<typeof handshakeRows>;
  listenerOf(row: number): TcpListener;
  /** The handshake of this connection is over, and so are its timers. */
  finish(row: number): void;
}

export function handshakeEnds({ connections, requests }: World, { rows, listenerOf, finish }: Stack) {
  /** Which of the listener's queues had no place. */
  const fullQueue = (row: number) => (rows.dropped[row] as number) || listenerOf(row).full;

  /** Both ends have gone; the caller hears of it as of something that it had given up. */
  function gone(row: number): void {
    finish(row);
    connections.caller(row).gone(row);
    connections.closedByServer(row);
  }

  return {
    /** connect() fails with this errno, for want of a place if no other cause is given. */
    failed(row: number, errno: Failure, cause = fullQueue(row)): void {
      requests.cause[connections.request[row] as number] = cause;
      finish(row);
      connections.caller(row).connectFailed(row, errno);
    },
    reset(row: number): void {
      if (!connections.isCallerOpen(row)) {
        gone(row);
        return;
      }
      if (rows.state[row] === FORGOTTEN) {
        const { closed, forgotten } = listenerOf(row);
        requests.cause[connections.request[row] as number] = closed.cause || forgotten;
      }
      finish(row);
      connections.caller(row).reset(row);
      connections.closedByServer(row);
    },
    /** The client's kernel gives up. */
    givenUp(row: number): void {
      if (rows.state[row] === HALF_OPEN) listenerOf(row).forget(rows.timeouts[row] as number);
      gone(row);
    },
    /** The cause of a connection's not getting on, or 0. */
    obstacle: (row: number) => (rows.state[row] ? fullQueue(row) : 0),
    /** The caller has closed a connection whose handshake may not be complete. */
    abandoned(row: number): void {
      if (rows.state[row] === SYN_SENT) gone(row);
    },
  };
}
