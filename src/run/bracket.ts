// From two values, of which one meets all objectives and the other does not, to the boundary between them.

import { type Crossing, crossingBetween } from "./crossing.js";
import type { Knob } from "./knob.js";
import type { Probe } from "./probe.js";

/** What the search has: the values tried so far, and how to try another. */
export interface Looking {
  knob: Knob;
  /** All values that have been tried, ascending. */
  probes: readonly Probe[];
  /** That of this value, made if there is none. */
  probeAt(value: number): Probe;
  /** Half-width of the interval over the value that is asked for. */
  precision: number;
  /** Probability of an interval that does not hold the truth. */
  error: number;
  /** Replications of a value at the first look, and at most. */
  first: number;
  most: number;
  /** No further replication is to be begun. */
  isOver(): boolean;
  /** Is told the share of the way that is behind. */
  near(share: number): void;
}

/** Between a value that meets all objectives and one that does not. */
export interface Boundary {
  good: Probe;
  bad: Probe;
  value: number;
  low: number;
  high: number;
  /** As precisely as asked for, and with both sides decided if they are neighbours. */
  reached: boolean;
  /** `interpolated` between both, or only between both: `decided`, which each is for itself. */
  method: "exact" | "decided" | "interpolated";
}

// Student's t of fewer differences has tails that interpolation should not live in.
const LEAST = 10;
/** Whole numbers: so near it is quicker to ask the one in the middle. */
const FEW = 8;
/** In units of the half-width that is wanted: wider apart, noise does not matter yet. */
const FAR = 16;
/** Of the value: a range as wide as that is made narrower whatever the noise. */
const COARSE = 0.25;
/** Half-widths: the distance at which the line between both is still near enough to the curve. */
const NEAR = 8;
const MOST_STEPS = 300;

/**
 * Stochastic root finding by retrospective approximation (H. Chen and B. Schmeiser, IIE Transactions 33,
 * 2001, 259-275).
 *
 * With n replications, the same random numbers at each value, the mean of each metric is one curve, whose
 * crossing of the limit is found as that of any curve: each new value lies just beyond the crossing that the
 * last two let expect, on the side of the farther one, by 1.5 half-widths of its interval, or halves the
 * distance if that did not. Where noise is as wide as that distance, n grows, by so much that the interval
 * should become as narrow as wanted, at most fourfold, and only at these two values; if one of them then
 * turns out to be on the other side, it is looked further on. It ends when the interval is as narrow as
 * wanted and both values are within a few of its half-widths; or when they are as near as wanted and both are
 * decided for themselves, which holds also for a curve that jumps; or, for whole numbers, when they are
 * neighbours and both are decided.
 *
 * It assumes that the metrics' means depend on the value continuously there, for `interpolated`, and that
 * there is only one crossing between both.
 */
export async function* boundary(good: Probe, bad: Probe, looking: Looking): AsyncGenerator<Probe, Boundary> {
  const { knob, most, first, probeAt, isOver } = looking;
  let wanted = Math.min(most, Math.max(LEAST, first));
  let ends = { good, bad };
  let before = Infinity;
  for (let step = 0; ; step++) {
    for (const end of [ends.good, ends.bad]) {
      const isPair = knob.whole && Math.abs(ends.good.value - ends.bad.value) <= 1;
      const isKnown = isPair && end.replications >= LEAST && end.finding !== "undecided";
      if (end.replications < wanted && !isKnown) {
        await end.upTo(wanted);
        yield end;
      }
    }
    const isLast = step >= MOST_STEPS || isOver();
    const moved = isLast ? undefined : moveOn(ends, looking);
    if (moved) {
      ends = moved;
      continue;
    }
    const state = stateOf(ends, looking);
    looking.near(Math.min(1, state.target / Math.max(state.half, state.distance / 4)));
    const done = doneBy(ends, state, looking);
    if (done) return done;
    if (isLast || isStuck(ends)) return givenUp(ends, state, looking);
    const narrow = isWide(state, knob.whole) ? between(ends, state, before, looking) : undefined;
    before = state.distance;
    if (narrow !== undefined) {
      const probe = probeAt(narrow);
      await probe.upTo(wanted);
      yield probe;
      ends = probe.seemsMet ? { ...ends, good: probe } : { ...ends, bad: probe };
      continue;
    }
    const more = moreOf(ends, state, looking);
    if (more === undefined) return givenUp(ends, state, looking);
    wanted = more;
  }
}

interface Ends {
  good: Probe;
  bad: Probe;
}

interface State {
  crossing: Crossing;
  /** Of the interval, in the knob's unit: infinite if it has no end. */
  half: number;
  distance: number;
  /** Half-width that is wanted. */
  target: number;
  isExact: boolean;
}

function stateOf({ good, bad }: Ends, { precision, error, knob }: Looking): State {
  const distance = Math.abs(bad.value - good.value);
  const isExact = good.exact && bad.exact;
  const middle = (good.value + bad.value) / 2;
  const crossing = isExact ? { at: middle, good: middle, bad: middle } : crossingBetween(good, bad, error);
  const half = Math.max(Math.abs(crossing.good - crossing.at), Math.abs(crossing.bad - crossing.at));
  const target = Math.max(precision * Math.abs(crossing.at), knob.whole ? 0.5 : 0);
  return { crossing, half, distance, target, isExact };
}

/** Ends that more replications have shown to be on the other side give way to those further on. */
function moveOn({ good, bad }: Ends, looking: Looking): Ends | undefined {
  if (!good.seemsMet) {
    const next = further(good, bad, looking);
    return next && { good: next, bad: good };
  }
  if (bad.seemsMet) {
    const next = further(bad, good, looking);
    return next && { good: bad, bad: next };
  }
  return undefined;
}

/** At the end of the range, where one has turned out to be on the other side and nothing is further on. */
function isStuck({ good, bad }: Ends): boolean {
  return good.finding === "fails" || bad.finding === "meets";
}

/**
 * Beyond `end`, seen from `other`: a value that is there already, if near, else one in twice the distance.
 */
function further(end: Probe, other: Probe, { knob, probes, probeAt }: Looking): Probe | undefined {
  const gap = end.value - other.value;
  const sign = Math.sign(gap);
  const [nearest] = probes
    .filter(({ value }) => sign * (value - end.value) > 0)
    .sort((one, two) => sign * (one.value - two.value));
  const value = knob.at(knob.place(end.value + 2 * gap));
  const isNear = nearest !== undefined && sign * (nearest.value - value) <= Math.abs(gap);
  if (isNear) return nearest;
  return sign * (value - end.value) > 0 ? probeAt(value) : undefined;
}

function isWide({ crossing, half, distance, target, isExact }: State, whole: boolean): boolean {
  if (whole && distance <= 1) return false;
  if (isExact) return true;
  // Nearer than that the slope would be lost in noise.
  const isLoud = half > distance && distance <= COARSE * Math.abs(crossing.at);
  if (distance > FAR * target && !isLoud) return true;
  return (whole && distance <= FEW) || (half < distance / 4 && distance > 2 * target);
}

/** The next value to ask; undefined if there is none between the ends. */
function between(
  { good, bad }: Ends,
  { crossing, half, distance, target, isExact }: State,
  before: number,
  { knob }: Looking,
): number | undefined {
  const isSlow = distance > before / 2;
  const middle = knob.at((knob.place(good.value) + knob.place(bad.value)) / 2);
  const isFew = knob.whole && distance <= FEW;
  const strictly = (value: number) => Math.abs(value - good.value) > 0 && Math.abs(value - bad.value) > 0;
  if (isExact || isSlow || isFew) return strictly(middle) ? middle : undefined;
  const place = (crossing.at - good.value) / (bad.value - good.value);
  const step = Math.min(half, distance / 4, FAR * target) * 1.5;
  const offset = Math.max(step, 0.75 * target) / distance;
  const next = Math.min(0.9, Math.max(0.1, place > 0.5 ? place - offset : place + offset));
  const value = knob.at(knob.place(good.value + next * (bad.value - good.value)));
  return strictly(value) ? value : middle;
}

function doneBy({ good, bad }: Ends, state: State, { knob }: Looking): Boundary | undefined {
  const { crossing, half, distance, target, isExact } = state;
  const areDecided = good.finding === "meets" && bad.finding === "fails";
  if (knob.whole && distance <= 1) {
    if (!areDecided) return undefined;
    const { value } = good;
    return {
      good,
      bad,
      value,
      low: value,
      high: value,
      reached: true,
      method: isExact ? "exact" : "decided",
    };
  }
  const [low, high] = [good.value, bad.value].sort((one, other) => one - other) as [number, number];
  if (isExact) {
    if (distance > target) return undefined;
    return { good, bad, value: good.value, low, high, reached: true, method: "exact" };
  }
  if (half <= target && distance <= NEAR * half) return interpolated({ good, bad }, crossing, knob, true);
  if (half > target || distance > 2 * target) return undefined;
  const between = interpolated({ good, bad }, crossing, knob, true);
  const method = areDecided ? "decided" : "interpolated";
  return { ...between, low: Math.min(low, between.low), high: Math.max(high, between.high), method };
}

function interpolated({ good, bad }: Ends, crossing: Crossing, knob: Knob, reached: boolean): Boundary {
  const of = (value: number) => Math.min(knob.to, Math.max(knob.from, rounded(value, good, bad, knob)));
  const ends = [of(crossing.good), of(crossing.bad)].sort((one, other) => one - other) as [number, number];
  return { good, bad, value: of(crossing.at), low: ends[0], high: ends[1], reached, method: "interpolated" };
}

/** Whole numbers: the last one that meets. */
function rounded(value: number, good: Probe, bad: Probe, { whole }: Knob): number {
  if (!whole) return value;
  return bad.value > good.value ? Math.floor(value) : Math.ceil(value);
}

/** At a limit: what has been decided of other values is known all the same. */
function givenUp(ends: Ends, { crossing, isExact }: State, { knob, probes }: Looking): Boundary {
  if (isExact) {
    const [low, high] = [ends.good.value, ends.bad.value].sort((one, other) => one - other) as [
      number,
      number,
    ];
    return { ...ends, value: ends.good.value, low, high, reached: false, method: "exact" };
  }
  const found = interpolated(ends, crossing, knob, false);
  const isUpper = ends.bad.value > ends.good.value;
  const [below, above] = isUpper ? (["meets", "fails"] as const) : (["fails", "meets"] as const);
  const values = (of: string) => probes.filter(({ finding }) => finding === of).map(({ value }) => value);
  const low = Math.max(found.low, ...values(below).filter((value) => value <= found.value));
  const high = Math.min(found.high, ...values(above).filter((value) => value >= found.value));
  return { ...found, low, high };
}

/** To how many replications the ends are brought; undefined at the limit. */
function moreOf({ good, bad }: Ends, { half, distance, target }: State, { knob, most }: Looking) {
  const isPair = knob.whole && distance <= 1;
  const open = [good, bad].filter(({ finding }) => !isPair || finding === "undecided");
  const now = Math.min(...open.map(({ replications }) => replications));
  if (now >= most) return undefined;
  const factor = isPair ? 2 : Math.min(4, Math.max(1.3, 1.1 * (half / target) ** 2));
  return Math.min(most, Math.ceil(now * (Number.isNaN(factor) ? 2 : factor)));
}
