// Modelled: what the kernel keeps of a handshake that did not complete at once, as columns by connection. Not
// modelled: anything that happens to it; see tcp-stack.ts.

/** Columns of the handshakes, by connection. */
export function handshakeRows() {
  const columns = {
    state: new Uint8Array(64),
    repeated: new Uint8Array(64),
    timeouts: new Uint8Array(64),
    target: new Uint16Array(64),
    firstNs: new Float64Array(64),
    repliedNs: new Float64Array(64),
    intervalNs: new Float64Array(64),
    waitedNs: new Float64Array(64),
    open(row: number, target: number, nowNs: number): void {
      if (row >= columns.state.length) grow(row);
      columns.target[row] = target;
      columns.repeated[row] = 0;
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
    columns.target = longer(Uint16Array, columns.target);
    columns.firstNs = longer(Float64Array, columns.firstNs);
    columns.repliedNs = longer(Float64Array, columns.repliedNs);
    columns.intervalNs = longer(Float64Array, columns.intervalNs);
    columns.waitedNs = longer(Float64Array, columns.waitedNs);
  }
  return columns;
}
