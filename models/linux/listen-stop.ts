// The end of a listening TCP socket.
//
// Modelled (net/ipv4/inet_connection_sock.c inet_csk_listen_stop; measured on Linux 6.18, 2026-11): what is
// queued is reset, requests are freed, so that the next segment of their clients meets a RST. With
// tcp_migrate_req another socket of the SO_REUSEPORT group takes both, full or not
// (net/core/sock_reuseport.c reuseport_migrate_sock); a cookie is good at any socket of the group anyway
// (include/net/tcp.h tcp_synq_no_recent_overflow).
// Not modelled: choosing the heir by a BPF program.

import type { World } from "../../src/component/world.js";
import { resetQueued } from "./accept-queue.js";
import { FORGOTTEN, HALF_OPEN, type handshakeRows, WITH_COOKIE, WITHOUT_DATA } from "./handshake-rows.js";
import type { Target } from "./tcp-stack.js";

/** What it needs of the stack. */
interface Stack {
  rows: ReturnType<typeof handshakeRows>;
  targets: readonly Target[];
  /** The handshake of this connection is over, and so are its timers; */
  finish(row: number): void;
  /** or the listener alone is done with it. */
  forgets(row: number): void;
}

/**
 * Answers the close() of the last descriptor of the socket with this number; `cause` is why. With `migrates`
 * others of its group take what they can.
 */
export function listenStop(world: World, { rows, targets, finish, forgets }: Stack) {
  const target = (number: number) => targets[number] as Target;

  return (number: number, cause: number, migrates: boolean): void => {
    const { listener, current } = target(number);
    const heir = (row: number) => current?.(row) ?? -1;
    listener.close(cause);
    for (let row = 0; row < rows.state.length; row++) {
      const state = rows.state[row];
      if (rows.target[row] !== number || (state !== HALF_OPEN && state !== WITH_COOKIE)) continue;
      const other = migrates || state === WITH_COOKIE ? heir(row) : -1;
      if (other < 0) {
        rows.state[row] = FORGOTTEN;
        forgets(row);
        continue;
      }
      rows.target[row] = other;
      if (state === HALF_OPEN) target(other).listener.adopt(rows.timeouts[row] as number);
    }
    for (let row = listener.take(); row >= 0; row = listener.take()) {
      const other = migrates ? heir(row) : -1;
      if (other < 0) {
        // One that was let in at once has no handshake, and maybe not even a row for it.
        if (row < rows.state.length) finish(row);
        resetQueued(world, row, cause);
        continue;
      }
      if (rows.state[row] === WITHOUT_DATA) rows.target[row] = other;
      target(other).listener.put(row);
      target(other).listener.ready();
    }
  };
}
