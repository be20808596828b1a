// What belongs to a pending event and stays where it is: its slot. The heap extends this class, so
// that both are one object.

import { grown } from "./grown.js";

// Room for most models: see columns.ts.
export const FIRST_CAPACITY = 256;
/** Kind of a cancelled entry. Kinds of events start at 1. */
export const CANCELLED = 0;
export const NONE = -1;
// A row of what belongs to a slot: each array more is four loads at each use.
export const ROW = 4;
export const KIND = 0;
export const SUBJECT = 1;
export const GENERATION = 2;
const NEXT_FREE = 3;
// A handle is slot + generation * 2^26, exact in a double: 67 million pending events, 2^27 uses of a slot.
export const SLOT_LIMIT = 2 ** 26;
export const GENERATION_MASK = 2 ** 27 - 1;

export class EventSlots {
  /** By slot. */
  protected sequences = new Float64Array(FIRST_CAPACITY);
  protected rows = new Int32Array(ROW * FIRST_CAPACITY);
  protected cancelledCount = 0;
  /** The first of the slots that are free, each of which names the next one. */
  private free = NONE;
  private slotCount = 0;

  /** What cancels the event in this slot as long as it is pending. */
  handleOf(slot: number): number {
    return slot + (this.rows[ROW * slot + GENERATION] as number) * SLOT_LIMIT;
  }

  protected takeSlot(): number {
    const slot = this.free;
    if (slot === NONE) return this.newSlot();
    this.free = this.rows[ROW * slot + NEXT_FREE] as number;
    return slot;
  }

  protected release(slot: number): void {
    this.rows[ROW * slot + NEXT_FREE] = this.free;
    this.free = slot;
  }

  /** Gives the slot of a cancelled event back; false if it is not cancelled. */
  protected drops(slot: number): boolean {
    const { rows } = this;
    const row = ROW * slot;
    if (rows[row + KIND] !== CANCELLED) return false;
    rows[row + GENERATION] = ((rows[row + GENERATION] as number) + 1) & GENERATION_MASK;
    this.cancelledCount--;
    this.release(slot);
    return true;
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
}
