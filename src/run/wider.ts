// How far a capacity is looked for in a range that nobody gave.

import { ScenarioError } from "../scenario/error.js";
import type { Looking } from "./bracket.js";
import type { CapacityEnd } from "./capacity-result.js";
import { around, between, type Knob } from "./knob.js";
import type { Probe } from "./probe.js";
import { gridOf } from "./regions.js";

/** So often it is continued, 4 times as far each time. */
const MOST_STEPS = 3;
/** Some ten seconds of a processor: a step that would take more requests is not made. */
const MOST_REQUESTS = 10e6;

/**
 * Where the answer may lie beyond the range that nobody gave, changes the range to reach further; the further
 * values to look at, if any.
 */
export function wider(
  looking: Looking,
  { seek, step }: { seek: "max" | "min"; step: number },
): number[] | undefined {
  const { knob, probes } = looking;
  const isNone = probes.every(({ seemsMet }) => !seemsMet);
  const isAll = probes.every(({ seemsMet }) => seemsMet);
  if (!knob.assumed || step === MOST_STEPS || looking.isOver() || !(isAll || isNone)) return undefined;
  const upwards = (seek === "max") !== isNone;
  const { from, to } = around(upwards ? knob.to : knob.from, knob);
  if (upwards ? to <= knob.to || knob.limited : from >= knob.from) return undefined;
  const before = upwards ? knob.to : knob.from;
  const wide = between(knob, upwards ? { from: knob.from, to } : { from, to: knob.to });
  const all = gridOf({ knob: wide }, ...((upwards ? [before, to] : [from, before]) as [number, number]));
  // At half of the density: it is the way to the answer, most likely.
  const further = all.filter((value, index) => value !== before && index % 2 === 0);
  const ends = upwards ? probes.slice(-2).reverse() : probes.slice(0, 2);
  if (looking.first * requestsAt(further, ends) > MOST_REQUESTS) return undefined;
  looking.knob = wide;
  return further;
}

/**
 * Requests of one replication of each, if they go on to grow by the power of the value by which they grew
 * between the last value, `ends[0]`, and the one before.
 */
function requestsAt(values: readonly number[], ends: readonly Probe[]): number {
  const [[last, sent], [before, sentBefore]] = ends.map((probe): [number, number] => {
    const all = probe.of("sent");
    return [probe.value, all.reduce((sum, one) => sum + one, 0) / all.length];
  }) as [[number, number], [number, number]];
  const grown = Math.log(sent / sentBefore) / Math.log(last / before);
  const power = Number.isFinite(grown) ? grown : 0;
  return values.reduce((sum, value) => sum + sent * (value / last) ** power, 0);
}

/** Why nobody looked beyond this end of a range that meets all objectives. */
export function stopOf(knob: Knob, side: "from" | "to"): NonNullable<CapacityEnd["stop"]> {
  if (side === "to" && knob.limited) return "memory";
  if (knob.whole && !takes(knob, side === "to" ? knob.to + 1 : knob.from - 1)) return "setting";
  return knob.assumed ? "effort" : "bounds";
}

function takes(knob: Knob, value: number): boolean {
  try {
    knob.scenario(value);
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}
