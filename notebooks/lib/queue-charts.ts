// The charts of chapter 1: over the utilisation, exact curves and simulated points.

import * as Plot from "@observablehq/plot";
import { type Chart, chart, ENDLESS, FAINT, LIMITED, THEORY } from "./chart.js";
import { curve, exact, holds, type Point, type Queue } from "./queue.js";

const FROM = 0.4;
const TO = 1.35;
/** Without a limit of the queue the wait grows beyond all bounds towards 1. */
const ENDLESS_TO = 0.98;

interface Beside {
  queue: Queue;
  points: Point[];
  chosen: Point | undefined;
  width: number;
}

const utilisationAxis: Plot.ScaleOptions = {
  label: "utilisation offered (1 is all that workers can do) →",
  domain: [FROM, TO],
  tickFormat: (value: number) => value.toFixed(1),
};

/** Points with their intervals; those that miss the exact value are hollow. */
function measured(points: Point[], of: "blocked" | "waitS", scale: number, stroke: string, size = 3) {
  const at = points.map(({ queue, [of]: { value, low, high } }) => ({
    utilisation: queue.utilisation,
    value: value * scale,
    low: low * scale,
    high: high * scale,
    isRight: holds({ value, low, high }, exact(queue)[of]),
  }));
  return [
    Plot.ruleX(at, { x: "utilisation", y1: "low", y2: "high", stroke, strokeWidth: 1.5, clip: true }),
    Plot.dot(at, {
      ...{ x: "utilisation", y: "value", r: size, stroke, strokeWidth: 1.5, clip: true },
      fill: (point: { isRight: boolean }) => (point.isRight ? stroke : "var(--theme-background)"),
      title: ({ utilisation, low, high }) =>
        `utilisation ${utilisation.toFixed(2)}: ${low.toPrecision(3)} to ${high.toPrecision(3)}`,
    }),
  ];
}

const isLimited = ({ queue }: Point) => Number.isFinite(queue.backlog);

/** Share of 502s over the utilisation, exact and simulated. */
export function blockedChart({ queue, points, chosen, width }: Beside): Chart {
  const limited = curve(queue, [FROM, TO]).map((at) => ({ ...at, percent: 100 * at.blocked }));
  return chart({
    width,
    height: 280,
    x: utilisationAxis,
    y: { label: "↑ requests that get a 502 (%)", grid: true, nice: true },
    ariaLabel:
      "Share of 502s over the utilisation. The simulated points follow the exact curve: hardly any below " +
      "0.7, then more and more; above 1 everything that the workers cannot do is refused.",
    marks: [
      Plot.ruleY([0]),
      Plot.ruleX([queue.utilisation], { stroke: FAINT, strokeDasharray: "2,3" }),
      Plot.line(limited, { x: "utilisation", y: "percent", stroke: THEORY }),
      ...measured(points.filter(isLimited), "blocked", 100, LIMITED),
      ...measured(chosen ? [chosen] : [], "blocked", 100, LIMITED, 5.5),
    ],
  });
}

/** Mean wait over the utilisation, with the backlog and without a limit, exact and simulated. */
export function waitChart({ queue, points, chosen, width }: Beside): Chart {
  const inMs = (at: { utilisation: number; waitS: number }) => ({ ...at, ms: 1000 * at.waitS });
  const limited = curve(queue, [FROM, TO]).map(inMs);
  const endless = curve({ ...queue, backlog: Number.POSITIVE_INFINITY }, [FROM, ENDLESS_TO]).map(inMs);
  // So that all points are seen.
  const last = endless.find(({ utilisation }) => utilisation >= 0.9 - 1e-9);
  const most = 1.2 * Math.max(last?.ms ?? 0, ...limited.map(({ ms }) => ms));
  return chart({
    width,
    height: 280,
    x: utilisationAxis,
    y: { label: "↑ mean wait for a worker (ms)", grid: true, domain: [0, most] },
    ariaLabel:
      "Mean wait over the utilisation. Without a limit of the queue it grows beyond all bounds towards a " +
      "utilisation of 1; with the backlog it levels off, since whoever would wait longer is refused.",
    marks: [
      Plot.ruleY([0]),
      Plot.ruleX([queue.utilisation], { stroke: FAINT, strokeDasharray: "2,3" }),
      Plot.line(endless, { x: "utilisation", y: "ms", stroke: THEORY, strokeDasharray: "5,4", clip: true }),
      Plot.line(limited, { x: "utilisation", y: "ms", stroke: THEORY }),
      ...measured(
        points.filter((point) => !isLimited(point)),
        "waitS",
        1000,
        ENDLESS,
      ),
      ...measured(points.filter(isLimited), "waitS", 1000, LIMITED),
      ...measured(chosen ? [chosen] : [], "waitS", 1000, LIMITED, 5.5),
    ],
  });
}
