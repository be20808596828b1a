// Where the objectives stop to be met between two values of the knob.

import { type Ends, type Line, lastAbove, lineBetween } from "../stats/crossing.js";
import type { Interval } from "../stats/interval.js";
import { togetherIn } from "./clusters.js";
import { isBelow, type Objective } from "./objective.js";
import type { Judged, Probe } from "./probe.js";

/**
 * Values of the knob: the estimate, and its interval from where all is met for sure to where something fails.
 */
export interface Crossing {
  at: number;
  /** On the side of the value that meets, and on that of the one that fails. */
  good: number;
  bad: number;
}

/** So far beyond the two values it is extrapolated, in units of their distance. */
const BEYOND = 2;

/**
 * The place between `good` and `bad`, whose replications have common random numbers, where the first
 * objective stops to be met, and its interval with the probability `error` of missing it: see `lineBetween`.
 * The end where all is met needs no correction for several objectives, since the one that binds would have to
 * be claimed as well; the other end has that of Bonferroni.
 */
export function crossingBetween(good: Probe, bad: Probe, error: number): Crossing {
  const tail = error / 2;
  const each = good.judged.map((judged) => {
    const line = lineBetween(endsOf(judged, good, bad));
    const of = (end: "low" | "high" | "value", sign: 1 | -1, tails: number) => (place: number) =>
      sign * slack(judged.objective, line, end, place, 1 - 2 * tails);
    const [worst, best] = isBelow(judged.objective) ? (["high", "low"] as const) : (["low", "high"] as const);
    const isMet = of(worst, 1, tail);
    const isMissed = of(best, -1, tail / good.judged.length);
    return {
      at: lastAbove(of("value", 1, tail), 0, 1 + BEYOND),
      good: isMet(0) > 0 ? lastAbove(isMet, 0, 1 + BEYOND) : firstBelow(isMet),
      bad:
        isMissed(1) > 0 ? 1 - lastAbove((back) => isMissed(1 - back), 0, 1 + BEYOND) : firstAbove(isMissed),
    };
  });
  const least = (of: "at" | "good" | "bad") => {
    const place = Math.min(...each.map((one) => one[of]));
    return good.value + place * (bad.value - good.value);
  };
  return { at: least("at"), good: least("good"), bad: least("bad") };
}

/** Backwards from the value that meets. */
function firstBelow(isMet: (place: number) => number): number {
  if (!(isMet(-BEYOND) > 0)) return -Infinity;
  return lastAbove(isMet, -BEYOND, 0);
}

/** Onwards from the value that fails. */
function firstAbove(isMissed: (place: number) => number): number {
  if (!(isMissed(1 + BEYOND) > 0)) return Infinity;
  return 1 + BEYOND - lastAbove((back) => isMissed(1 + BEYOND - back), 0, BEYOND);
}

function endsOf({ metric }: Judged, good: Probe, bad: Probe): Ends {
  const pairs = Math.min(good.replications, bad.replications);
  const of = (probe: Probe) => probe.values(metric).slice(0, pairs);
  const together = Math.max(togetherIn(good.numbers), togetherIn(bad.numbers));
  return { near: of(good), far: of(bad), trials: good.trials(metric)?.slice(0, pairs), together };
}

/** By how much the objective is met; an end where nobody knows is as good as the value that fails. */
function slack(
  objective: Objective,
  line: Line,
  end: keyof Interval,
  place: number,
  confidence: number,
): number {
  const number = line.at(place, confidence)[end];
  if (Number.isNaN(number)) return place < 1 ? 1 : -1;
  return isBelow(objective) ? objective.limit - number : number - objective.limit;
}
