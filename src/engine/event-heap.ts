// The pending events that happen after a varying delay: a binary heap of typed arrays, ordered by (time,
// sequence).
//
// Guarantees: equal times leave in the order of their sequence numbers; push and pop are O(log n), cancel is
// O(1). A cancelled entry stays until it reaches the top; a cancel that makes more than half of the heap
// cancelled rebuilds it, so memory is at most twice the most that was ever pending.
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
// - What belongs to a slot is one row of one array: each array more is four loads at each use.
// - The time of a push is handed over in a field, and its handle is made by whoever wants it: a double that
//   is passed to a function, or returned by it, is an object each time.

// Room for most models: see columns.ts.
const FIRST_CAPACITY = 256;
const FEW = 64;
/** Kind of a cancelled entry. Kinds of events start at 1. */
export const CANCELLED = 0;
const NONE = -1;
// A row of what belongs to a slot.
const ROW = 4;
const KIND = 0;
const SUBJECT = 1;
const GENERATION = 2;
const NEXT_FREE = 3;
// A handle is slot + generation * 2^26, exact in a double: 67 million pending events, 2^27 uses of a slot.
const SLOT_LIMIT = 2 ** 26;
const GENERATION_MASK = 2 ** 27 - 1;

export class EventHeap {
  /** Entries in heap order: time in nanoseconds, slot. */
  times = new Float64Array(FIRST_CAPACITY);
  slots = new Int32Array(FIRST_CAPACITY);
  /** When the event is due that is pushed next, in nanoseconds. */
  dueNs = 0;
  /** Entries, including an empty root. */
  size = 0;
  /** What else belongs to an entry, by slot. An entry moves in the heap, its slot stays. */
  private sequences = new Float64Array(FIRST_CAPACITY);
  private rows = new Int32Array(ROW * FIRST_CAPACITY);
  /** The slot of the root that has been taken, as long as nothing was put in its place; or NONE. */
  private hole = NONE;
  /** The first of the slots that are free, each of which names the next one. */
  private free = NONE;
  private slotCount = 0;
  private cancelledCount = 0;

  /**
   * Adds an event that is due at `dueNs`; answers its slot. Its sequence number is larger than that of any
   * other.
   */
  push(sequence: number, kind: number, subject: number): number {
    const timeNs = this.dueNs;
    let slot = this.hole;
    if (slot === NONE) {
      slot = this.free;
      if (slot === NONE) slot = this.newSlot();
      else this.free = this.rows[ROW * slot + NEXT_FREE] as number;
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
    this.sequences[slot] = sequence;
    const { rows } = this;
    const row = ROW * slot;
    rows[row + KIND] = kind;
    rows[row + SUBJECT] = subject;
    return slot;
  }

  /** What cancels the event in this slot as long as it is pending. */
  handleOf(slot: number): number {
    return slot + (this.rows[ROW * slot + GENERATION] as number) * SLOT_LIMIT;
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
    if (this.cancelledCount > FEW && this.cancelledCount * 2 > this.size) this.dropCancelled();
    return true;
  }

  /** Sequence number of the earliest event. */
  get rootSequence(): number {
    return this.sequences[this.slots[0] as number] as number;
  }

  /** Events that will still happen. */
  get pending(): number {
    return this.size - this.cancelledCount - (this.hasHole ? 1 : 0);
  }

  /** Puts an entry of any age at an empty place and lets it sink. */
  private sink(from: number, timeNs: number, slot: number): void {
    const { times, slots, sequences, size } = this;
    const sequence = sequences[slot] as number;
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
      if (leastTime === timeNs && (sequences[slots[least] as number] as number) > sequence) break;
      times[index] = leastTime;
      slots[index] = slots[least] as number;
      index = least;
    }
    times[index] = timeNs;
    slots[index] = slot;
  }

  /** Of two entries of one time, whether the first was scheduled before the second. */
  private isEarlier(one: number, other: number): boolean {
    const { slots, sequences } = this;
    return (sequences[slots[one] as number] as number) < (sequences[slots[other] as number] as number);
  }

  private dropCancelled(): void {
    if (this.hasHole) this.fillHole();
    const { times, slots, rows } = this;
    let kept = 0;
    for (let index = 0; index < this.size; index++) {
      const slot = slots[index] as number;
      const row = ROW * slot;
      if (rows[row + KIND] === CANCELLED) {
        rows[row + GENERATION] = ((rows[row + GENERATION] as number) + 1) & GENERATION_MASK;
        this.release(slot);
        continue;
      }
      times[kept] = times[index] as number;
      slots[kept++] = slot;
    }
    this.size = kept;
    this.cancelledCount = 0;
    for (let index = (kept - 2) >> 1; index >= 0; index--) {
      this.sink(index, times[index] as number, slots[index] as number);
    }
  }

  private release(slot: number): void {
    this.rows[ROW * slot + NEXT_FREE] = this.free;
    this.free = slot;
  }

  private newSlot(): number {
    if (this.slotCount === SLOT_LIMIT) throw new Error(`more than ${SLOT_LIMIT} events are pending`);
    if (this.slotCount === this.sequences.length) {
      const capacity = this.slotCount * 2;
      this.sequences = grown(this.sequences, new Float64Array(capacity));
      this.rows = grown(this.rows, new Int32Array(ROW * capacity));
    }
    return this.slotCount++;
  }

  private grow(): void {
    const capacity = this.size * 2;
    this.times = grown(this.times, new Float64Array(capacity));
    this.slots = grown(this.slots, new Int32Array(capacity));
  }
}

/** Copies a column into a larger one. */
export function grown<Column extends Float64Array | Int32Array | Int16Array | Uint16Array | Uint8Array>(
  old: Column,
  larger: Column,
): Column {
  larger.set(old);
  return larger;
}
