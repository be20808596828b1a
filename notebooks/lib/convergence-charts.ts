// The charts of chapter 2: a hundred intervals, and how they shrink.

import * as Plot from "@observablehq/plot";
import { BAD, type Chart, chart, FAINT, GOOD, LIMITED, THEORY } from "./chart.js";
import type { Experiment, HalfWidth } from "./convergence.js";

interface HalfWidths {
  found: HalfWidth[];
  /** The half-width by the square root. */
  law: (replications: number) => number;
  /** Of the experiments above. */
  size: number;
  width: number;
}

/** Half-widths over the number of replications, on logarithmic axes. */
export function halfWidthChart({ found, law, size, width }: HalfWidths): Chart {
  const most = Math.max(10, ...found.map(({ replications }) => replications));
  const line = [2, most].map((replications) => ({ replications, percent: 100 * law(replications) }));
  return chart({
    width,
    height: 300,
    x: {
      type: "log",
      label: "replications →",
      domain: [2, 260],
      ticks: [2, 5, 10, 20, 50, 100, 200],
      tickFormat: "d",
    },
    y: {
      type: "log",
      label: "↑ half-width of the interval (percentage points)",
      domain: [0.2, 20],
      grid: true,
      ticks: [0.2, 0.5, 1, 2, 5, 10, 20],
      tickFormat: "~g",
    },
    ariaLabel:
      "Half-width of the interval over the number of replications, both logarithmic. After some ten " +
      "replications all paths follow a straight line: half the half-width for 4 times the replications.",
    marks: [
      Plot.ruleX([size], { stroke: FAINT, strokeDasharray: "2,3" }),
      Plot.line(line, {
        x: "replications",
        y: "percent",
        stroke: THEORY,
        strokeDasharray: "5,4",
        strokeWidth: 2,
      }),
      Plot.line(found, {
        x: "replications",
        y: ({ halfWidth }: HalfWidth) => 100 * halfWidth,
        z: "path",
        stroke: LIMITED,
        strokeOpacity: 0.8,
        marker: "dot",
        markerMid: "none",
      }),
    ],
  });
}

interface Intervals {
  all: Experiment[];
  truth: number;
  width: number;
}

/** One interval a column, the truth as a line; intervals that miss it stand out. */
export function intervalChart({ all, truth, width }: Intervals): Chart {
  const at = all.map((one) => ({
    ...one,
    low: 100 * one.low,
    high: 100 * one.high,
    value: 100 * one.value,
    kind: one.holdsTruth ? GOOD : BAD,
  }));
  const misses = all.filter(({ holdsTruth }) => !holdsTruth).length;
  const common = { x: "number", stroke: "kind" } as const;
  return chart({
    width,
    height: 280,
    x: { label: "experiment →", domain: [0, all.length + 1], ticks: 5 },
    y: { label: "↑ share of 502s (%)", grid: true, nice: true },
    ariaLabel: `${all.length} intervals beside each other. All but ${misses} hold the exact share.`,
    marks: [
      Plot.ruleX(at, {
        ...common,
        y1: "low",
        y2: "high",
        strokeWidth: (one) => (one.holdsTruth ? 1.2 : 2.6),
      }),
      Plot.dot(at, { ...common, y: "value", r: 1.6, fill: "kind" }),
      Plot.ruleY([100 * truth], { stroke: THEORY, strokeWidth: 1.5 }),
    ],
  });
}
