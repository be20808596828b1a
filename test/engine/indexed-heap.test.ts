import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clear, indexedHeap, keys, reserve } from "../../src/engine/indexed-heap.js";

type Command =
  | { do: "add" | "change"; row: number; key: number }
  | { do: "remove"; row: number }
  | { do: "lower"; by: number };

const row = fc.nat(40);
const key = fc.nat(20);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), row, key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("change" as const), row, key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), row }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lower" as const), by: key }) },
);

describe("the indexed heap", () => {
  test("has the least (key, order) on top, whatever is added, changed and removed; two share the columns", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
        const columns = keys();
        // Even rows are in one heap, odd ones in the other.
        const heaps = [indexedHeap(columns), indexedHeap(columns)];
        const plain = new Map<number, { row: number; key: number; order: number }>();
        commands.forEach((one, order) => {
          if (one.do === "lower") {
            heaps[0]?.lower(one.by);
            for (const [row, entry] of plain) if (row % 2 === 0) entry.key -= one.by;
          } else {
            const heap = heaps[one.row % 2];
            const isThere = plain.has(one.row);
            if (one.do === "remove") {
              if (isThere) heap?.remove(one.row);
              plain.delete(one.row);
            } else if (isThere === (one.do === "change")) {
              reserve(columns, one.row);
              columns.key[one.row] = one.key;
              columns.order[one.row] = order;
              plain.set(one.row, { row: one.row, key: one.key, order });
              if (isThere) heap?.changed(one.row);
              else heap?.add(one.row);
            }
          }
          for (const [parity, heap] of heaps.entries()) {
            const own = [...plain.values()].filter(({ row }) => row % 2 === parity);
            own.sort((a, b) => a.key - b.key || a.order - b.order);
            expect(heap.size()).toBe(own.length);
            if (own[0]) expect([heap.least(), columns.key[heap.least()]]).toEqual([own[0].row, own[0].key]);
          }
        });
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test("is empty when it is cleared, and its columns are as they were", () => {
    const columns = keys();
    const heap = indexedHeap(columns);
    reserve(columns, 40);
    for (const row of [40, 3, 7]) {
      columns.key[row] = -row;
      columns.order[row] = row;
      heap.add(row);
    }
    heap.clear();
    clear(columns);
    expect(heap.size()).toBe(0);
    for (const column of Object.values(columns)) expect(new Set(column)).toEqual(new Set([0]));
    heap.add(5);
    expect([heap.size(), heap.least()]).toEqual([1, 5]);
  });
});
