// Modelled: what the kernel keeps of a handshake that did not complete at once, as columns by connection.
// Not modelled: anything that happens to it; see tcp-stack.ts.

import type { World } from "../../src/component/world.js";
import { columns } from "../../src/engine/columns.js";

/** States of a handshake; a connection that completed at once is never in any of them. */
export const COMPLETE = 0;
export const SYN_SENT = 1;
/** The client is connected, the listener has a request. */
export const HALF_OPEN = 2;
/** The client is connected, the listener keeps nothing but would know its cookie. */
export const WITH_COOKIE = 3;
/** The client is connected, the listener has forgotten. */
export const FORGOTTEN = 4;
/** Promoted by a bare ACK: the request's data is still on its way. */
export const WITHOUT_DATA = 5;

/** Columns of the handshakes, by connection. */
export function handshakeRows(world: World) {
  const rows = columns({
    state: Uint8Array,
    repeated: Uint8Array,
    timeouts: Uint8Array,
    /** The cause for which the last SYN was dropped, 0 if it was not. */
    dropped: Uint16Array,
    target: Uint16Array,
    firstNs: Float64Array,
    repliedNs: Float64Array,
    intervalNs: Float64Array,
    waitedNs: Float64Array,
  });
  world.onReset(rows.clear);

  function open(row: number, target: number, nowNs: number): void {
    rows.reserve(row);
    rows.target[row] = target;
    rows.repeated[row] = 0;
    rows.dropped[row] = 0;
    rows.firstNs[row] = nowNs;
    rows.waitedNs[row] = 0;
  }

  return Object.assign(rows, { open });
}
