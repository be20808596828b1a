// Ports of sockets that bind() before they connect(): nobody else's connect() without bind gets one.
//
// Modelled: a port that an explicitly bound socket holds is passed by, whatever the destination, TIME_WAIT
// included (net/ipv4/inet_hashtables.c __inet_hash_connect; measured: Linux 6.18, 2026-11). Up to 6.17 the
// mark stays until the last socket of the port has gone, from 6.18 on until the last one that was bound
// (net/ipv4/inet_connection_sock.c inet_csk_update_fastreuse, d57f4b874946).
// Not modelled: SO_REUSEADDR with ip_autobind_reuse; which parity bind() prefers, and what its search costs.

import { grown } from "../../src/engine/grown.js";
import type { PortSearch } from "./port-search.js";

export interface BoundPorts {
  /** A destination was declared, whose sockets `bind` their ports or not. */
  declared(row: number, binds: boolean): void;
  /** A socket of this row has got a slot. */
  taken(row: number, slot: number): void;
  /** Nothing is left of the socket that held a slot: connect() may find it, unless its port is barred. */
  left(row: number, slot: number): void;
  /** A TIME_WAIT of a slot may be recycled, unless its port is barred. */
  ripe(slot: number): void;
  /** No socket has a port. */
  reset(): void;
}

/** `isFree` tells whether nobody holds a slot; `sticks` whether the mark outlives the bound socket. */
export function boundPorts(
  search: PortSearch,
  { sticks, isFree }: { sticks: boolean; isFree(slot: number): boolean },
): BoundPorts {
  const binds: boolean[] = [];
  // By slot within a destination; there are none as long as nobody binds.
  let barred = new Uint8Array(0);

  const isHeld = (index: number, byBinders: boolean) =>
    binds.some((binder, row) => (binder || !byBinders) && !isFree(row * search.slots + index));

  function unbar(index: number): void {
    barred[index] = 0;
    for (const [row, binder] of binds.entries()) {
      const slot = row * search.slots + index;
      if (!binder && isFree(slot)) search.release(slot);
    }
  }

  return {
    declared(row, isBinder) {
      binds[row] = isBinder;
      if (isBinder && barred.length === 0) barred = grown(barred, new Uint8Array(search.slots));
    },
    taken(row, slot) {
      if (!binds[row]) return;
      const index = slot % search.slots;
      barred[index] = 1;
      for (const [other, binder] of binds.entries()) {
        if (!binder) search.withdraw(other * search.slots + index);
      }
    },
    left(row, slot) {
      if (barred.length === 0) {
        search.release(slot);
        return;
      }
      const index = slot % search.slots;
      if (binds[row] || !barred[index]) search.release(slot);
      if (barred[index] && !isHeld(index, !sticks)) unbar(index);
    },
    ripe(slot) {
      if (barred.length === 0 || !barred[slot % search.slots]) search.release(slot);
    },
    reset() {
      barred.fill(0);
    },
  };
}
