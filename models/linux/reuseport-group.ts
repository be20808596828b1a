// Listening sockets that share an address by SO_REUSEPORT.
//
// Modelled: the keyed hash of a connection's addresses picks a socket before any queue is looked at, whether
// or not somebody accepts there; a repeated SYN has the same addresses and so the same socket
// (net/core/sock_reuseport.c; measured: two sockets with a backlog of 4, one process stopped: 5 wait at its
// socket for ever, nginx 1.22.1, Linux 6.18, 2026-11).
// Not modelled: sockets that leave the group, with the connections in their queues.

import type { Server } from "../../src/component/network.js";

/** The sockets of one address; `draw` stands for the hash, which spreads connections evenly. */
export function reuseportGroup(members: readonly Server[], draw: () => number): Server {
  const [only, ...others] = members as [Server, ...Server[]];
  if (others.length === 0) return only;
  // Only connect() depends on the member: what comes later is known by the connection.
  return {
    ...only,
    connect: (connection) => (members[Math.floor(draw() * members.length)] as Server).connect(connection),
  };
}
