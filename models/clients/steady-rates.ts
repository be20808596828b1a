// Phases with one rate: constant, Poisson, and all at once.
//
// Modelled: each constant time is computed from its number, so that rounding does not add up; Poisson gaps
// are exponential, a batch counts as so many requests. Not modelled: jitter of a load generator.

import { sampler } from "../../src/engine/distribution.js";
import { fromSeconds, SECOND } from "../../src/engine/time.js";
import { type Arrivals, factorOf, NO_MORE, type Supplies } from "./arrival-process.js";
import type { PhaseOf } from "./phases.js";

/** Request i at i/rate. */
export function constantArrivals(
  declared: PhaseOf<"constant">,
  startNs: number,
  { pace }: Supplies,
): Arrivals {
  const { rate, for: lengthNs, requests } = declared;
  const endNs = startNs + (lengthNs ?? 0);
  // Since `baseNs`, when request `baseNumber` (with a fraction) would have been due, the rate is the same.
  let baseNs = startNs;
  let baseNumber = 0;
  let perSecond = rate * factorOf(pace, rate);
  let sent = 0;
  let isDue = false;
  const timeNs = (number: number) => baseNs + fromSeconds((number - baseNumber) / perSecond);
  function next(): number {
    isDue = requests === undefined ? timeNs(sent) < endNs : sent < requests;
    return isDue ? timeNs(sent++) : NO_MORE;
  }
  return {
    next,
    changed(atNs) {
      baseNumber += ((atNs - baseNs) / SECOND) * perSecond;
      baseNs = atNs;
      perSecond = rate * factorOf(pace, rate);
      if (isDue) sent--;
      return next();
    },
    endNs: () => (requests === undefined ? endNs : timeNs(requests)),
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
  const lastNs = lengthNs === undefined ? Number.POSITIVE_INFINITY : startNs + lengthNs;
  const most = requests ?? Number.POSITIVE_INFINITY;
  // Fields, not captured variables: each write of a double to one of those would allocate.
  const state = { timeNs: startNs, factor: factorOf(pace, rate), sent: 0, together: 0 };

  function next(): number {
    if (state.sent === most || state.timeNs >= lastNs) return NO_MORE;
    if (state.together === 0) {
      const gap = gapNs();
      state.timeNs += state.factor === 1 ? gap : Math.round(gap / state.factor);
    }
    return due();
  }

  function due(): number {
    if (state.timeNs >= lastNs) return NO_MORE;
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
      if (state.timeNs < lastNs) {
        state.sent--;
        state.together = (state.together + batch - 1) % batch;
      }
      state.timeNs = atNs + Math.round(((state.timeNs - atNs) * before) / state.factor);
      return due();
    },
    endNs: () => (lengthNs === undefined ? state.timeNs : lastNs),
  };
}

/** All at the start. */
export function burstArrivals({ requests, for: lengthNs }: PhaseOf<"burst">, startNs: number): Arrivals {
  let sent = 0;
  const next = () => (sent++ < requests ? startNs : NO_MORE);
  return {
    next,
    changed() {
      sent--;
      return next();
    },
    endNs: () => startNs + lengthNs,
  };
}
