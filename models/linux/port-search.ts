// Which port a connect() without bind gets: the kernel's walk over the range, and what it costs.
//
// Modelled: the walk begins at a keyed hash of the destination plus a cursor (net/ipv4/inet_hashtables.c
// __inet_hash_connect). From 4.6 on the ports of the parity of the range's low end come first, the others
// only when none of those is usable; a range of odd size loses one port a walk. 4.2 to 4.5 begin at an even
// offset, up to 4.1 anywhere, and both go on port by port. The cursor moves behind the port that was found;
// with `randomSteps` by up to 7 ports of the parity more, as long as the walk itself was shorter (5.18 and
// stable kernels of 2022, ca7af0402550; measured: Linux 6.18, 2026-11: steps of 2 to 16 ports).
// Not modelled: that a reserved port in the way is cheaper than another; the hash table of cursors of
// different destinations that collide (1 of 65,536); IP_LOCAL_PORT_RANGE.
//
// A port is a slot: a bit that says whether it is usable, those of one parity of one destination together.
// So the next usable one is found 32 at a time, while `probes` counts what the kernel would have looked at
// (measured: 60 destinations with 28,232 ports, 99 % of them taken at random: release and search in 0.17 us,
// 0.64 us without the second level; Node 20, 2026-11).

import { grown } from "../../src/engine/grown.js";
import type { Source } from "../../src/engine/random.js";

export interface PortSearchSettings {
  /** net.ipv4.ip_local_port_range, both ends included. */
  rangeLow: number;
  rangeHigh: number;
  /** net.ipv4.ip_local_reserved_ports. */
  reserved: Iterable<number>;
  /** "parity" from 4.6, "even" 4.2 to 4.5, "sequential" up to 4.1. */
  walk: "parity" | "even" | "sequential";
  /** One cursor for all destinations: up to 5.11. */
  sharedCursor: boolean;
  randomSteps: boolean;
}

export interface PortSearch {
  /** Ports that the last `find` looked at. */
  probes: number;
  /** Usable ports of a destination that has no connection. */
  readonly ports: number;
  /** Usable ports of the parity that comes first, and how many are looked at before the others; else 0. */
  preferred(): { ports: number; probes: number };
  /** Slots of a destination: those of row d are from d times this on. */
  readonly slots: number;
  /** The row of a slot's destination. */
  rowOf(slot: number): number;
  /** Adds a destination, all its ports usable, and answers its row. */
  destination(): number;
  /** Takes the port that the kernel would find and answers its slot; -1 if none is usable. */
  find(destination: number): number;
  /** Makes a slot usable; it may be so already. */
  release(slot: number): void;
  /** Makes a slot unusable; it may be so already. */
  withdraw(slot: number): void;
  /** An explicitly bound socket holds this port from now on: connect() to anywhere passes it by. */
  bind(port: number): void;
  /** The port number of a slot. */
  portOf(slot: number): number;
  /** No destination has a connection, and each has another hash. */
  reset(): void;
}

const WORD_BITS = 32;
const WORD_SHIFT = 5;
const RANDOM_STEPS = 8;

/** `startOf` gives each destination its hash, `stepOf` the random steps. */
export function portSearch(settings: PortSearchSettings, startOf: Source, stepOf: Source): PortSearch {
  const { rangeLow, rangeHigh, walk, sharedCursor, randomSteps } = settings;
  const size = rangeHigh - rangeLow + 1;
  const isSplit = walk === "parity" && size > 1;
  const classes = isSplit ? 2 : 1;
  // Ports of one parity, and of both, that one walk looks at.
  const half = size >> 1;
  const span = isSplit ? half * 2 : size;
  // Powers of two: a shift finds out whose slot it is, not a division (0.98 times the processor time of a
  // request over TCP).
  const classShift = Math.max(WORD_SHIFT, Math.ceil(Math.log2(Math.ceil(size / classes))));
  const classSlots = 1 << classShift;
  const rowShift = classShift + classes - 1;
  const slots = 1 << rowShift;
  const blank = new Int32Array(slots / WORD_BITS);
  const blankUsable = new Int32Array(classes);
  let words = new Int32Array(0);
  // A bit for each word that is not 0: with few usable ports left the walk is over 14 words instead of 442.
  let filled = new Int32Array(0);
  let usable = new Int32Array(0);
  const starts: number[] = [];
  const cursors: number[] = [];
  const search: PortSearch & { ports: number } = {
    probes: 0,
    ports: 0,
    preferred: () => (isSplit ? { ports: blankUsable[0] as number, probes: half } : { ports: 0, probes: 0 }),
    slots,
    rowOf: (slot) => slot >> rowShift,
    destination,
    find,
    release,
    withdraw,
    bind,
    portOf,
    reset,
  };
  const reserved = new Set(settings.reserved);
  for (let port = rangeLow; port <= rangeHigh; port++) {
    if (reserved.has(port)) continue;
    const slot = slotOf(port);
    (blank[slot >> 5] as number) |= 1 << slot;
    (blankUsable[slot >> classShift] as number)++;
    search.ports++;
  }

  function destination(): number {
    const row = starts.length;
    if (words.length < (row + 1) * blank.length) {
      words = grown(words, new Int32Array(Math.max(1, 2 * row) * blank.length));
      filled = grown(filled, new Int32Array(Math.ceil(words.length / WORD_BITS)));
      usable = grown(usable, new Int32Array(Math.max(1, 2 * row) * classes));
    }
    open(row);
    return row;
  }

  /** All ports of a destination are usable. */
  function open(row: number): void {
    starts[row] = Math.floor(startOf() * span);
    cursors[row] = 0;
    words.set(blank, row * blank.length);
    usable.set(blankUsable, row * classes);
    for (let index = row * blank.length; index < (row + 1) * blank.length; index++) {
      if (words[index] !== 0) (filled[index >> 5] as number) |= 1 << index;
    }
  }

  function reset(): void {
    filled.fill(0);
    for (let row = 0; row < starts.length; row++) open(row);
    search.probes = 0;
  }

  function find(row: number): number {
    const cursor = sharedCursor ? 0 : row;
    const offset = within((cursors[cursor] as number) + (starts[row] as number));
    search.probes = span;
    return isSplit ? findByParity(row, cursor, offset >> 1) : findInTurn(row, cursor, offset);
  }

  function findByParity(row: number, cursor: number, from: number): number {
    for (let parity = 0; parity < 2; parity++) {
      if (usable[row * 2 + parity] === 0) continue;
      const base = row * slots + parity * classSlots;
      // Of an odd number of ports one is the odd one out: the high end for a walk that begins at the low end,
      // the low end for any other.
      const isOdd = parity === 0 && (size & 1) === 1 && from > 0;
      const slot = firstOf(base, isOdd ? 1 : 0, from, isOdd ? half + 1 : half);
      if (slot < 0) continue;
      const ahead = slot - base - from;
      const passed = ahead < 0 ? ahead + half : ahead;
      const atLeast = randomSteps ? Math.floor(stepOf() * RANDOM_STEPS) : 0;
      found(slot, cursor, 2 * (Math.max(passed, atLeast) + 1));
      search.probes = parity * half + passed + 1;
      return slot;
    }
    return -1;
  }

  function findInTurn(row: number, cursor: number, offset: number): number {
    const base = row * slots;
    // Up to 4.1 the first port looked at is the one after the offset.
    const from = walk === "sequential" ? (offset + 1) % size : offset & ~1;
    const slot = usable[row] === 0 ? -1 : firstOf(base, 0, from, size);
    if (slot < 0) return -1;
    const ahead = slot - base - from;
    const passed = ahead < 0 ? ahead + size : ahead;
    found(slot, cursor, walk === "sequential" ? passed + 1 : (passed + 2) & ~1);
    search.probes = passed + 1;
    return slot;
  }

  /** The first usable slot of [from, end), else of [wrap, from), counted from `base`; -1 if there is none. */
  function firstOf(base: number, wrap: number, from: number, end: number): number {
    const slot = firstWithin(base + from, base + end);
    return slot >= 0 ? slot : firstWithin(base + wrap, base + from);
  }

  function firstWithin(from: number, end: number): number {
    if (from >= end) return -1;
    let index = from >> 5;
    let bits = (words[index] as number) & (-1 << from);
    if (bits === 0) {
      index = firstBit(filled, index + 1, ((end - 1) >> 5) + 1);
      if (index < 0) return -1;
      bits = words[index] as number;
    }
    const slot = (index << 5) + lowest(bits);
    return slot < end ? slot : -1;
  }

  function found(slot: number, cursor: number, steps: number): void {
    take(slot);
    cursors[cursor] = within((cursors[cursor] as number) + steps);
  }

  /** Round the span; a division only where it is needed. */
  function within(offset: number): number {
    return offset < span ? offset : offset % span;
  }

  function take(slot: number): void {
    const index = slot >> 5;
    const word = (words[index] as number) & ~(1 << slot);
    words[index] = word;
    if (word === 0) (filled[index >> 5] as number) &= ~(1 << index);
    (usable[slot >> classShift] as number)--;
  }

  function release(slot: number): void {
    const index = slot >> 5;
    const word = words[index] as number;
    if ((word & (1 << slot)) !== 0) return;
    words[index] = word | (1 << slot);
    (filled[index >> 5] as number) |= 1 << index;
    (usable[slot >> classShift] as number)++;
  }

  function withdraw(slot: number): void {
    if (((words[slot >> 5] as number) & (1 << slot)) !== 0) take(slot);
  }

  function bind(port: number): void {
    const slot = slotOf(port);
    if (port < rangeLow || port > rangeHigh || ((blank[slot >> 5] as number) & (1 << slot)) === 0) return;
    (blank[slot >> 5] as number) &= ~(1 << slot);
    (blankUsable[slot >> classShift] as number)--;
    search.ports--;
    for (let row = 0; row < starts.length; row++) {
      const taken = row * slots + slot;
      if (((words[taken >> 5] as number) & (1 << taken)) === 0)
        throw new Error(`port ${port} is bound while a connection has it`);
      take(taken);
    }
  }

  function slotOf(port: number): number {
    const index = port - rangeLow;
    return isSplit ? (index & 1) * classSlots + (index >> 1) : index;
  }

  function portOf(slot: number): number {
    const index = slot & (slots - 1);
    if (!isSplit) return rangeLow + index;
    const place = index & (classSlots - 1);
    return rangeLow + 2 * place + (place === index ? 0 : 1);
  }

  return search;
}

/** The first bit set in [from, end); -1 if there is none. */
function firstBit(words: Int32Array, from: number, end: number): number {
  if (from >= end) return -1;
  const last = (end - 1) >> 5;
  let index = from >> 5;
  let bits = (words[index] as number) & (-1 << from);
  while (bits === 0) {
    if (++index > last) return -1;
    bits = words[index] as number;
  }
  const bit = (index << 5) + lowest(bits);
  return bit < end ? bit : -1;
}

/** The number of the lowest bit set in a word that is not 0. */
function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
