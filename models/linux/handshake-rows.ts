// Modelled: what the kernel keeps of a handshake that did not complete at once, as columns by connection.
// Not modelled: anything that happens to it; see tcp-stack.ts.

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
export function handshakeRows() {
  const columns = {
    state: new Uint8Array(64),
    repeated: new Uint8Array(64),
    timeouts: new Uint8Array(64),
    /** The cause for which the last SYN was dropped, 0 if it was not. */
    dropped: new Uint16Array(64),
    target: new Uint16Array(64),
    firstNs: new Float64Array(64),
    repliedNs: new Float64Array(64),
    intervalNs: new Float64Array(64),
    waitedNs: new Float64Array(64),
    open(row: number, target: number, nowNs: number): void {
      if (row >= columns.state.length) grow(row);
      columns.target[row] = target;
      columns.repeated[row] = 0;
      columns.dropped[row] = 0;
      columns.firstNs[row] = nowNs;
      columns.waitedNs[row] = 0;
    },
  };
  function grow(row: number): void {
    const length = Math.max(2 * columns.state.length, row + 1);
    const longer = <Column extends { set(from: Column): void }>(
      Kind: new (length: number) => Column,
      old: Column,
    ) => {
      const column = new Kind(length);
      column.set(old);
      return column;
    };
    columns.state = longer(Uint8Array, columns.state);
    columns.repeated = longer(Uint8Array, columns.repeated);
    columns.timeouts = longer(Uint8Array, columns.timeouts);
    columns.dropped = longer(Uint16Array, columns.dropped);
    columns.target = longer(Uint16Array, columns.target);
    columns.firstNs = longer(Float64Array, columns.firstNs);
    columns.repliedNs = longer(Float64Array, columns.repliedNs);
    columns.intervalNs = longer(Float64Array, columns.intervalNs);
    columns.waitedNs = longer(Float64Array, columns.waitedNs);
  }
  return columns;
}
