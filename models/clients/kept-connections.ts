// Connections that clients keep open between requests.
//
// Modelled: one pool for all clients of a population; the connection that was used last is used next, as in
// Go's net/http (Transport.queueForIdleConn) and nginx's keepalive; the most that are kept without a request,
// beyond which a connection is closed at its answer; requests of one connection, the last of which the client
// closes; a connection without a request is closed after a time.
// Not modelled: a pool for each client, several requests at a time over one connection (HTTP/2).

import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import { NO_TIMER, type Timer } from "../../src/engine/timer.js";
import type { Keepalive } from "./settings.js";

const NONE = -1;

/** `close` is called for a connection that has been without a request for too long. */
export function keptConnections(
  world: World,
  declared: Keepalive,
  given: { path: string; close(connection: number): void },
) {
  const { connections, recorder } = world;
  const { connections: mostIdle, requests: mostRequests = Number.POSITIVE_INFINITY } = declared;
  const fresh = recorder.tally("clients.connections");
  const reused = recorder.tally("clients.reused");
  const resent = recorder.tally("clients.resent");
  const closedBefore = recorder.cause({
    id: "kept-connection-closed",
    text: () => "the server had closed the kept connection",
    settings: [`${given.path}.keepalive.resend = false`],
  });
  // A list, the connection used last first; columns by connection.
  let above = new Int32Array(0);
  let below = new Int32Array(0);
  let carried = new Int32Array(0);
  let timer = new Int32Array(0);
  let restsSinceNs = new Float64Array(0);
  const state = { top: NONE, count: 0 };
  world.onReset(() => {
    for (const column of [above, below, carried, timer]) column.fill(0);
    restsSinceNs.fill(0);
    state.top = NONE;
    state.count = 0;
  });
  const idle: Timer = world.sim.timer(
    `${given.path} idle connection`,
    declared.idle,
    (connection) => {
      timer[connection] = NO_TIMER;
      remove(connection);
      given.close(connection);
    },
    { isBackground: true },
  );

  /** A connection carries its first request. */
  function opened(connection: number): void {
    if (connection >= carried.length) reserve(connection);
    carried[connection] = 1;
    fresh.count++;
  }

  /** It carries one more. */
  function used(connection: number): void {
    (carried[connection] as number)++;
    reused.count++;
  }

  /** A connection that rests since `sentNs` or longer, or -1. */
  function take(sentNs: number): number {
    let connection = state.top;
    // The answer may still be on its way to the client.
    while (connection !== NONE && (restsSinceNs[connection] as number) > sentNs) {
      connection = below[connection] as number;
    }
    if (connection !== NONE) remove(connection);
    return connection;
  }

  /** The request of a connection is over at `endNs`. False if it is not kept. */
  function put(connection: number, endNs: number): boolean {
    if (state.count >= mostIdle || (carried[connection] as number) >= mostRequests) return false;
    connections.rests(connection);
    restsSinceNs[connection] = endNs;
    above[connection] = NONE;
    below[connection] = state.top;
    if (state.top !== NONE) above[state.top] = connection;
    state.top = connection;
    state.count++;
    timer[connection] = idle.start(connection);
    return true;
  }

  /** A resting connection has been taken, or closed. */
  function remove(connection: number): void {
    const [up, down] = [above[connection] as number, below[connection] as number];
    if (up === NONE) state.top = down;
    else below[up] = down;
    if (down !== NONE) above[down] = up;
    state.count--;
    idle.stop(timer[connection] as number);
  }

  function reserve(connection: number): void {
    const capacity = Math.max(2 * carried.length, connection + 1, connections.request.length);
    above = grown(above, new Int32Array(capacity));
    below = grown(below, new Int32Array(capacity));
    carried = grown(carried, new Int32Array(capacity));
    timer = grown(timer, new Int32Array(capacity));
    restsSinceNs = grown(restsSinceNs, new Float64Array(capacity));
  }

  return {
    opened,
    used,
    take,
    put,
    remove,
    /** It has carried requests before that of now. */
    isReused: (connection: number) => (carried[connection] as number) > 1,
    /** Requests that were sent again because their connection had been closed; the cause if they are not. */
    resent,
    closedBefore,
  };
}
