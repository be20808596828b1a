// Values of the knob and of metrics as text.

import type { Capacity, CapacityEnd } from "../run/capacity-result.js";
import type { Objective } from "../run/objective.js";
import type { Estimate } from "../run/result.js";
import {
  countText,
  decimalsOf,
  fixed,
  halfWidth,
  type Printed,
  printDuration,
  printRate,
  printShare,
  prose,
} from "./format.js";

type Kind = Capacity["knob"]["kind"];

const SUFFIXES: Record<Exclude<Kind, "duration">, string> = {
  rate: "/s",
  bytes: "B",
  number: "",
  count: "",
  ports: " ports",
};

/** `185.2/s ± 1.4/s`, `7`, `483 ± 6`. */
export function knobText(estimate: Estimate, kind: Kind): string {
  if (kind === "duration") return prose(printDuration(estimate));
  const half = halfWidth(estimate);
  const suffix = SUFFIXES[kind];
  if (half === 0) return `${plainValue(estimate.value, kind)}${suffix}`;
  const decimals = kind === "rate" || kind === "number" ? decimalsOf(half) : 0;
  return `${fixed(estimate.value, decimals)}${suffix} ± ${fixed(half, decimals)}${suffix}`;
}

/** A value without an interval, with at most four digits of what is no whole number. */
export function knobValue(value: number, kind: Kind): string {
  return knobText({ value, low: value, high: value }, kind);
}

function plainValue(value: number, kind: Kind): string {
  return kind === "rate" || kind === "number" ? String(Number(value.toPrecision(4))) : countText(value);
}

/** An end of a region: its value with ± if it is one, without where the range ends. */
export function endText(end: CapacityEnd, kind: Kind): string {
  return end.bounded ? knobText(end, kind) : knobValue(end.value, kind);
}

/** A metric's estimate in its unit. */
export function metricText(estimate: Estimate | null, unit: Objective["unit"]): Printed {
  if (estimate === null) return { text: "-", spread: "" };
  if (unit === "share") return printShare(estimate, " %");
  if (unit === "s") return printDuration(estimate);
  const { text, spread } = printRate(estimate);
  const suffix = unit === "1/s" ? "/s" : "";
  return { text: `${text}${suffix}`, spread: spread && `${spread}${suffix}` };
}
