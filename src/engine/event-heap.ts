// The pending events that happen after a varying delay: a binary heap of typed arrays, ordered by (time,
// sequence).
//
// Guarantees: equal times leave in the order of their sequence numbers; push and pop are O(log n), cancel is
// O(1). A cancelled entry stays until it reaches the top; a cancel that makes more than half of the heap
// cancelled drops them, so memory is at most twice the most that was ever pending.
//
// Its tricks, each measured by instructions (cachegrind) or processor time, medians of runs in turn (2 cores,
// both busy, Node 20.20, 2026-11):
// - Two children, not four: 1.11 times the events a second with 1,000 pending.
// - Sequence numbers stay at their slots, since ties are rare; a moving entry is two numbers: 1.05 times.
// - After a pop the root is left empty until it is known what comes next. A handler that schedules one event
//   lets it take the root, and its slot, and sink once, where a pop and a push would move two entries: 1.10
//   times in a loop of nothing else.
// - Whoever is pushed has the largest sequence number of all: of two equal times the other one is earlier,
//   without a look.
// - Of many pending events only those that come next are in the heap: see far-events.ts.
// - The time of a push is handed over in a field, and its handle is made by whoever wants it: a double that
//   is passed to a function, or returned by it, is an object each time.

import {
  CANCELLED,
  FIRST_CAPACITY,
  GENERATION,
  GENERATION_MASK,
  KIND,
  NEXT,
  NONE,
  ROW,
  SEQUENCE,
  SLOT_LIMIT,
  SUBJECT,
  TIME,
  WIDE,
} from "./event-slots.js";
import { FarEvents } from "./far-events.js";
import { grown } from "./grown.js";
import { DOUBLE } from "./time.js";

const FEW = 64;
/** With more than these in the heap it is time to put some of them elsewhere. */
const MANY = 256;

export class EventHeap extends FarEvents {
  /** Entries in heap order: time in nanoseconds, slot. */
  times = new Float64Array(FIRST_CAPACITY);
  slots = new Int32Array(FIRST_CAPACITY);
  /** When the event is due that is pushed next, in nanoseconds. */
  dueNs = DOUBLE;
  /** Entries in the heap, including an empty root: none only if there are no others either. */
  size = 0;
  /** After so many more events it is worth while to look again at which ones these should be. */
  private untilSpread = 0;
  /** The slot of the root that has been taken, as long as nothing was put in its place; or NONE. */
  private hole = NONE;

  override reset(): void {
    super.reset();
    this.times.fill(0);
    this.slots.fill(0);
    this.dueNs = 0;
    this.size = 0;
    this.untilSpread = 0;
    this.hole = NONE;
  }

  /**
   * Adds an event that is due at `dueNs`; answers its slot. Its sequence number is larger than that of any
   * other.
   */
  push(sequence: number, kind: number, subject: number): number {
    const timeNs = this.dueNs;
    let slot = this.hole;
    if (slot === NONE && this.size > MANY) this.outgrown();
    if (timeNs >= this.fromNs) slot = this.pushFar();
    else if (slot === NONE) {
      slot = this.takeSlot();
      if (this.size === this.times.length) this.grow();
      const { times, slots } = this;
      let index = this.size++;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        const parentTime = times[parent] as number;
        if (parentTime <= timeNs) break;
        times[index] = parentTime;
        slots[index] = slots[parent] as number;
        index = parent;
      }
      times[index] = timeNs;
      slots[index] = slot;
    } else {
      this.hole = NONE;
      const { times, slots, size } = this;
      let index = 0;
      for (;;) {
        let least = 2 * index + 1;
        if (least >= size) break;
        let leastTime = times[least] as number;
        const other = least + 1;
        if (other < size) {
          const time = times[other] as number;
          if (time < leastTime || (time === leastTime && this.isEarlier(other, least))) {
            least = other;
            leastTime = time;
          }
        }
        if (leastTime > timeNs) break;
        times[index] = leastTime;
        slots[index] = slots[least] as number;
        index = least;
      }
      times[index] = timeNs;
      slots[index] = slot;
    }
    this.wide[WIDE * slot + SEQUENCE] = sequence;
    const { rows } = this;
    const row = ROW * slot;
    rows[row + KIND] = kind;
    rows[row + SUBJECT] = subject;
    return slot;
  }

  /** The root has been taken and nothing put in its place yet. */
  get hasHole(): boolean {
    return this.hole !== NONE;
  }

  /** Closes the empty root with the last entry, so that the earliest event is at index 0. */
  fillHole(): void {
    this.release(this.hole);
    this.hole = NONE;
    const last = --this.size;
    if (last > 0) this.sink(0, this.times[last] as number, this.slots[last] as number);
    else this.comeUp();
  }

  /** Takes the root out and answers its kind; its subject is `taken`. */
  takeRoot(): number {
    const slot = this.slots[0] as number;
    this.hole = slot;
    const { rows } = this;
    const row = ROW * slot;
    rows[row + GENERATION] = ((rows[row + GENERATION] as number) + 1) & GENERATION_MASK;
    const kind = rows[row + KIND] as number;
    if (kind === CANCELLED) this.cancelledCount--;
    return kind;
  }

  /** The subject of the root that was taken; to be asked for before anything is pushed. */
  get taken(): number {
    return this.rows[ROW * this.hole + SUBJECT] as number;
  }

  /** False if the event has happened or was cancelled before. */
  cancel(handle: number): boolean {
    const slot = handle % SLOT_LIMIT;
    const { rows } = this;
    const row = ROW * slot;
    if (rows[row + GENERATION] !== (handle - slot) / SLOT_LIMIT || rows[row + KIND] === CANCELLED)
      return false;
    rows[row + KIND] = CANCELLED;
    this.cancelledCount++;
    if (this.cancelledCount > FEW && this.cancelledCount * 2 > this.held) this.dropCancelled();
    return true;
  }

  /** Sequence number of the earliest event. */
  get rootSequence(): number {
    return this.sequenceAt(0);
  }

  /** Entries in all, including an empty root. */
  get held(): number {
    return this.size + this.farCount;
  }

  /** Events that will still happen. */
  get pending(): number {
    return this.held - this.cancelledCount - (this.hasHole ? 1 : 0);
  }

  /** Puts an entry of any age at an empty place and lets it sink. */
  private sink(from: number, timeNs: number, slot: number): void {
    const { times, slots, size } = this;
    let index = from;
    for (;;) {
      let least = 2 * index + 1;
      if (least >= size) break;
      let leastTime = times[least] as number;
      const other = least + 1;
      if (other < size) {
        const time = times[other] as number;
        if (time < leastTime || (time === leastTime && this.isEarlier(other, least))) {
          least = other;
          leastTime = time;
        }
      }
      if (leastTime > timeNs) break;
      if (leastTime === timeNs && this.sequenceAt(least) > (this.wide[WIDE * slot + SEQUENCE] as number))
        break;
      times[index] = leastTime;
      slots[index] = slots[least] as number;
      index = least;
    }
    times[index] = timeNs;
    slots[index] = slot;
  }

  /** Of two entries of one time, whether the first was scheduled before the second. */
  private isEarlier(one: number, other: number): boolean {
    return this.sequenceAt(one) < this.sequenceAt(other);
  }

  private sequenceAt(index: number): number {
    return this.wide[WIDE * (this.slots[index] as number) + SEQUENCE] as number;
  }

  private dropCancelled(): void {
    if (this.hasHole) this.fillHole();
    this.spread();
  }

  private outgrown(): void {
    if (--this.untilSpread > 0) return;
    this.spread();
    this.untilSpread = this.held;
  }

  /** Decides anew which entries are in the heap, without those that are cancelled. The root is not empty. */
  private spread(): void {
    const { times, slots, size, rows } = this;
    let pending = NONE;
    for (let slot = this.end(); slot >= 0; ) {
      const next = this.after(slot);
      if (!this.drops(slot)) {
        rows[ROW * slot + NEXT] = pending;
        pending = slot;
      }
      slot = next;
    }
    for (let index = 0; index < size; index++) {
      const slot = slots[index] as number;
      if (this.drops(slot)) continue;
      this.wide[WIDE * slot + TIME] = times[index] as number;
      rows[ROW * slot + NEXT] = pending;
      pending = slot;
    }
    this.size = 0;
    this.load(this.make(pending));
  }

  /** What comes next gets into the heap if it is empty. */
  private comeUp(): void {
    while (this.size === 0 && this.isSpread) this.load(this.bucketUp());
  }

  /**
   * Puts the entries of a list into the empty heap, but for those that are cancelled. To look at all of them
   * now is faster than later, one by one, when each waits for memory by itself (measured: 0.8 times with
   * 100,000 pending).
   */
  private load(first: number): void {
    for (let slot = first; slot >= 0; ) {
      const next = this.after(slot);
      this.farCount--;
      if (!this.drops(slot)) {
        if (this.size === this.times.length) this.grow();
        this.times[this.size] = this.wide[WIDE * slot + TIME] as number;
        this.slots[this.size++] = slot;
      }
      slot = next;
    }
    const { times, slots, size } = this;
    for (let index = (size - 2) >> 1; index >= 0; index--) {
      this.sink(index, times[index] as number, slots[index] as number);
    }
  }

  private pushFar(): number {
    const slot = this.takeSlot();
    this.wide[WIDE * slot + TIME] = this.dueNs;
    this.farCount++;
    this.link(slot);
    return slot;
  }

  private grow(): void {
    const capacity = this.size * 2;
    this.times = grown(this.times, new Float64Array(capacity));
    this.slots = grown(this.slots, new Int32Array(capacity));
  }
}
