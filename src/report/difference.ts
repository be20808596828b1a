// One number of two scenarios as text: its values, its difference with the ±, its relative change.

import type { Difference } from "../run/comparison.js";
import type { Estimate } from "../run/result.js";
import {
  decimalsOf,
  fixed,
  halfWidth,
  type Printed,
  printCount,
  printDuration,
  printRate,
  printShare,
} from "./format.js";

type Unit = Difference["unit"];

/** A value with the digits that its own interval gives it; `-` where there is none. */
export function valueText(estimate: Estimate | null, unit: Unit): string {
  if (estimate === null) return "-";
  if (unit === "share") return printShare(estimate, " %").text;
  return printed(estimate, unit).text;
}

/** The difference with its sign, and its ±; a share's in percentage points. */
export function differenceText({ value, low, high }: Estimate, unit: Unit): Printed {
  const half = halfWidth({ value, low, high });
  const sign = value > 0 ? "+" : value < 0 ? "-" : "";
  const size = Math.abs(value);
  const { text, spread } = printed({ value: size, low: size - half, high: size + half }, unit);
  return { text: `${sign}${text}`, spread: spread.replace("<", "") };
}

function printed(estimate: Estimate, unit: Unit): Printed {
  if (unit === "share") return printedPoints(estimate);
  if (unit === "s") return printDuration(estimate);
  const half = halfWidth(estimate);
  if (estimate.value !== 0 && Math.max(Math.abs(estimate.value), half) < SMALL) {
    return { text: estimate.value.toExponential(2), spread: half === 0 ? "" : half.toExponential(1) };
  }
  return Number.isInteger(estimate.value) ? printCount(estimate) : printRate(estimate);
}

/** A smaller level or rate would be a row of zeros. */
const SMALL = 1e-3;

function printedPoints({ value, low, high }: Estimate): Printed {
  const half = halfWidth({ value, low, high }) * 100;
  if (half === 0) return { text: `${Number((value * 100).toPrecision(3))} pp`, spread: "" };
  const digits = decimalsOf(half);
  return { text: `${fixed(value * 100, digits)} pp`, spread: `${fixed(half, digits)} pp` };
}

/** `-23 %`, to two digits (of what is left, if little is); from a doubling on `x 3.4`; nothing if A is 0. */
export function relativeText(relative: number | null): string {
  if (relative === null) return "";
  if (relative >= 1) return `x ${Number((1 + relative).toPrecision(2))}`;
  const [percent, left] = [100 * relative, 100 * (1 + relative)].map((part) => Number(part.toPrecision(2)));
  if (left !== undefined && left < 5) return `${left === 0 ? -100 : Number((left - 100).toPrecision(6))} %`;
  return percent === 0 ? "0 %" : `${relative > 0 ? "+" : ""}${percent} %`;
}

/** The value of a setting as a scenario file has it; `none` where none is written. */
export function plainText(value: unknown): string {
  if (value === null) return "none";
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}
