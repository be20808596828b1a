// Columns of numbers by row that grow together: what a model keeps of each connection, request or worker.

import { grown } from "./grown.js";

// V8 takes an array for part of the code as long as it was not exchanged for a larger one: a column is then
// one instruction instead of six, so that there is room for most models from the start.
const FIRST_CAPACITY = 1024;

type Column = Float64Array | Int32Array | Int16Array | Uint16Array | Uint8Array;
type Kinds = Record<string, new (length: number) => Column>;

export type Columns<Declared extends Kinds> = { [Name in keyof Declared]: InstanceType<Declared[Name]> } & {
  /** Makes room for this row; whoever keeps a column in a variable has an old one then. */
  reserve(row: number): void;
  /** All rows as they were before any was written. */
  clear(): void;
};

/** Columns of these kinds. A row is 0 everywhere until it is written, or what `blanks` says. */
export function columns<const Declared extends Kinds>(
  kinds: Declared,
  blanks: { [Name in keyof Declared]?: number } = {},
): Columns<Declared> {
  let capacity = FIRST_CAPACITY;
  const blank = (name: string) => {
    const Kind = kinds[name] as Kinds[string];
    return new Kind(capacity).fill(blanks[name] ?? 0);
  };

  function grow(row: number): void {
    capacity = Math.max(2 * capacity, row + 1);
    for (const name in kinds) all[name] = grown(all[name] as Column, blank(name));
  }

  const all: Record<string, Column | ((row: number) => void) | (() => void)> = {};
  for (const name in kinds) all[name] = blank(name);
  all.reserve = (row: number) => {
    if (row >= capacity) grow(row);
  };
  all.clear = () => {
    for (const name in kinds) (all[name] as Column).fill(blanks[name] ?? 0);
  };
  return all as Columns<Declared>;
}
