// A listening socket and the processes that accept from it, as they see each other.
//
// Modelled: what either asks of the other. Not modelled: what they do; see unix-socket.ts,
// listening-socket.ts and gunicorn's workers.

import type { Server } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import type { AcceptQueue } from "./accept-queue.js";
import type { Twin } from "./tcp-listener.js";

/** The processes behind a socket. Nobody waits when the socket is unlinked or closed. */
export interface Acceptors {
  /** One of them waits for a connection. */
  isIdle(): boolean;
  /** Hands a connection to an idle one without queueing it. */
  accept(connection: number): void;
  /** There may be something to accept. */
  ready(): void;
  /** The request of a connection that was accepted without it has come. */
  arrived(connection: number): void;
  /** One of them has accepted it; without this, whoever accepts begins with the request at once. */
  holds?(connection: number): boolean;
  /** The next request on a connection that they have kept; false if they have closed it meanwhile. */
  sent?(connection: number): boolean;
  /** A connection that they have kept was closed by its caller. */
  dropped?(connection: number): void;
  /** The caller of a connection has closed it before it had an answer. */
  left?(connection: number): void;
  /** Declares a queue to accept from. */
  listen(queue: Pick<AcceptQueue, "take" | "length">): void;
}

/** A socket that can end. */
export interface ListeningSocket extends Server {
  /** A unix socket's path is removed; `cause` is why. What is queued stays. */
  unlink(cause: number): void;
  /** The last descriptor is closed. */
  close(cause: number): void;
  /** bind() and listen() once more at this address. */
  listen(): void;
  /** Of TCP: its number in the stack, and what a socket like it takes. */
  readonly number: number;
  readonly twin: Twin | undefined;
}

/** Where a request is that has come to an address; the sockets of a SO_REUSEPORT group are one place. */
export function placeAt(
  { places, connections }: World,
  { holds }: Acceptors,
  family: string,
  address: string,
): (connection: number) => number {
  const queue = `while queued in ${family} accept queue at ${address}`;
  const queued = places.declare({ id: "queued", text: queue });
  const held = holds && places.declare({ id: "queued", text: `while queued in a worker at ${address}` });
  const running = places.declare({ id: "running", text: "while running" });
  return (connection) => {
    if (connections.isAccepted(connection)) return running;
    return held !== undefined && holds?.(connection) ? held : queued;
  };
}

/** Segments of connections that are kept reach the process that has them. */
export function keptBy({ sent, dropped }: Acceptors): Pick<Server, "sent" | "dropped"> {
  return { ...(sent && { sent }), ...(dropped && { dropped }) };
}
