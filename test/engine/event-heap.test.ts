import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventHeap } from "../../src/engine/event-heap.js";
import { CANCELLED, GENERATION, ROW } from "../../src/engine/event-slots.js";

const KIND = 7;

interface Entry {
  timeNs: number;
  sequence: number;
  subject: number;
  handle: number;
}

/** Takes the earliest event as the simulation does; undefined when none is pending. */
function pop(heap: EventHeap): Omit<Entry, "handle"> | undefined {
  for (;;) {
    if (heap.hasHole) heap.fillHole();
    if (heap.size === 0) return undefined;
    const [timeNs, sequence] = [heap.times[0] as number, heap.rootSequence];
    if (heap.takeRoot() !== CANCELLED) return { timeNs, sequence, subject: heap.taken };
  }
}

/** Adds an event as the simulation does; answers its handle. */
function push(heap: EventHeap, timeNs: number, sequence: number, subject: number): number {
  heap.dueNs = timeNs;
  return heap.handleOf(heap.push(sequence, KIND, subject));
}

type Command = { do: "push"; timeNs: number } | { do: "pop" } | { do: "cancel"; handle: number };

// Phases of growing, shrinking and cancelling: with evenly mixed commands a heap stays small.
const phase = fc
  .record({
    length: fc.integer({ min: 1, max: 200 }),
    pushes: fc.nat(8),
    pops: fc.nat(8),
    cancels: fc.nat(8),
  })
  .chain(({ length, pushes, pops, cancels }) =>
    fc.array(
      fc.oneof(
        {
          weight: 1 + pushes,
          arbitrary: fc.record({ do: fc.constant("push" as const), timeNs: fc.nat(40) }),
        },
        { weight: pops, arbitrary: fc.constant({ do: "pop" as const }) },
        {
          weight: cancels,
          arbitrary: fc.record({ do: fc.constant("cancel" as const), handle: fc.nat() }),
        },
      ),
      { minLength: length, maxLength: length },
    ),
  );
const commands: fc.Arbitrary<Command[]> = fc.array(phase, { maxLength: 8 }).map((phases) => phases.flat());

describe("the event heap", () => {
  test("pops in the order of (time, sequence), cancels what is pending only, and stays small", () => {
    fc.assert(
      fc.property(commands, (all) => {
        const heap = new EventHeap();
        const handles: number[] = [];
        let pending: Entry[] = [];
        for (const [sequence, command] of all.entries()) {
          if (command.do === "push") {
            const { timeNs } = command;
            const handle = push(heap, timeNs, sequence, sequence);
            handles.push(handle);
            pending.push({ timeNs, sequence, subject: sequence, handle });
          } else if (command.do === "pop") {
            pending.sort((one, other) => one.timeNs - other.timeNs || one.sequence - other.sequence);
            const next = pending.shift();
            const expected = next && {
              timeNs: next.timeNs,
              sequence: next.sequence,
              subject: next.subject,
            };
            expect(pop(heap)).toEqual(expected);
          } else if (handles.length > 0) {
            const handle = handles[command.handle % handles.length] as number;
            const without = pending.filter((entry) => entry.handle !== handle);
            expect(heap.cancel(handle)).toBe(without.length < pending.length);
            pending = without;
            expect(heap.held).toBeLessThanOrEqual(2 * pending.length + 66);
          }
          expect(heap.pending).toBe(pending.length);
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test("the handle of an event that has happened does not cancel the next one in its slot", () => {
    const heap = new EventHeap();
    const first = push(heap, 1, 0, 0);
    pop(heap);
    const second = push(heap, 2, 1, 1);
    expect(second).not.toBe(first);
    expect(heap.cancel(first)).toBe(false);
    expect(heap.cancel(second)).toBe(true);
    expect(heap.cancel(second)).toBe(false);
  });

  test("an event is no longer cancelled by its handle while it happens", () => {
    const heap = new EventHeap();
    const handle = push(heap, 1, 0, 0);
    heap.takeRoot();
    expect(heap.cancel(handle)).toBe(false);
    expect(heap.pending).toBe(0);
  });

  test("no event has the handle -1 or a number that was never given out", () => {
    const heap = new EventHeap();
    push(heap, 1, 0, 0);
    for (const handle of [-1, 5, 2 ** 26, 2 ** 52]) expect(heap.cancel(handle)).toBe(false);
  });

  test("a generation that has used up its 27 bits starts again at 0", () => {
    const heap = new EventHeap();
    push(heap, 1, 0, 0);
    // The first slot's row is the first one.
    (heap as unknown as { rows: Int32Array }).rows[GENERATION] = 2 ** 27 - 1;
    pop(heap);
    const handle = push(heap, 2, 1, 0);
    expect(handle).toBe(0);
    expect(heap.cancel(handle)).toBe(true);
  });

  test("a million cancelled events beside ten pending ones take no more room than 256", () => {
    const heap = new EventHeap();
    for (let subject = 0; subject < 10; subject++) push(heap, 1e9 + subject, subject, subject);
    for (let sequence = 10; sequence < 1_000_000; sequence++)
      heap.cancel(push(heap, 2e9 - sequence, sequence, 0));
    expect(heap.times.length).toBeLessThanOrEqual(256);
    expect((heap as unknown as { rows: Int32Array }).rows.length).toBeLessThanOrEqual(ROW * 256);
    const subjects = Array.from({ length: 10 }, () => pop(heap)?.subject);
    expect(subjects).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(pop(heap)).toBeUndefined();
  });

  test("cancelling half of the entries rebuilds the heap around the others, in their order", () => {
    const heap = new EventHeap();
    const handles = Array.from({ length: 10_000 }, (_, index) =>
      push(heap, (index * 7919) % 1_000, index, index),
    );
    for (const [index, handle] of handles.entries()) if (index % 2 === 0) heap.cancel(handle);
    expect(heap.held).toBe(10_000);
    heap.cancel(handles[1] as number);
    expect([heap.held, heap.pending]).toEqual([4_999, 4_999]);
    let before = { timeNs: -1, sequence: -1 };
    for (let left = 4_999; left > 0; left--) {
      const next = pop(heap) as Entry;
      expect(next.sequence % 2).toBe(1);
      const isLater = next.timeNs > before.timeNs || next.sequence > before.sequence;
      expect(next.timeNs >= before.timeNs && isLater).toBe(true);
      before = next;
    }
  });
});

// Beyond 256 entries most of them are in buckets (far-events.ts); how wide those are follows from the times.
const spreads = {
  "of all widths": (word: number) => 2 ** (word % 50) + (word % 97),
  "close together": (word: number) => word % 40,
  "in two heaps far apart": (word: number) => (word % 2) * 1e15 + (word % 1_000),
  "all the same": () => 5,
  "growing denser": (word: number, step: number) => word % (1 + Math.floor(1e9 / (1 + step))),
};

describe.each(Object.entries(spreads))("with thousands of entries whose delays are %s", (_, delayNs) => {
  test("pops in the order of (time, sequence), and forgets those that were cancelled", () => {
    const heap = new EventHeap();
    const pending = new Map<number, { timeNs: number; handle: number }>();
    let [word, sequence, nowNs, popped] = [7, 0, 0, 0];
    const draw = () => {
      word = (Math.imul(word, 1_103_515_245) + 12_345) >>> 0;
      return word >>> 8;
    };
    function schedule(): void {
      const timeNs = nowNs + delayNs(draw(), sequence);
      pending.set(sequence, { timeNs, handle: push(heap, timeNs, sequence, sequence) });
      sequence++;
    }
    function next(): void {
      const got = pop(heap);
      if (got === undefined) {
        expect(pending.size).toBe(0);
        return;
      }
      expect(pending.get(got.sequence)?.timeNs).toBe(got.timeNs);
      pending.delete(got.sequence);
      expect(got.timeNs).toBeGreaterThanOrEqual(nowNs);
      if (got.timeNs === nowNs) expect(got.sequence).toBeGreaterThan(before);
      [nowNs, before] = [got.timeNs, got.sequence];
      popped++;
    }
    let before = -1;
    // Grows, holds, loses most to cancels, holds, and is emptied; twice.
    for (let round = 0; round < 2; round++) {
      for (let step = 0; step < 3_000; step++) schedule();
      for (let step = 0; step < 6_000; step++) {
        next();
        schedule();
        if (step % 3 === 0) schedule();
      }
      for (const [number, { handle }] of pending) {
        if (draw() % 8 === 0) continue;
        expect(heap.cancel(handle)).toBe(true);
        pending.delete(number);
      }
      expect(heap.held).toBeLessThanOrEqual(2 * pending.size + 66);
      for (let step = 0; step < 3_000; step++) {
        next();
        schedule();
      }
      while (pending.size > 0) next();
      expect(pop(heap)).toBeUndefined();
      expect(heap.pending).toBe(0);
    }
    expect(popped).toBeGreaterThan(15_000);
  });
});
