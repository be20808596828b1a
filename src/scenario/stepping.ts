// From a setting's value, as a scenario file has it, to the values that are a step away.

import type { Steps } from "../component/declaration.js";
import { durationText, parseDurationNs, parseRatePerSecond } from "../component/units.js";

/** Values a step away, as the file would have them: `low` and `high` of what has an order, or `others`. */
export interface Stepped {
  low: unknown;
  high: unknown;
  others: unknown[];
}

/** Undefined stands for a value that is not written, and for a step that there is not. */
export function stepped(value: unknown, steps: Steps): Stepped {
  if ("by" in steps) {
    if (typeof value !== "number") return NONE;
    const { by, times } = steps;
    const multiple = times === undefined ? [] : [value * times];
    const others = multiple.filter((one) => one !== value + by);
    return { low: value - by, high: value + by, others };
  }
  if ("times" in steps) return { ...NONE, ...both(value, 1 / steps.times, steps.times) };
  if ("percent" in steps)
    return { ...NONE, ...both(value, 1 - steps.percent / 100, 1 + steps.percent / 100) };
  if ("among" in steps) {
    if (typeof value !== "number") return NONE;
    const { among } = steps;
    const [low, high] = [among.findLast((one) => one < value), among.find((one) => one > value)];
    const last = among.at(-1);
    // A far step besides: often nothing less is of use.
    return { low, high, others: high === undefined || high === last ? [] : [last] };
  }
  const { each } = steps;
  const current = Array.isArray(value) ? value.join(" ") : value;
  const others = each.filter((one) => one !== (current ?? each[0]));
  return { ...NONE, others: current === undefined || others.length < each.length ? others : [] };
}

const NONE: Stepped = { low: undefined, high: undefined, others: [] };

function both(value: unknown, less: number, more: number): Partial<Stepped> {
  return { low: scaled(value, less), high: scaled(value, more) };
}

/** Every time, rate or whole number in it; undefined if that is nothing, or if times are in a file. */
function scaled(value: unknown, factor: number): unknown {
  if (typeof value === "number") {
    const number = Math.round(value * factor);
    // Of few things a few percent are one.
    const next = number === value ? value + Math.sign(factor - 1) : number;
    return value === 0 ? undefined : next;
  }
  const parts = typeof value === "string" ? scaledText(value, factor) : scaledTimes(value, factor);
  return parts === undefined || JSON.stringify(parts) === JSON.stringify(value) ? undefined : parts;
}

function scaledText(text: string, factor: number): string | undefined {
  const ns = parseDurationNs(text);
  if (ns !== undefined) return durationText(Math.round(ns * factor));
  const perSecond = parseRatePerSecond(text);
  return perSecond === undefined ? undefined : `${Number((perSecond * factor).toPrecision(12))}/s`;
}

/**
 * A distribution of which every time is so much longer is the same distribution, so much longer: shapes,
 * weights and coefficients of variation are numbers without a unit.
 */
function scaledTimes(value: unknown, factor: number): unknown {
  if (typeof value === "string") return scaledText(value, factor);
  if (typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value).map(([key, part]) => [key, scaledTimes(part, factor)] as const);
  if (parts.some(([, part]) => part === undefined)) return undefined;
  return Array.isArray(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}
