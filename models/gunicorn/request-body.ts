// What a worker does with the body of a request.
//
// Modelled: with the header a worker reads up to 8 KiB; the rest is read when the application asks, which
// waits until the client has sent it; an application that does not read leaves it in the socket, and up to
// 25.x close() then sends a RST (gunicorn/http/unreader.py, gunicorn/util.py close, close_graceful). An
// application that reads (`app.reads_body`) reads the whole body before it does anything else. Until it has
// it, it holds what runs it: a sync worker, a thread of a gthread worker, a greenlet and so a place of a
// gevent or eventlet worker, but neither a processor nor an event loop. uvicorn and asgi begin with the
// header too, and the application awaits the body; tornado begins when it has all of it, and so reads what
// the application does not (tornado/http1connection.py HTTP1Connection._read_message).
// Not modelled: an application that reads a part; what becomes of a body whose sender has given up, which the
// application is taken to work on all the same; the work of receiving, and the 64 KiB and more that uvicorn
// and asgi read whether the application asks or not: their answers are never lost.

import type { World } from "../../src/component/world.js";
import type { Application } from "./own-app.js";

/** gunicorn/http/unreader.py SocketUnreader max_chunk. */
const READ_WITH_HEADER_BYTES = 8192;
const UNREAD = -1;

type Reader = Pick<Application, "readsBody">;

export interface WorkerBodies {
  /** A worker begins with this request: how long it has to wait for its body, in nanoseconds. */
  begins(connection: number): number;
  /** Whether it would have to wait now. */
  isAwaited(connection: number): boolean;
  /** A worker is about to answer and close: true if nothing of the answer arrives. */
  isLost(connection: number): boolean;
}

/** Whether the request on a connection has a body of which the application leaves some in the socket. */
export function unreadBodies(world: World, { readsBody }: Reader): (connection: number) => boolean {
  const { connections, requests } = world;
  return (connection) => {
    const { bodies } = requests;
    if (bodies === undefined || readsBody) return false;
    return (bodies.bytes[connections.request[connection] as number] as number) > READ_WITH_HEADER_BYTES;
  };
}

/** `lingers`: the worker reads what is left before it closes; `readsAll`: before the application begins. */
export function workerBodies(
  world: World,
  application: Reader,
  { lingers, readsAll = false }: { lingers: boolean; readsAll?: boolean },
): WorkerBodies {
  const { sim, connections, requests } = world;
  const readsBody = readsAll || application.readsBody;
  const leavesUnread = unreadBodies(world, application);
  /** When the client has sent all of it, in nanoseconds; UNREAD if nobody wants to know. */
  function sentNs(connection: number): number {
    const { bodies } = requests;
    if (bodies === undefined || !readsBody) return UNREAD;
    const request = connections.request[connection] as number;
    if (bodies.bytes[request] === 0) return UNREAD;
    return (requests.sentNs[request] as number) + (bodies.uploadNs[request] as number);
  }

  return {
    begins(connection) {
      const allNs = sentNs(connection);
      if (allNs === UNREAD) return 0;
      if (connections.isCallerOpen(connection)) connections.caller(connection).reads?.(connection);
      return Math.max(0, allNs - sim.now);
    },
    isAwaited: (connection) => sentNs(connection) > sim.now,
    isLost(connection) {
      if (lingers || !leavesUnread(connection)) return false;
      return connections.caller(connection).severed?.(connection) ?? false;
    },
  };
}
