// The TIME_WAIT and FIN_WAIT2 entries of one network namespace: how long they live, how many there may be.
//
// Modelled: an entry lives 60 s (net/ipv4/inet_timewait_sock.c __inet_twsk_schedule; tcp_fin_timeout does
// not change it) and expires on the grid of the kernel's timers, so up to 2.05 s late at HZ=250; on kernels
// up to 4.0 in slots of 7.5 s, so after 52.5 to 60 s (inet_twsk_schedule of 3.13). At most
// tcp_max_tw_buckets TIME_WAIT entries and small FIN_WAIT2 entries together, of both ends of local
// connections; one more and the socket is simply closed, counted as TCPTimeWaitOverflow (inet_twsk_alloc;
// measured: Linux 6.18, 2026-11: a limit of 10 holds exactly 10).
// Not modelled: retransmitted FINs, which start the 60 s again; the slack of kernels from 4.1 to 4.7.

import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import { RowRing } from "../../src/engine/row-ring.js";
import { SECOND } from "../../src/engine/time.js";
import type { Gauge } from "../../src/metrics/gauge.js";
import { granuleOf } from "./jiffies.js";

/** TCP_TIMEWAIT_LEN, include/net/tcp.h. */
export const TIME_WAIT_NS = 60 * SECOND;

export interface TimeWaitSettings {
  /** Names the gauges when there are several network namespaces. */
  name: string;
  /** Entries that tcp_max_tw_buckets counts: the machine's up to 4.10, the namespace's from 4.11 on. */
  buckets?: { count: number };
  /** net.ipv4.tcp_max_tw_buckets. */
  maxTwBuckets: number;
  /** TIME_WAIT_NS. */
  timeWaitNs: number;
  /**
   * "jiffies": late by a granule of the timer wheel (from 4.8); "exact": never late (4.1 to 4.7, and theory);
   * "slots": eight slots of 7.5 s (up to 4.0).
   */
  timers: "jiffies" | "exact" | "slots";
  /** Ticks a second, and by how many nanoseconds the jiffies are ahead of the start of the run. */
  hz: number;
  phase(): number;
}

/** Entries of one kind, one for a row number at most. */
export interface Entries {
  /** A number for what was started last of a row that has an entry. */
  handle(row: number): number;
  /** There will be so many rows. */
  reserve(rows: number): void;
  /**
   * False if tcp_max_tw_buckets forbids it: then the socket is closed without an entry. Of one that is there
   * for good, which nobody stops, there is no handle: a column less to wait for.
   */
  start(row: number, isForGood: boolean): boolean;
  /** Starts the entry that an entry of another kind has become: that is one entry still, so no limit. */
  follow(row: number, isForGood: boolean): void;
  /** False if the row has none. */
  stop(row: number): boolean;
}

export interface EntryKind {
  name: string;
  lengthNs: number;
  /** How many there are. */
  level: Gauge;
  /** Whether tcp_max_tw_buckets counts it. */
  isBucket: boolean;
  expired: (row: number) => void;
}

export interface TimeWaits {
  /** Sockets in TIME_WAIT, both ends of local connections. */
  readonly timeWait: Gauge;
  /** Sockets in FIN_WAIT2 that no process holds any more. */
  readonly finWait2: Gauge;
  readonly timeWaitNs: number;
  entries(kind: EntryKind): Entries;
  /** TIME_WAIT entries that nobody can end before their time. Only their number matters. */
  crowd(name: string): { start(): void };
}

const NONE = 0;
const SLOT_NS = 7.5 * SECOND;
const LAST_SLOT = 7;

export function timeWaits(world: World, settings: TimeWaitSettings): TimeWaits {
  const { name, maxTwBuckets, timeWaitNs } = settings;
  const timeWait = world.gauge(`TIME_WAIT sockets of ${name}`, maxTwBuckets);
  const finWait2 = world.gauge(`FIN_WAIT2 sockets of ${name}`);
  const overflowed = world.recorder.tally("netstat.TCPTimeWaitOverflow");
  // What `nstat` calls TW: entries begun, not ended, for those of a timer of their own.
  const begun = world.recorder.tally("netstat.TW");
  const { buckets = { count: 0 } } = settings;
  const clock = { phaseNs: settings.phase() };
  world.onReset(() => {
    buckets.count = 0;
    clock.phaseNs = settings.phase();
  });

  function admit(): boolean {
    if (buckets.count >= maxTwBuckets) {
      overflowed.count++;
      world.reveal();
      return false;
    }
    begun.count++;
    return true;
  }

  function entries({ name: kind, lengthNs, level, isBucket, expired }: EntryKind): Entries {
    const weight = isBucket ? 1 : 0;
    const ring = new RowRing();
    const groups = together(`${kind} of ${name}`, lengthNs, (count) => {
      for (let entry = 0; entry < count; entry++) {
        const row = ring.take();
        if (row < 0) continue;
        left(row);
        expired(row);
      }
    });
    // Made when the first entry begins, since of most kinds there is never one. A handle is kept as its
    // complement, so that a row without any is 0 and memory that nobody has used is not touched.
    const own = { handles: new Int32Array(0), rows: 0 };
    world.onReset(() => {
      ring.clear();
      own.handles.fill(NONE);
    });
    const face: Entries = {
      handle: (row) => own.handles[row] as number,
      reserve(rows) {
        own.rows = Math.max(own.rows, rows);
      },
      start(row, isForGood) {
        if (isBucket && !admit()) return false;
        face.follow(row, isForGood);
        return true;
      },
      follow(row, isForGood) {
        if (isForGood) ring.add(row);
        else {
          if (row >= own.handles.length) own.handles = grown(own.handles, new Int32Array(own.rows));
          if (own.handles[row] !== NONE) throw hasOne(kind, row);
          own.handles[row] = ~ring.add(row);
        }
        groups.add();
        buckets.count += weight;
        level.set(level.value + 1);
      },
      stop(row) {
        if (row >= own.handles.length) return false;
        const handle = own.handles[row] as number;
        if (handle === NONE) return false;
        ring.blank(~handle);
        left(row);
        return true;
      },
    };
    function left(row: number): void {
      if (row < own.handles.length) own.handles[row] = NONE;
      buckets.count -= weight;
      level.set(level.value - 1);
    }
    return face;
  }

  function crowd(of: string): { start(): void } {
    const groups = together(`TIME_WAIT of ${of}`, timeWaitNs, (count) => {
      buckets.count -= count;
      timeWait.set(timeWait.value - count);
    });
    return {
      start() {
        if (!admit()) return;
        groups.add();
        buckets.count++;
        timeWait.set(timeWait.value + 1);
      },
    };
  }

  /**
   * Entries that begin within one step of the grid expire together, and take one timer: each costs no more
   * than counting it.
   */
  function together(kind: string, lengthNs: number, expired: (count: number) => void): { add(): void } {
    const { expiryNs, sameUntilNs } = grid(settings, lengthNs, clock);
    // Of the group that grows the count is in `last`.
    const counts: number[] = [];
    const free: number[] = [];
    const timer = world.sim.timer(kind, lengthNs, over, { isBackground: true });
    const last = world.state({ group: 0, count: 0, untilNs: 0 });
    world.onReset(() => {
      counts.length = 0;
      free.length = 0;
    });

    function begin(nowNs: number): void {
      counts[last.group] = last.count;
      last.group = free.pop() ?? counts.length;
      last.count = 0;
      last.untilNs = sameUntilNs(nowNs);
      timer.startAt(expiryNs(nowNs), last.group);
    }

    function over(group: number): void {
      const count = group === last.group ? last.count : (counts[group] as number);
      if (group === last.group) last.untilNs = 0;
      free.push(group);
      expired(count);
    }

    return {
      add() {
        const { now } = world.sim;
        if (now >= last.untilNs) begin(now);
        last.count++;
      },
    };
  }

  return { timeWait, finWait2, timeWaitNs, entries, crowd };
}

/**
 * How long an entry lives on average: entries that begin evenly over one step of the grid expire together.
 */
export function meanLengthNs(settings: Pick<TimeWaitSettings, "timers" | "hz">, lengthNs: number): number {
  const { expiryNs, sameUntilNs } = grid(settings, lengthNs, { phaseNs: 0 });
  const startNs = sameUntilNs(0);
  const stepNs = sameUntilNs(startNs) - startNs;
  return expiryNs(startNs) - startNs - stepNs / 2;
}

function hasOne(kind: string, row: number): Error {
  return new Error(`${kind}: row ${row} has an entry already`);
}

/** When entries expire: those that begin later never do so earlier. */
interface Grid {
  /** Of an entry that begins at `startNs`. */
  expiryNs(startNs: number): number;
  /** The first beginning after `startNs` with another expiry. */
  sameUntilNs(startNs: number): number;
}

function grid(
  { timers, hz }: Pick<TimeWaitSettings, "timers" | "hz">,
  lengthNs: number,
  clock: { phaseNs: number },
): Grid {
  if (timers === "exact") {
    return { expiryNs: (startNs) => startNs + lengthNs, sameUntilNs: (startNs) => startNs + 1 };
  }
  if (timers === "slots") {
    // The slot after the next `slots` ones: the one that is due next is filled no more.
    const slots = Math.min(LAST_SLOT, Math.ceil(lengthNs / SLOT_NS));
    const slotOf = (startNs: number) => Math.floor((startNs + clock.phaseNs) / SLOT_NS);
    return {
      expiryNs: (startNs) => (slotOf(startNs) + slots + 1) * SLOT_NS - clock.phaseNs,
      sameUntilNs: (startNs) => (slotOf(startNs) + 1) * SLOT_NS - clock.phaseNs,
    };
  }
  const jiffyNs = SECOND / hz;
  const delay = Math.ceil(lengthNs / jiffyNs);
  const granule = granuleOf(delay);
  // HZ=300 has no whole nanoseconds for a jiffy.
  const timeNs = (jiffy: number) => Math.ceil(jiffy * jiffyNs - clock.phaseNs);
  const granuleAt = (startNs: number) =>
    Math.floor((Math.floor((startNs + clock.phaseNs) / jiffyNs) + delay + granule) / granule);
  return {
    expiryNs: (startNs) => timeNs(granuleAt(startNs) * granule),
    sameUntilNs: (startNs) => timeNs(granuleAt(startNs) * granule - delay),
  };
}
