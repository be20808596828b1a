// A binary heap of row numbers whose keys are in columns, and which knows the place of each row: any row can
// leave it or get another key in O(log n). Several heaps may share the columns if no row is in two of them.

import { grown } from "./grown.js";

const FIRST_CAPACITY = 16;

/** Columns by row: equal keys leave in the order of `order`. */
export interface Keys {
  key: Float64Array<ArrayBuffer>;
  order: Float64Array<ArrayBuffer>;
  /** Place in its heap, kept by that heap. */
  place: Int32Array<ArrayBuffer>;
}

export interface IndexedHeap {
  size(): number;
  /** The row with the least key; only of a heap that is not empty. */
  least(): number;
  /** Its key and order are in the columns. */
  add(row: number): void;
  remove(row: number): void;
  /** Its key or order has changed. */
  changed(row: number): void;
  /** Takes the same from all keys, which leaves their order. */
  lower(by: number): void;
  /** It is empty, as it was when it was made; the columns are left alone. */
  clear(): void;
}

export function keys(): Keys {
  return {
    key: new Float64Array(FIRST_CAPACITY),
    order: new Float64Array(FIRST_CAPACITY),
    place: new Int32Array(FIRST_CAPACITY),
  };
}

/** Makes room for this row. */
export function reserve(columns: Keys, row: number): void {
  if (row < columns.key.length) return;
  const capacity = Math.max(2 * columns.key.length, row + 1);
  columns.key = grown(columns.key, new Float64Array(capacity));
  columns.order = grown(columns.order, new Float64Array(capacity));
  columns.place = grown(columns.place, new Int32Array(capacity));
}

/** All rows as they were before any was written; the heaps that share them are cleared too. */
export function clear({ key, order, place }: Keys): void {
  key.fill(0);
  order.fill(0);
  place.fill(0);
}

export function indexedHeap(columns: Keys): IndexedHeap {
  let rows = new Int32Array(1);
  let size = 0;

  function isBefore(one: number, other: number): boolean {
    const { key, order } = columns;
    const difference = (key[one] as number) - (key[other] as number);
    return difference < 0 || (difference === 0 && (order[one] as number) < (order[other] as number));
  }

  function put(row: number, index: number): void {
    rows[index] = row;
    columns.place[row] = index;
  }

  /** Puts the row at an empty place or higher. */
  function rise(row: number, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = rows[parent] as number;
      if (!isBefore(row, above)) break;
      put(above, index);
      index = parent;
    }
    put(row, index);
  }

  /** Puts the row at an empty place or lower. */
  function sink(row: number, from: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(rows[child + 1] as number, rows[child] as number)) child++;
      const below = rows[child] as number;
      if (!isBefore(below, row)) break;
      put(below, index);
      index = child;
    }
    put(row, index);
  }

  function settle(row: number, index: number): void {
    if (index > 0 && isBefore(row, rows[(index - 1) >> 1] as number)) rise(row, index);
    else sink(row, index);
  }

  return {
    size: () => size,
    least: () => rows[0] as number,
    add(row) {
      if (size === rows.length) rows = grown(rows, new Int32Array(2 * size));
      rise(row, size++);
    },
    remove(row) {
      const index = columns.place[row] as number;
      const last = rows[--size] as number;
      if (last !== row) settle(last, index);
    },
    changed: (row) => settle(row, columns.place[row] as number),
    lower(by) {
      const { key } = columns;
      for (let index = 0; index < size; index++) (key[rows[index] as number] as number) -= by;
    },
    clear() {
      rows.fill(0);
      size = 0;
    },
  };
}
