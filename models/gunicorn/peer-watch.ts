// What the native asgi worker does when the peer of a request closes.
//
// Modelled: its loop hears of it at once, or when whoever computes gives it back; it closes the socket, and
// cancels the application's task after asgi_disconnect_grace_period, before 25.0.2 at once (gunicorn/asgi/
// protocol.py connection_lost; measured: the caller's port is in TIME_WAIT 20 ms after its close(), and the
// task is cancelled 3.01 s after it, gunicorn 26.2.0, 2026-11). Until then the task goes on, and computes if
// it was about to; one that is not cancelled ends without an answer.
// Not modelled: that a loop hears of it late because another request computes; what an application does that
// awaits http.disconnect or catches its cancellation; that a worker which leaves does not wait for the task.

import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import type { HeldConnections } from "./held-connections.js";
import * as phase from "./held-connections.js";

type Waiting = ReturnType<World["sim"]["event"]>;

/** `received` ends the wait for a body, `waited` others; a task is cancelled `cancelsNs` after its peer. */
export function peerWatch(
  { sim, connections, onReset }: World,
  held: HeldConnections,
  { cancelsNs, received, waited }: { cancelsNs: number; received: Waiting; waited: Waiting },
) {
  let endsNs = new Float64Array(0);
  onReset(() => {
    endsNs.fill(0);
  });

  function waits(row: number, lengthNs: number): void {
    if (row >= endsNs.length) endsNs = grown(endsNs, new Float64Array(held.phase.length));
    endsNs[row] = sim.now + lengthNs;
  }

  const closed = (row: number) => connections.caller(row).peerClosed?.(row);

  return {
    /** A request waits for its body for so long, in nanoseconds. */
    receives(row: number, lengthNs: number): number {
      waits(row, lengthNs);
      return lengthNs;
    },
    /** A request waits for others, for so many nanoseconds unless it is cancelled before. */
    waits(row: number, lengthNs: number): number {
      waits(row, lengthNs);
      if (connections.isCallerOpen(row)) return lengthNs;
      closed(row);
      return Math.min(lengthNs, cancelsNs);
    },
    /** The peer has closed. */
    left(row: number): void {
      const isWaiting = held.phase[row] === phase.WAITING;
      if (!isWaiting && held.phase[row] !== phase.RECEIVING) return;
      closed(row);
      if ((endsNs[row] as number) - sim.now <= cancelsNs) return;
      (isWaiting ? waited : received).cancel(held.handle[row] as number);
      held.phase[row] = phase.WAITING;
      held.handle[row] = waited.after(cancelsNs, row);
    },
  };
}
