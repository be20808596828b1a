// Who closes a connection over TCP first after an answer: nginx, the application, or both at once.
//
// Modelled: a race. nginx closes when it has read the announced length, the application when it has written
// the last byte and turned round (measured: 21 us later at a median, 16 to 31 us in nine cases of ten, where
// nginx was busy). An nginx that was idle takes about as long to wake up as the application takes to close,
// so which comes first is drawn: a share while it is cold, and the more often nginx the sooner the answer
// follows the one before. Where the processing of two requests overlaps, nginx waits for a processor that an
// application has, until that has closed. An nginx that was busy with something else comes too late.
// Measured: nginx 1.22.1, gunicorn 20.1.0 with 2 workers, 2 cores, Linux 6.18, 2026-11, three runs each, the
// share that nginx closed first at 20, 50, 100, 150, 200, 300, 450, 620 requests/s: evenly spaced 0.63, 0.66,
// 0.77, 0.85, 0.91, 0.94, 0.95, 0.93; Poisson 0.67, 0.65, 0.68, 0.70, 0.72, 0.68, 0.66, 0.60. With 0.6 for a
// cold nginx the rule gives 0.61, 0.69, 0.78, 0.83, 0.87, 0.90, 0.93, 0.95 and 0.67, 0.72, 0.74, 0.75, 0.74,
// 0.71, 0.64, 0.57. The share of a cold nginx differs from day to day, 0.23 to 0.65: the default is that of
// most days, and with it the rule gives 0.89 at 620/s, evenly spaced.
// Not modelled: more processors than two, with which overlapping requests do not disturb each other.

import type { World } from "../../src/component/world.js";
import { MICROSECOND, SECOND } from "../../src/engine/time.js";
import { BOTH, CALLER, SERVER } from "../linux/caller-ends.js";

/** An answer that nginx turns to as soon as it is there. */
export const PROMPT = -1;

// How long nginx and the application compute for a request, so long they can be in each other's way: the
// whole latency of an idle system at 620/s was 0.46 to 0.49 ms. The share of overlapping requests, and the
// 12 ms of `warm_for`, are the least squares of the 48 runs above (of 0.15 to 0.4, and of 4 to 20 ms).
const OVERLAP_NS = 500 * MICROSECOND;
const OVERLAPPING_SHARE = 0.15;

export interface ClosingSettings {
  /** Share of the connections that nginx closes first when it was idle before. */
  closesFirst: number;
  /** Share of those that both close at once. */
  closesTogether: number;
  /** Time constant of the first share's rise to 1 as answers follow each other sooner; 0 is never. */
  warmForNs: number;
  /** How long after its last byte the application closes. */
  closesAfterNs: number;
}

type ClosingShares = Pick<ClosingSettings, "closesFirst" | "warmForNs">;

export interface WhoClosesFirst {
  /** A connection is opened. */
  connects(connection: number): void;
  /** Who has closed first after an answer that nginx turned to so late, or PROMPT. */
  first(connection: number, lateNs: number): typeof CALLER | typeof SERVER | typeof BOTH;
}

/** The share of an nginx whose last answer is `gapNs` ago. */
function warmShare(closesFirst: number, gapNs: number, warmForNs: number): number {
  return closesFirst ** -Math.expm1(-gapNs / warmForNs);
}

/** The share at this rate, evenly spaced. */
export function shareAt(perSecond: number, { closesFirst, warmForNs }: ClosingShares): number {
  const gapNs = SECOND / perSecond;
  return gapNs < OVERLAP_NS ? overlapping(closesFirst) : warmShare(closesFirst, gapNs, warmForNs);
}

function overlapping(closesFirst: number): number {
  return Math.min(OVERLAPPING_SHARE, closesFirst);
}

export function whoClosesFirst(world: World, settings: ClosingSettings): WhoClosesFirst {
  const { closesFirst, closesTogether, warmForNs, closesAfterNs } = settings;
  // Where one side always closes first, there is no race.
  if (closesFirst === 0) return { connects() {}, first: () => SERVER };
  if (closesFirst === 1) return { connects() {}, first: () => CALLER };
  const { sim } = world;
  const draw = world.random("nginx.closes_first");
  const answers = { lastNs: Number.NEGATIVE_INFINITY };
  // The last two connect(): one of them is not that of the connection asked about.
  const connects = { last: -1, lastNs: Number.NEGATIVE_INFINITY, formerNs: Number.NEGATIVE_INFINITY };
  world.onReset(() => {
    answers.lastNs = Number.NEGATIVE_INFINITY;
    connects.last = -1;
    connects.lastNs = Number.NEGATIVE_INFINITY;
    connects.formerNs = Number.NEGATIVE_INFINITY;
  });

  function share(connection: number, lateNs: number): number {
    if (lateNs > closesAfterNs) return 0;
    const gapNs = sim.now - answers.lastNs;
    const otherNs = connects.last === connection ? connects.formerNs : connects.lastNs;
    if (gapNs < OVERLAP_NS || sim.now - otherNs < OVERLAP_NS) return overlapping(closesFirst);
    return warmShare(closesFirst, gapNs, warmForNs);
  }

  return {
    connects(connection) {
      connects.formerNs = connects.lastNs;
      connects.lastNs = sim.now;
      connects.last = connection;
    },
    first(connection, lateNs) {
      const first = share(connection, lateNs);
      answers.lastNs = sim.now;
      const drawn = draw();
      if (drawn >= first) return SERVER;
      return drawn < first - Math.min(closesTogether, first, 1 - first) ? CALLER : BOTH;
    },
  };
}
