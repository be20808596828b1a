// Phases with one rate: constant, Poisson, and all at once.
//
// Modelled: each constant time is computed from its number, so that rounding does not add up; Poisson gaps
// are exponential, a batch counts as so many requests. Not modelled: jitter of a load generator.

import { sampler } from "../../src/engine/distribution.js";
import { fromSeconds, laidOut, SECOND } from "../../src/engine/time.js";
import { type Arrivals, factorOf, NO_MORE, type Supplies } from "./arrival-process.js";
import type { PhaseOf } from "./phases.js";

/** Request i at i/rate. */
export function constantArrivals(
  declared: PhaseOf<"constant">,
  startNs: number,
  { pace }: Supplies,
): Arrivals {
  const { rate, for: lengthNs, requests } = declared;
  const begun = (fromNs: number) => ({
    endNs: fromNs + (lengthNs ?? 0),
    // Since `baseNs`, when request `baseNumber` (with a fraction) would have been due, the rate is the same.
    baseNs: fromNs,
    baseNumber: 0,
    perSecond: rate * factorOf(pace, rate),
    sent: 0,
    isDue: false,
  });
  const state = laidOut(begun(startNs));
  const timeNs = (number: number) =>
    state.baseNs + fromSeconds((number - state.baseNumber) / state.perSecond);
  function next(): number {
    state.isDue = requests === undefined ? timeNs(state.sent) < state.endNs : state.sent < requests;
    return state.isDue ? timeNs(state.sent++) : NO_MORE;
  }
  return {
    next,
    changed(atNs) {
      state.baseNumber += ((atNs - state.baseNs) / SECOND) * state.perSecond;
      state.baseNs = atNs;
      state.perSecond = rate * factorOf(pace, rate);
      if (state.isDue) state.sent--;
      return next();
    },
    endNs: () => (requests === undefined ? state.endNs : timeNs(requests)),
    restart: (fromNs) => void Object.assign(state, begun(fromNs)),
  };
}

/** Gaps that are independent of each other. */
export function poissonArrivals(
  declared: PhaseOf<"poisson">,
  startNs: number,
  { source, pace }: Supplies,
): Arrivals {
  const { rate, batch, for: lengthNs, requests } = declared;
  const gapNs = sampler({ kind: "exponential", meanNs: (SECOND * batch) / rate }, source());
  const most = requests ?? Number.POSITIVE_INFINITY;
  // Fields, not captured variables: each write of a double to one of those would allocate.
  const begun = (fromNs: number) => ({
    timeNs: fromNs,
    lastNs: lengthNs === undefined ? Number.POSITIVE_INFINITY : fromNs + lengthNs,
    factor: factorOf(pace, rate),
    sent: 0,
    together: 0,
  });
  const state = laidOut(begun(startNs));

  function next(): number {
    if (state.sent === most || state.timeNs >= state.lastNs) return NO_MORE;
    if (state.together === 0) {
      const gap = gapNs();
      state.timeNs += state.factor === 1 ? gap : Math.round(gap / state.factor);
    }
    return due();
  }

  function due(): number {
    if (state.timeNs >= state.lastNs) return NO_MORE;
    if (++state.together === batch) state.together = 0;
    state.sent++;
    return state.timeNs;
  }

  return {
    next,
    changed(atNs) {
      const before = state.factor;
      state.factor = factorOf(pace, rate);
      if (state.timeNs < atNs) return NO_MORE;
      if (state.timeNs < state.lastNs) {
        state.sent--;
        state.together = (state.together + batch - 1) % batch;
      }
      state.timeNs = atNs + Math.round(((state.timeNs - atNs) * before) / state.factor);
      return due();
    },
    endNs: () => (lengthNs === undefined ? state.timeNs : state.lastNs),
    restart: (fromNs) => void Object.assign(state, begun(fromNs)),
  };
}

/** All at the start. */
export function burstArrivals({ requests, for: lengthNs }: PhaseOf<"burst">, startNs: number): Arrivals {
  const state = { startNs, sent: 0 };
  const next = () => (state.sent++ < requests ? state.startNs : NO_MORE);
  return {
    next,
    changed() {
      state.sent--;
      return next();
    },
    endNs: () => state.startNs + lengthNs,
    restart(fromNs) {
      state.startNs = fromNs;
      state.sent = 0;
    },
  };
}
