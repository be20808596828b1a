// What a worker does with the body of a request.
//
// Modelled: with the header a worker reads up to 8 KiB; the rest is read when the application asks, which
// waits until the client has sent it; an application that does not read leaves it in the socket, and up to
// 25.x close() then sends a RST (gunicorn/http/unreader.py, gunicorn/util.py close, close_graceful).
// Not modelled: an application that reads a part; what becomes of a body whose sender has given up, which the
// application is taken to work on all the same.

import type { World } from "../../src/component/world.js";
import { app } from "../app.js";

/** gunicorn/http/unreader.py SocketUnreader max_chunk. */
const READ_WITH_HEADER_BYTES = 8192;

export interface WorkerBodies {
  /** A worker begins with this request: how long it has to wait for its body, in nanoseconds. */
  begins(connection: number): number;
  /** A worker is about to answer and close: true if nothing of the answer arrives. */
  isLost(connection: number): boolean;
}

/** Whether the request on a connection has a body of which the application leaves some in the socket. */
export function unreadBodies(world: World): (connection: number) => boolean {
  const { connections, requests } = world;
  const { readsBody } = world.get(app);
  return (connection) => {
    const { bodies } = requests;
    if (bodies === undefined || readsBody) return false;
    return (bodies.bytes[connections.request[connection] as number] as number) > READ_WITH_HEADER_BYTES;
  };
}

/** `lingers`: the worker reads what is left before it closes. */
export function workerBodies(world: World, { lingers }: { lingers: boolean }): WorkerBodies {
  const { sim, connections, requests } = world;
  const { readsBody } = world.get(app);
  const leavesUnread = unreadBodies(world);
  return {
    begins(connection) {
      const { bodies } = requests;
      if (bodies === undefined || !readsBody) return 0;
      const request = connections.request[connection] as number;
      if (bodies.bytes[request] === 0) return 0;
      if (connections.isCallerOpen(connection)) connections.caller(connection).reads?.(connection);
      const sentNs = (requests.sentNs[request] as number) + (bodies.uploadNs[request] as number);
      return Math.max(0, sentNs - sim.now);
    },
    isLost(connection) {
      if (lingers || !leavesUnread(connection)) return false;
      return connections.caller(connection).severed?.(connection) ?? false;
    },
  };
}
