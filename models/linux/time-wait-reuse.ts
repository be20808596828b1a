// tcp_tw_reuse: from when on a connect() may take the port of a TIME_WAIT entry towards the same
// destination.
//
// Modelled: 0 never, 1 always, 2 on loopback only; needs timestamps; the waiting rule by version
// (net/ipv4/tcp_ipv4.c tcp_twsk_unique): A, up to 4.18, a whole-second clock has advanced by more than 1 (1
// to 2 s); B, 4.19 to 6.13, it has ticked (0 to 1 s); C, from 6.14, more than tcp_tw_reuse_delay
// milliseconds by a millisecond clock. All three ask whether the entry began before a time that only grows,
// so a queue in the order of beginning will do.
// Not modelled: the sub-second part of when the last timestamp came; it is taken to come with the beginning.

import { grown } from "../../src/engine/grown.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";

export interface ReuseSettings {
  /** net.ipv4.tcp_tw_reuse. */
  twReuse: 0 | 1 | 2;
  twReuseRule: "A" | "B" | "C";
  /** net.ipv4.tcp_tw_reuse_delay, in milliseconds: of rule C only. */
  twReuseDelayMs: number;
  /** net.ipv4.tcp_timestamps, at both ends. */
  timestamps: boolean;
  /** By how many nanoseconds the kernel's clock is ahead of the start of the run. */
  phase(): number;
}

export interface Reuse {
  /** Whether an entry towards such a destination is ever recycled. */
  applies(loopback: boolean): boolean;
  /** An entry has begun at `nowNs`. */
  began(nowNs: number, row: number, handle: number): void;
  /** Calls `ripe` for each entry that may be recycled at `nowNs` and was not handed out before. */
  ripen(nowNs: number): void;
  /** As it was before any entry, with the clock as it is ahead now. */
  reset(): void;
}

const FIRST_CAPACITY = 64;

type Rule = Pick<ReuseSettings, "twReuseRule" | "twReuseDelayMs">;

/** Whether an entry towards such a destination is ever recycled. */
export function isReused(
  { twReuse, timestamps }: Pick<ReuseSettings, "twReuse" | "timestamps">,
  loopback: boolean,
): boolean {
  return timestamps && (twReuse === 1 || (twReuse === 2 && loopback));
}

/** How long an entry that is recycled lasts at least, on average: its beginning is anywhere within a tick. */
export function meanReuseNs(rule: Rule): number {
  const { tickNs, waitTicks } = waiting(rule);
  return (waitTicks + 0.5) * tickNs;
}

/** Ticks that have to pass between the one of the beginning and that of now. */
function waiting({ twReuseRule, twReuseDelayMs }: Rule): { tickNs: number; waitTicks: number } {
  const tickNs = twReuseRule === "C" ? MILLISECOND : SECOND;
  return { tickNs, waitTicks: { A: 1, B: 0, C: twReuseDelayMs }[twReuseRule] };
}

/** `ripe` gets the row and the handle that `began` was given: the entry may be gone by then. */
export function reuse(settings: ReuseSettings, ripe: (row: number, handle: number) => void): Reuse {
  const clock = { phaseNs: settings.phase() };
  const { tickNs, waitTicks } = waiting(settings);
  let startsNs = new Float64Array(FIRST_CAPACITY);
  let rows = new Int32Array(FIRST_CAPACITY);
  let handles = new Int32Array(FIRST_CAPACITY);
  let head = 0;
  let used = 0;

  function began(nowNs: number, row: number, handle: number): void {
    if (used === rows.length) grow();
    const index = (head + used++) & (rows.length - 1);
    startsNs[index] = nowNs;
    rows[index] = row;
    handles[index] = handle;
  }

  function ripen(nowNs: number): void {
    if (used === 0) return;
    // The tick of the beginning and the ticks to wait lie before the tick of now.
    const { phaseNs } = clock;
    const beforeNs = (Math.floor((nowNs + phaseNs) / tickNs) - waitTicks) * tickNs - phaseNs;
    while (used > 0 && (startsNs[head] as number) < beforeNs) {
      const index = head;
      head = (head + 1) & (rows.length - 1);
      used--;
      ripe(rows[index] as number, handles[index] as number);
    }
  }

  function grow(): void {
    const { length } = rows;
    startsNs = inOrder(startsNs, new Float64Array(length * 2));
    rows = inOrder(rows, new Int32Array(length * 2));
    handles = inOrder(handles, new Int32Array(length * 2));
    head = 0;
  }

  /** A full ring in a larger column, its first entry first. */
  function inOrder<Column extends Float64Array | Int32Array>(old: Column, larger: Column): Column {
    const { length } = old;
    const column = grown(old, larger) as Float64Array;
    column.copyWithin(length, 0, head);
    column.copyWithin(0, head, length + head);
    return column as Column;
  }

  return {
    applies: (loopback) => isReused(settings, loopback),
    began,
    ripen,
    reset() {
      clock.phaseNs = settings.phase();
      startsNs.fill(0);
      rows.fill(0);
      handles.fill(0);
      head = 0;
      used = 0;
    },
  };
}
