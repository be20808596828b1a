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
import { DAY, fromSeconds, laidOut, SECOND } from "../../src/engine/time.js";
import { type Arrivals, factorOf, NO_MORE, type Supplies } from "./arrival-process.js";
import { clockNs, type Knot, knotsOf, lengthNs, meanPerSecond, type PhaseOf } from "./phases.js";

/** A time in which the rate goes linearly from one value to another; rates are those of the scenario. */
interface Stretch {
  startNs: number;
  lengthNs: number;
  from: number;
  to: number;
}

interface Course {
  /** The next stretch from `startNs` on, or undefined at the end of the phase. */
  next(startNs: number): Stretch | undefined;
  /** The next stretch is the first one, of a phase that starts at `startNs`. */
  restart(startNs: number): void;
}

interface Changing {
  course: Course;
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
  const course: Course = {
    next: (at) => (at === whole.startNs ? whole : undefined),
    restart(fromNs) {
      whole.startNs = fromNs;
    },
  };
  const mean = (from + to) / 2;
  return changingArrivals(
    { course, lengthNs: length, requests: undefined, meanPerSecond: mean, spacing },
    startNs,
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
  const course: Course = {
    next(at) {
      index = (index + 1) % states.length;
      const { rate, lasts } = states[index] as (typeof states)[number];
      return { startNs: at, lengthNs: lasts(), from: rate, to: rate };
    },
    restart() {
      index = -1;
    },
  };
  return changingArrivals({ ...limits(declared), course, spacing: "poisson" }, startNs, supplies);
}

/** The rate follows the time of day. */
export function profileArrivals(declared: PhaseOf<"profile">, startNs: number, supplies: Supplies): Arrivals {
  const { day, start, spacing } = declared;
  const knots = knotsOf(declared);
  const first = clockNs(start);
  const later = knots.findIndex(({ atNs }) => atNs > first);
  // The next stretch begins at `time` in days of 24 h and goes to knot number `knot` of day number `days`.
  const begun = (fromNs: number) => ({
    startNs: fromNs,
    knot: Math.max(later, 0),
    days: later < 0 ? 1 : 0,
    time: first,
    from: rateAt(knots, first),
  });
  const state = laidOut(begun(startNs));
  const scale = day / DAY;
  const course: Course = {
    next(at) {
      const { atNs, perSecond } = knots[state.knot] as Knot;
      const until = atNs + state.days * DAY;
      // From the start of the phase, so that rounding does not add up.
      const endNs = state.startNs + Math.round((until - first) * scale);
      const stretch = { startNs: at, lengthNs: endNs - at, from: state.from, to: perSecond };
      state.time = until;
      state.from = perSecond;
      state.knot = (state.knot + 1) % knots.length;
      if (state.knot === 0) state.days = Math.floor(state.time / DAY) + 1;
      return stretch;
    },
    restart: (fromNs) => void Object.assign(state, begun(fromNs)),
  };
  return changingArrivals({ ...limits(declared), course, spacing }, startNs, supplies);
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

function limits(declared: PhaseOf<"mmpp" | "profile">) {
  const mean = meanPerSecond(declared) as number;
  return {
    lengthNs: lengthNs(declared),
    requests: declared.requests,
    meanPerSecond: mean,
  };
}

/** A stretch at the present pace, and how many requests are expected before it. */
interface Paced extends Stretch {
  before: number;
}

function changingArrivals(declared: Changing, startNs: number, supplies: Supplies): Arrivals {
  const { course, lengthNs, requests, meanPerSecond: mean, spacing } = declared;
  const most = requests ?? Number.POSITIVE_INFINITY;
  const gap = spacing === "poisson" ? exponentialGaps(supplies.source()) : () => 1;
  // Stretches from that of the last request to that of the one which is due.
  const paced: Paced[] = [];
  const begun = (fromNs: number) => ({
    startNs: fromNs,
    lastNs: lengthNs === undefined ? Number.POSITIVE_INFINITY : fromNs + lengthNs,
    factor: factorOf(supplies.pace, mean),
    target: spacing === "poisson" ? 0 : -1,
    dueNs: fromNs,
    sent: 0,
    isOver: false,
  });
  const state = laidOut(begun(startNs));

  function next(): number {
    if (state.isOver || state.sent === most) return finished();
    while (paced.length > 1 && endOf(paced[0] as Paced) <= state.dueNs) paced.shift();
    state.target += gap();
    return due();
  }

  function due(): number {
    for (let index = 0; ; index++) {
      const stretch = paced[index] ?? more();
      if (!stretch) return finished();
      const expected = state.target - stretch.before;
      if (expected < massOf(stretch)) {
        state.sent++;
        state.dueNs = timeOf(stretch, expected);
        return state.dueNs;
      }
    }
  }

  function finished(): number {
    state.isOver = true;
    return NO_MORE;
  }

  /** The stretch after those that are there, cut at the end of the phase. */
  function more(): Paced | undefined {
    const { lastNs, factor } = state;
    const last = paced.at(-1);
    const from = last ? endOf(last) : state.startNs;
    const stretch = from < lastNs ? course.next(from) : undefined;
    if (!stretch) return undefined;
    const lengthNs = Math.min(stretch.lengthNs, lastNs - from);
    const to = lengthNs === stretch.lengthNs ? stretch.to : rateIn(stretch, lengthNs);
    const before = last ? last.before + massOf(last) : 0;
    const one = { startNs: from, lengthNs, from: stretch.from * factor, to: to * factor, before };
    paced.push(one);
    return one;
  }

  function changed(atNs: number): number {
    const ratio = factorOf(supplies.pace, mean) / state.factor;
    state.factor *= ratio;
    const first = paced.findIndex((stretch) => atNs < endOf(stretch));
    if (first < 0) return NO_MORE;
    const cut = paced[first] as Paced;
    const passedNs = Math.max(0, atNs - cut.startNs);
    const middle = rateIn(cut, passedNs);
    const reached = cut.before + ((cut.from + middle) / 2) * (passedNs / SECOND);
    const left = { ...cut, startNs: cut.startNs + passedNs, lengthNs: cut.lengthNs - passedNs, from: middle };
    let before = 0;
    const coming = [left, ...paced.slice(first + 1)].map((stretch) => {
      const one = { ...stretch, from: stretch.from * ratio, to: stretch.to * ratio, before };
      before += massOf(one);
      return one;
    });
    paced.splice(0, paced.length, ...coming);
    state.target = Math.max(0, state.target - reached);
    if (state.isOver && state.sent === most) return NO_MORE;
    if (!state.isOver) state.sent--;
    state.isOver = false;
    return due();
  }

  return {
    next,
    changed,
    endNs: () => (lengthNs === undefined ? state.dueNs : state.lastNs),
    restart(fromNs) {
      paced.length = 0;
      course.restart(fromNs);
      Object.assign(state, begun(fromNs));
    },
  };
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
