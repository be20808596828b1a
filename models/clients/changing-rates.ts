// Phases whose rate changes: ramps, states with rates of their own, daily profiles.
//
// Modelled: the rate is linear in stretches. With Poisson spacing requests are independent of each other;
// with even spacing request n comes when n are expected so far.
// Not modelled: rates that are curves.
//
// Since the beginning of a stretch of T seconds that goes from the rate a to b (1/s), after t seconds
//
//   N(t) = a t + (b - a) t^2 / 2T
//
// requests are expected. Request number n of the phase comes where the sum of all N reaches n with even
// spacing, or the sum of n exponential gaps of mean 1 (E. Çinlar, Introduction to Stochastic Processes, 4.7).

import { sampler } from "../../src/engine/distribution.js";
import type { Source } from "../../src/engine/random.js";
import { DAY, fromSeconds, SECOND } from "../../src/engine/time.js";
import { type Arrivals, factorOf, NO_MORE, type Supplies } from "./arrival-process.js";
import { clockNs, type Knot, knotsOf, lengthNs, meanPerSecond, type PhaseOf } from "./phases.js";

/** A time in which the rate goes linearly from one value to another; rates are those of the scenario. */
interface Stretch {
  startNs: number;
  lengthNs: number;
  from: number;
  to: number;
}

/** The next stretch from `startNs` on, or undefined at the end of the phase. */
type Course = (startNs: number) => Stretch | undefined;

interface Changing {
  course: Course;
  startNs: number;
  /** Undefined for a phase that ends with its last request. */
  lengthNs: number | undefined;
  requests: number | undefined;
  meanPerSecond: number;
  spacing: "even" | "poisson";
}

/** The rate rises or falls from the start to the end. */
export function rampArrivals(declared: PhaseOf<"ramp">, startNs: number, supplies: Supplies): Arrivals {
  const { from, to, for: length, spacing } = declared;
  const whole = { startNs, lengthNs: length, from, to };
  return changingArrivals(
    {
      course: (at) => (at === startNs ? whole : undefined),
      startNs,
      lengthNs: length,
      requests: undefined,
      meanPerSecond: (from + to) / 2,
      spacing,
    },
    supplies,
  );
}

/** States follow each other in turn, each for an exponential time with Poisson arrivals of its own rate. */
export function mmppArrivals(declared: PhaseOf<"mmpp">, startNs: number, supplies: Supplies): Arrivals {
  const random = supplies.states();
  const states = declared.states.map(({ rate, for: mean }) => ({
    rate,
    lasts: sampler({ kind: "exponential", meanNs: mean }, random),
  }));
  let index = -1;
  const course = (at: number) => {
    index = (index + 1) % states.length;
    const { rate, lasts } = states[index] as (typeof states)[number];
    return { startNs: at, lengthNs: lasts(), from: rate, to: rate };
  };
  return changingArrivals({ ...limits(declared, startNs), course, spacing: "poisson" }, supplies);
}

/** The rate follows the time of day. */
export function profileArrivals(declared: PhaseOf<"profile">, startNs: number, supplies: Supplies): Arrivals {
  const { day, start, spacing } = declared;
  const knots = knotsOf(declared);
  const first = clockNs(start);
  // The next stretch begins at `time` in days of 24 h and goes to knot number `knot` of day number `days`.
  let knot = knots.findIndex(({ atNs }) => atNs > first);
  let days = 0;
  if (knot < 0) [knot, days] = [0, 1];
  let time = first;
  let from = rateAt(knots, first);
  const scale = day / DAY;
  const course = (at: number) => {
    const { atNs, perSecond } = knots[knot] as Knot;
    const until = atNs + days * DAY;
    // From the start of the phase, so that rounding does not add up.
    const endNs = startNs + Math.round((until - first) * scale);
    const stretch = { startNs: at, lengthNs: endNs - at, from, to: perSecond };
    [time, from] = [until, perSecond];
    knot = (knot + 1) % knots.length;
    if (knot === 0) days = Math.floor(time / DAY) + 1;
    return stretch;
  };
  return changingArrivals({ ...limits(declared, startNs), course, spacing }, supplies);
}

/** The rate at a time of day, between the knots around it. */
function rateAt(knots: readonly Knot[], timeNs: number): number {
  const next = knots.findIndex(({ atNs }) => atNs > timeNs);
  const after = knots[Math.max(next, 0)] as Knot;
  const before = (next > 0 ? knots[next - 1] : knots.at(-1)) as Knot;
  const gapNs = (after.atNs - before.atNs + DAY) % DAY || DAY;
  const share = ((timeNs - before.atNs + DAY) % DAY) / gapNs;
  return before.perSecond + share * (after.perSecond - before.perSecond);
}

function limits(declared: PhaseOf<"mmpp" | "profile">, startNs: number) {
  const mean = meanPerSecond(declared) as number;
  return {
    startNs,
    lengthNs: lengthNs(declared),
    requests: declared.requests,
    meanPerSecond: mean,
  };
}

/** A stretch at the present pace, and how many requests are expected before it. */
interface Paced extends Stretch {
  before: number;
}

function changingArrivals(declared: Changing, supplies: Supplies): Arrivals {
  const { course, startNs, requests, meanPerSecond: mean } = declared;
  const lastNs = declared.lengthNs === undefined ? Number.POSITIVE_INFINITY : startNs + declared.lengthNs;
  const most = requests ?? Number.POSITIVE_INFINITY;
  const gap = declared.spacing === "poisson" ? exponentialGaps(supplies.source()) : () => 1;
  let factor = factorOf(supplies.pace, mean);
  // Stretches from that of the last request to that of the one which is due.
  let paced: Paced[] = [];
  let target = declared.spacing === "poisson" ? 0 : -1;
  let dueNs = startNs;
  let sent = 0;
  let isOver = false;

  function next(): number {
    if (isOver || sent === most) return finished();
    while (paced.length > 1 && endOf(paced[0] as Paced) <= dueNs) paced.shift();
    target += gap();
    return due();
  }

  function due(): number {
    for (let index = 0; ; index++) {
      const stretch = paced[index] ?? more();
      if (!stretch) return finished();
      const expected = target - stretch.before;
      if (expected < massOf(stretch)) {
        sent++;
        dueNs = timeOf(stretch, expected);
        return dueNs;
      }
    }
  }

  function finished(): number {
    isOver = true;
    return NO_MORE;
  }

  /** The stretch after those that are there, cut at the end of the phase. */
  function more(): Paced | undefined {
    const last = paced.at(-1);
    const from = last ? endOf(last) : startNs;
    const stretch = from < lastNs ? course(from) : undefined;
    if (!stretch) return undefined;
    const lengthNs = Math.min(stretch.lengthNs, lastNs - from);
    const to = lengthNs === stretch.lengthNs ? stretch.to : rateIn(stretch, lengthNs);
    const before = last ? last.before + massOf(last) : 0;
    const one = { startNs: from, lengthNs, from: stretch.from * factor, to: to * factor, before };
    paced.push(one);
    return one;
  }

  function changed(atNs: number): number {
    const ratio = factorOf(supplies.pace, mean) / factor;
    factor *= ratio;
    const first = paced.findIndex((stretch) => atNs < endOf(stretch));
    if (first < 0) return NO_MORE;
    const cut = paced[first] as Paced;
    const passedNs = Math.max(0, atNs - cut.startNs);
    const middle = rateIn(cut, passedNs);
    const reached = cut.before + ((cut.from + middle) / 2) * (passedNs / SECOND);
    const left = { ...cut, startNs: cut.startNs + passedNs, lengthNs: cut.lengthNs - passedNs, from: middle };
    let before = 0;
    paced = [left, ...paced.slice(first + 1)].map((stretch) => {
      const one = { ...stretch, from: stretch.from * ratio, to: stretch.to * ratio, before };
      before += massOf(one);
      return one;
    });
    target = Math.max(0, target - reached);
    if (isOver && sent === most) return NO_MORE;
    if (!isOver) sent--;
    isOver = false;
    return due();
  }

  return { next, changed, endNs: () => (declared.lengthNs === undefined ? dueNs : lastNs) };
}

function exponentialGaps(source: Source): () => number {
  const gapNs = sampler({ kind: "exponential", meanNs: SECOND }, source);
  return () => gapNs() / SECOND;
}

const endOf = ({ startNs, lengthNs }: Stretch) => startNs + lengthNs;

/** Requests expected in a stretch. */
const massOf = ({ from, to, lengthNs }: Stretch) => ((from + to) / 2) * (lengthNs / SECOND);

/** The rate so many nanoseconds after the beginning of a stretch. */
function rateIn({ from, to, lengthNs }: Stretch, passedNs: number): number {
  return lengthNs === 0 ? to : from + ((to - from) * passedNs) / lengthNs;
}

/** When so many requests, fewer than there are, are expected since the beginning of a stretch. */
function timeOf({ startNs, lengthNs, from, to }: Stretch, expected: number): number {
  const slope = (to - from) / (lengthNs / SECOND);
  // The root of the quadratic in the form that stays exact for a slope of 0. The first request is at 0, which
  // the form has as 0/0 when the stretch begins at 0/s; rounding may bring what is under the root of a ramp
  // down to 0/s just below zero.
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * expected));
  const seconds = expected === 0 ? 0 : (2 * expected) / (from + root);
  return startNs + Math.min(fromSeconds(seconds), lengthNs);
}
