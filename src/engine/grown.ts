/** Copies a column into a larger one. */
export function grown<Column extends Float64Array | Int32Array | Int16Array | Uint16Array | Uint8Array>(
  old: Column,
  larger: Column,
): Column {
  larger.set(old);
  return larger;
}
