// Pending events that are due later than those in the heap: buckets of equal width, each an unsorted list.
//
// A heap of all pending events takes a comparison with an unforeseeable result, and a look at another part
// of memory, for each level that an entry sinks. Here an entry that is far away costs one append, and when
// its bucket comes up it is sorted among a few others: a calendar queue (R. Brown, 1988, CACM 31, 1220-1227),
// with a heap for the bucket that has come up, as in the ladder queue (W. T. Tang, R. S. M. Goh and I. L.-J.
// Thng, 2005, ACM TOMACS 15, 175-204). Measured beside the heap alone, exponential delays: 0.8 times the
// processor time with 1,000 pending, 0.7 with 10,000 and with 1,000,000, 0.75 with 100,000; 8 entries in a
// bucket rather than 32 are 0.9 times (2 cores, both busy, Node 20.20, 2026-12).
//
// A bucket is some power of two of nanoseconds wide, so that there is no rounding. The buckets are a ring;
// what lies beyond its end waits in a list that is looked through before the ring has come around.
//
// Guarantees: nothing here is due before `fromNs`; adding is O(1); each entry is moved O(1) times on average,
// since buckets are made anew only when their number or what is in them has doubled, or when nothing at all
// is in them.

import { grown } from "./grown.js";

/** Entries of a bucket when it comes up, on average. */
const FILLING = 8;
const LEAST_BUCKETS = 64;
/** Fewer entries are left to the heap alone. */
const FEWEST = 128;
const SAMPLE = 512;
const NONE = -1;
const NEVER = Number.POSITIVE_INFINITY;

export class FarEvents {
  /** What is due from then on belongs here. */
  fromNs = NEVER;
  /** Entries. */
  count = 0;
  /** When the entry is due that is added next. */
  dueNs = 0;
  /** By slot. */
  times = new Float64Array(0);
  private links = new Int32Array(0);
  /** The first entry of each bucket. */
  private heads = new Int32Array(0);
  private beyond = NONE;
  private bucketNs = 1;
  private perNs = 1;
  /** The number of the bucket that came up last; and of the one before which to look at what is beyond. */
  private current = 0;
  private lookAt = 0;
  /** Entries when the buckets were made. */
  private made = 0;

  /** There are buckets. */
  get isUsed(): boolean {
    return this.fromNs !== NEVER;
  }

  /** Adds an entry that is due at `dueNs`. */
  add(slot: number): void {
    if (slot >= this.links.length) this.reserve(slot);
    this.times[slot] = this.dueNs;
    this.count++;
    this.link(slot);
  }

  private link(slot: number): void {
    const { heads } = this;
    const number = Math.floor((this.times[slot] as number) * this.perNs);
    if (number < this.current + heads.length) {
      const bucket = number & (heads.length - 1);
      this.links[slot] = heads[bucket] as number;
      heads[bucket] = slot;
    } else {
      this.links[slot] = this.beyond;
      this.beyond = slot;
    }
  }

  /** The entry behind this one in what `comeUp` answered; negative behind the last one. */
  after(slot: number): number {
    return this.links[slot] as number;
  }

  /** Takes out the next bucket that is not empty and answers its first entry: only if there is any entry. */
  comeUp(): number {
    if (this.count < FEWEST) return this.end();
    if (this.count > 2 * this.made) return this.make(this.end());
    const { heads } = this;
    for (let passed = 0; passed < heads.length; passed++) {
      if (++this.current >= this.lookAt) this.lookBeyond();
      const bucket = this.current & (heads.length - 1);
      const first = heads[bucket] as number;
      if (first === NONE) continue;
      heads[bucket] = NONE;
      this.fromNs = (this.current + 1) * this.bucketNs;
      return this.taken(first);
    }
    return this.make(this.end());
  }

  /** Takes everything out; answers its first entry, negative if there is none. */
  end(): number {
    const first = this.all();
    this.count = 0;
    this.fromNs = NEVER;
    return first;
  }

  /**
   * Makes buckets for the entries of this list and keeps all but those that are due first: they are answered.
   * If there are few, or all have one time, there are no buckets, and all are answered.
   */
  make(first: number): number {
    let count = 0;
    for (let slot = first; slot >= 0; slot = this.after(slot)) count++;
    const widthNs = count < FEWEST ? 0 : this.widthOf(first, count);
    if (widthNs === 0) return first;
    this.made = this.count = count;
    this.bucketNs = widthNs;
    this.perNs = 1 / widthNs;
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(LEAST_BUCKETS, (2 * count) / FILLING)));
    if (buckets !== this.heads.length) this.heads = new Int32Array(buckets).fill(NONE);
    let leastNs = NEVER;
    for (let slot = first; slot >= 0; slot = this.after(slot))
      leastNs = Math.min(leastNs, this.times[slot] as number);
    this.current = Math.floor(leastNs * this.perNs);
    this.lookAt = this.current + buckets / 2;
    for (let slot = first; slot >= 0; ) {
      const next = this.after(slot);
      this.link(slot);
      slot = next;
    }
    const bucket = this.current & (buckets - 1);
    const earliest = this.heads[bucket] as number;
    this.heads[bucket] = NONE;
    this.fromNs = (this.current + 1) * widthNs;
    return this.taken(earliest);
  }

  /** Puts an entry, due at `dueNs`, before others. */
  chained(slot: number, next: number): number {
    if (slot >= this.links.length) this.reserve(slot);
    this.times[slot] = this.dueNs;
    this.links[slot] = next;
    return slot;
  }

  /** Entries in front of the middle one are to fill their buckets; 0 if all of them have one time. */
  private widthOf(first: number, count: number): number {
    const stride = Math.ceil(count / SAMPLE);
    const sample = new Float64Array(Math.ceil(count / stride));
    let index = 0;
    for (let slot = first; slot >= 0; slot = this.after(slot)) {
      if (index % stride === 0) sample[index / stride] = this.times[slot] as number;
      index++;
    }
    sample.sort();
    const spanNs = (sample[sample.length >> 1] as number) - (sample[0] as number);
    if (spanNs === 0) return 0;
    return 2 ** Math.max(0, Math.round(Math.log2((spanNs * 2 * FILLING) / count)));
  }

  private lookBeyond(): void {
    this.lookAt = this.current + this.heads.length / 2;
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
    const { heads, links } = this;
    for (let bucket = 0; bucket < heads.length; bucket++) {
      let slot = heads[bucket] as number;
      heads[bucket] = NONE;
      while (slot >= 0) {
        const next = links[slot] as number;
        links[slot] = first;
        first = slot;
        slot = next;
      }
    }
    return first;
  }

  private taken(first: number): number {
    for (let slot = first; slot >= 0; slot = this.after(slot)) this.count--;
    return first;
  }

  private reserve(slot: number): void {
    const capacity = Math.max(2 * this.links.length, slot + 1);
    this.times = grown(this.times, new Float64Array(capacity));
    this.links = grown(this.links, new Int32Array(capacity));
  }
}
