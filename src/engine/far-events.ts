// Pending events that are due later than those in the heap: buckets of equal width, each an unsorted list.
//
// A heap of all pending events takes a comparison with an unforeseeable result, and a look at another part
// of memory, for each level that an entry sinks. Here an entry that is far away costs one append, and when
// its bucket comes up it is sorted among a few others: a calendar queue (R. Brown, 1988, CACM 31, 1220-1227),
// with a heap for the bucket that has come up, as in the ladder queue (W. T. Tang, R. S. M. Goh and I. L.-J.
// Thng, 2005, ACM TOMACS 15, 175-204). Measured beside the heap alone, exponential delays: 0.8 times the
// processor time with 1,000 pending, 0.7 with 10,000 and with 1,000,000, 0.75 with 100,000; 8 entries in a
// bucket rather than 32 are 0.9 times, and 2 rather than 8 0.81 to 0.9 with 1,000 to 100,000 pending and 0.98
// with 1,000,000. A single one is no faster, and takes twice the buckets (2 cores, both busy, Node 20.20,
// 2026-12).
//
// A bucket is some power of two of nanoseconds wide, so that there is no rounding. The buckets are a ring;
// what lies beyond its end waits in a list that is looked through before the ring has come around.
//
// Guarantees: nothing here is due before `fromNs`; adding is O(1); each entry is moved O(1) times on average,
// since buckets are made anew only when their number or what is in them has doubled, or when nothing at all
// is in them.

import { EventSlots, NEXT, NONE, ROW, TIME, WIDE } from "./event-slots.js";
import { DOUBLE } from "./time.js";

/** Entries of a bucket when it comes up, on average. */
const FILLING = 2;
const LEAST_BUCKETS = 64;
/** Fewer entries are left to the heap alone. */
const FEWEST = 128;
const SAMPLE = 512;
const NEVER = Number.POSITIVE_INFINITY;

export class FarEvents extends EventSlots {
  /** What is due from then on belongs here. */
  protected fromNs = NEVER;
  /** Entries here, whose next one is that of their list. */
  protected farCount = 0;
  /** The first entry of each bucket. */
  private heads = new Int32Array(0);
  private beyond = NONE;
  private bucketNs = DOUBLE;
  private perNs = DOUBLE;
  /** The number of the bucket that came up last; and of the one before which to look at what is beyond. */
  private current = 0;
  private lookAt = 0;
  /** Entries when the buckets were made. */
  private made = 0;

  override reset(): void {
    super.reset();
    this.fromNs = NEVER;
    this.farCount = 0;
    this.heads.fill(NONE);
    this.beyond = NONE;
    this.bucketNs = 1;
    this.perNs = 1;
    this.current = 0;
    this.lookAt = 0;
    this.made = 0;
  }

  /** There are buckets. */
  protected get isSpread(): boolean {
    return this.fromNs !== NEVER;
  }

  /** Puts a slot, whose time is set, into its bucket; `farCount` is not changed. */
  protected link(slot: number): void {
    const { heads } = this;
    const number = Math.floor((this.wide[WIDE * slot + TIME] as number) * this.perNs);
    if (number < this.current + heads.length) {
      const bucket = number & (heads.length - 1);
      this.rows[ROW * slot + NEXT] = heads[bucket] as number;
      heads[bucket] = slot;
    } else {
      this.rows[ROW * slot + NEXT] = this.beyond;
      this.beyond = slot;
    }
  }

  /** The entry behind this one in a list; negative behind the last one. */
  protected after(slot: number): number {
    return this.rows[ROW * slot + NEXT] as number;
  }

  /**
   * Takes out the next bucket that is not empty and answers its first entry: only if there is any entry. Of
   * those that it answers, as of those of `make`, `farCount` is to be lowered by whoever looks at each.
   */
  protected bucketUp(): number {
    if (this.farCount < FEWEST) return this.end();
    if (this.farCount > 2 * this.made) return this.make(this.end());
    const { heads } = this;
    for (let passed = 0; passed < heads.length; passed++) {
      if (++this.current >= this.lookAt) this.lookBeyond();
      const bucket = this.current & (heads.length - 1);
      const first = heads[bucket] as number;
      if (first === NONE) continue;
      heads[bucket] = NONE;
      this.fromNs = (this.current + 1) * this.bucketNs;
      return first;
    }
    return this.make(this.end());
  }

  /** Takes everything out; answers its first entry, negative if there is none. */
  protected end(): number {
    this.fromNs = NEVER;
    return this.all();
  }

  /**
   * Makes buckets for the entries of this list and keeps all but those that are due first: they are answered.
   * If there are few, or all have one time, there are no buckets, and all are answered.
   */
  protected make(first: number): number {
    let count = 0;
    for (let slot = first; slot >= 0; slot = this.after(slot)) count++;
    this.farCount = count;
    const widthNs = count < FEWEST ? 0 : this.widthOf(first, count);
    if (widthNs === 0) return first;
    this.made = count;
    this.bucketNs = widthNs;
    this.perNs = 1 / widthNs;
    // No power: V8 makes that a double, and a field of a small integer that gets one has another layout.
    const buckets = 1 << Math.ceil(Math.log2(Math.max(LEAST_BUCKETS, (2 * count) / FILLING)));
    if (buckets !== this.heads.length) this.heads = new Int32Array(buckets).fill(NONE);
    let leastNs = NEVER;
    for (let slot = first; slot >= 0; slot = this.after(slot))
      leastNs = Math.min(leastNs, this.wide[WIDE * slot + TIME] as number);
    this.current = Math.floor(leastNs * this.perNs);
    this.lookAt = this.current + (buckets >> 1);
    for (let slot = first; slot >= 0; ) {
      const next = this.after(slot);
      this.link(slot);
      slot = next;
    }
    const bucket = this.current & (buckets - 1);
    const earliest = this.heads[bucket] as number;
    this.heads[bucket] = NONE;
    this.fromNs = (this.current + 1) * widthNs;
    return earliest;
  }

  /** Entries in front of the middle one are to fill their buckets; 0 if all of them have one time. */
  private widthOf(first: number, count: number): number {
    const stride = Math.ceil(count / SAMPLE);
    const sample = new Float64Array(Math.ceil(count / stride));
    let index = 0;
    for (let slot = first; slot >= 0; slot = this.after(slot)) {
      if (index % stride === 0) sample[index / stride] = this.wide[WIDE * slot + TIME] as number;
      index++;
    }
    sample.sort();
    const spanNs = (sample[sample.length >> 1] as number) - (sample[0] as number);
    if (spanNs === 0) return 0;
    return 2 ** Math.max(0, Math.round(Math.log2((spanNs * 2 * FILLING) / count)));
  }

  private lookBeyond(): void {
    this.lookAt = this.current + (this.heads.length >> 1);
    let slot = this.beyond;
    this.beyond = NONE;
    while (slot >= 0) {
      const next = this.after(slot);
      this.link(slot);
      slot = next;
    }
  }

  /** All entries as one list. */
  private all(): number {
    let first = this.beyond;
    this.beyond = NONE;
    const { heads, rows } = this;
    for (let bucket = 0; bucket < heads.length; bucket++) {
      let slot = heads[bucket] as number;
      heads[bucket] = NONE;
      while (slot >= 0) {
        const next = this.after(slot);
        rows[ROW * slot + NEXT] = first;
        first = slot;
        slot = next;
      }
    }
    return first;
  }
}
