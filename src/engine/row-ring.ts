// Row numbers in the order of coming: what leaves together, or in that order. The place of each stays what it
// is, so that one can be blanked before its turn.

import { grown } from "./grown.js";

const FIRST_CAPACITY = 64;
const BLANK = -1;
// Positions count up and wrap as 31-bit integers; the ring is far smaller.
const POSITION_MASK = 0x7fffffff;

export class RowRing {
  private rows = new Int32Array(FIRST_CAPACITY);
  private head = 0;
  private used = 0;

  /** Adds a row (not negative) and answers its position, which is not negative. */
  add(row: number): number {
    if (this.used === this.rows.length) this.grow();
    const position = (this.head + this.used++) & POSITION_MASK;
    this.rows[position & (this.rows.length - 1)] = row;
    return position;
  }

  /** Blanks the row at a position that has not been taken yet. */
  blank(position: number): void {
    this.rows[position & (this.rows.length - 1)] = BLANK;
  }

  /** Takes the first one out; negative if it was blanked. Only if there is any. */
  take(): number {
    const row = this.rows[this.head & (this.rows.length - 1)] as number;
    this.head = (this.head + 1) & POSITION_MASK;
    this.used--;
    return row;
  }

  /** As it was before any row was added. */
  clear(): void {
    this.rows.fill(0);
    this.head = 0;
    this.used = 0;
  }

  private grow(): void {
    const { length } = this.rows;
    // Position p lies at p modulo capacity: with both halves filled alike, each row is where it belongs.
    this.rows = grown(this.rows, new Int32Array(2 * length));
    this.rows.copyWithin(length, 0, length);
  }
}
