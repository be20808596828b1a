// Modelled: the jobs that run on the processors of a machine, as rows of columns. Not modelled: how they
// share processors; see sharing.ts.

import { grown } from "../../src/engine/grown.js";
import { clear, keys, reserve } from "../../src/engine/indexed-heap.js";

// A handle is row + generation * 2^26, exact in a double, as in the calendar.
const ROW_LIMIT = 2 ** 26;
const GENERATION_MASK = 2 ** 27 - 1;

/** The jobs of one machine. */
export function jobRows() {
  const ends = keys();
  let rows = 0;
  const free: number[] = [];
  const table = {
    /** When they end, by the clock of their process, and the order of their start. */
    ends,
    kind: new Int32Array(ends.key.length),
    process: new Int32Array(ends.key.length),
    subject: new Int32Array(ends.key.length),
    generation: new Int32Array(ends.key.length),
    take(kind: number, process: number, subject: number): number {
      const row = free.pop() ?? newRow();
      table.kind[row] = kind;
      table.process[row] = process;
      table.subject[row] = subject;
      return row;
    },
    give(row: number): void {
      table.generation[row] = ((table.generation[row] as number) + 1) & GENERATION_MASK;
      free.push(row);
    },
    handle: (row: number) => row + (table.generation[row] as number) * ROW_LIMIT,
    /** Its row, or -1 if it has ended. */
    rowOf(handle: number): number {
      const row = handle % ROW_LIMIT;
      return table.generation[row] === (handle - row) / ROW_LIMIT ? row : -1;
    },
    /** As they were before the first one started. */
    reset(): void {
      clear(ends);
      for (const column of [table.kind, table.process, table.subject, table.generation]) column.fill(0);
      rows = 0;
      free.length = 0;
    },
  };
  function newRow(): number {
    reserve(ends, rows);
    const capacity = ends.key.length;
    if (capacity > table.kind.length) {
      table.kind = grown(table.kind, new Int32Array(capacity));
      table.process = grown(table.process, new Int32Array(capacity));
      table.subject = grown(table.subject, new Int32Array(capacity));
      table.generation = grown(table.generation, new Int32Array(capacity));
    }
    return rows++;
  }
  return table;
}
