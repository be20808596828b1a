// A metric of a point as text.

import type { Sweep } from "../run/sweep-result.js";
import { type Printed, printCount, printDuration, printRate, printShare } from "./format.js";

export type SweepMetric = Sweep["metrics"][number];
export type Told = Sweep["points"][number]["metrics"][string];

/** With the digits that its interval gives it; `-` where nothing is known. */
export function metricText({ value, low, high }: Told, unit: SweepMetric["unit"]): Printed {
  if (value === null) return { text: "-", spread: "" };
  const estimate = { value, low: low ?? -Infinity, high: high ?? Infinity };
  if (unit === "share") return printShare(estimate, " %");
  if (unit === "s") return printDuration(estimate);
  return Number.isInteger(value) ? printCount(estimate) : printRate(estimate);
}

/** What is known of a metric at each point: `null` becomes not a number. */
export function partOf({ points }: Sweep, metric: string, part: keyof Told): number[] {
  return points.map(({ metrics }) => metrics[metric]?.[part] ?? Number.NaN);
}
