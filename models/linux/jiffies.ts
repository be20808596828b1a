// Kernel timers: late by up to one granule of the timer wheel, never early, and fired in batches.
//
// Modelled: a timer of d jiffies fires at floor((j + d + g) / g) g on the absolute jiffy count; the granule g
// is 1 for d < 63 and 8 times as long for each 8 times longer d (kernel/time/timer.c calc_index and
// LVL_START). All that are due in one granule fire together, the newest first, since a bucket is filled at
// its head (enqueue_timer, hlist_add_head). The phase of the jiffies against the start of a run is free and
// drawn once. Of the timers with a granule of several jiffies some fire one jiffy after the others, as they
// would on a second processor with a wheel of its own; a timer that was late tends to be late again (measured
// by packet capture on two processors, Linux 6.18, HZ=250, 2026-11: 17 to 24 % of 3,000 repeated SYNs; late
// after a late one 0.55, after another 0.12; that the processor is the reason is not proven).
// Before 4.8 a timer is exact to a jiffy.
// Not modelled: tickless idle, which can delay a timer further.

import type { World } from "../../src/component/world.js";
import type { Source } from "../../src/engine/random.js";
import { SECOND } from "../../src/engine/time.js";

const LEVEL_START = 63;
const LEVEL_FACTOR = 8;
const LATE_AGAIN = 0.55;
const LATE_FIRST = 0.12;

/**
 * The clock of a machine: ticks a second, and by how many nanoseconds its count is ahead of the start of the
 * run.
 */
export interface MachineClock {
  /** Names its random stream. */
  name: string;
  hz: number;
  /** Whether its timers have the granules of the wheel of 4.8 and later. */
  hasWheel: boolean;
  phase: () => number;
}

export interface Jiffies {
  /** Jiffies in a length of time, rounded up as the kernel does (msecs_to_jiffies). */
  of(lengthNs: number): number;
  /**
   * Sets the one timer of `subject` (a row number) to `delay` jiffies from now; an earlier setting of it is
   * void.
   */
  set(subject: number, delay: number): void;
  /** Makes the timer of `subject` void. */
  clear(subject: number): void;
}

interface Bucket {
  /** When it is due, in jiffies. */
  expiry: number;
  subjects: number[];
  settings: number[];
}

/**
 * Timers of one machine. `due` gets the subjects of a batch, the newest first.
 */
export function jiffies(
  world: World,
  { name, hz, hasWheel, phase }: MachineClock,
  due: (subjects: readonly number[]) => void,
): Jiffies {
  const { sim } = world;
  const jiffyNs = SECOND / hz;
  // Jiffies of 24.8 days are no subject of an event any more at HZ=1000: it is the place of the bucket.
  const places = new Map<number, number>();
  const buckets: Bucket[] = [];
  const free: number[] = [];
  let current = new Int32Array(256);
  let settings = 0;
  let late = new Int32Array(256);
  // Asked for when the first timer is set: a run that needs none draws nothing.
  let draw: Source | undefined;
  let phaseNs = 0;
  const expired = sim.event("kernel timers expired", fire);
  world.onReset(() => {
    places.clear();
    buckets.length = 0;
    free.length = 0;
    current.fill(0);
    settings = 0;
    late.fill(0);
    if (draw) phaseNs = phase();
  });

  function set(subject: number, delay: number): void {
    if (!draw) {
      draw = world.random(`${name}.timers`);
      phaseNs = phase();
    }
    const now = Math.floor((sim.now + phaseNs) / jiffyNs);
    const granule = hasWheel ? granuleOf(delay) : 1;
    if (subject >= current.length) {
      current = larger(current, subject);
      late = larger(late, subject);
    }
    const whole = Math.floor((now + delay + granule) / granule) * granule;
    const expiry = granule > 1 ? whole + lateness(subject) : whole;
    const bucket = bucketOf(expiry);
    settings = (settings % 0x7fffffff) + 1;
    current[subject] = settings;
    bucket.subjects.push(subject);
    bucket.settings.push(settings);
  }

  function bucketOf(expiry: number): Bucket {
    const known = places.get(expiry);
    if (known !== undefined) return buckets[known] as Bucket;
    const place = free.pop() ?? buckets.length;
    const bucket = { expiry, subjects: [], settings: [] };
    buckets[place] = bucket;
    places.set(expiry, place);
    // HZ=300 has no whole nanoseconds for a jiffy.
    expired.at(Math.ceil(expiry * jiffyNs - phaseNs), place);
    return bucket;
  }

  function lateness(subject: number): number {
    late[subject] = (draw as Source)() < (late[subject] ? LATE_AGAIN : LATE_FIRST) ? 1 : 0;
    return late[subject] as number;
  }

  function fire(place: number): void {
    const bucket = buckets[place] as Bucket;
    places.delete(bucket.expiry);
    free.push(place);
    const batch: number[] = [];
    for (let index = bucket.subjects.length - 1; index >= 0; index--) {
      const subject = bucket.subjects[index] as number;
      if (current[subject] !== bucket.settings[index]) continue;
      current[subject] = 0;
      batch.push(subject);
    }
    if (batch.length > 0) due(batch);
  }

  return {
    of: (lengthNs) => Math.ceil(lengthNs / jiffyNs),
    set,
    clear(subject) {
      if (subject < current.length) current[subject] = 0;
    },
  };
}

/** Length in jiffies of the granule in which a timer of `delay` jiffies fires. */
export function granuleOf(delay: number): number {
  let granule = 1;
  for (let below = LEVEL_START; delay >= below; below *= LEVEL_FACTOR) granule *= LEVEL_FACTOR;
  return granule;
}

function larger(old: Int32Array<ArrayBuffer>, index: number): Int32Array<ArrayBuffer> {
  const column = new Int32Array(Math.max(old.length * 2, index + 1));
  column.set(old);
  return column;
}
