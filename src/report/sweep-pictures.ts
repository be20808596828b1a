// What a sweep looks like: of one knob a curve with its band, of two a heat map, for each metric.

import pc from "picocolors";
import type { Sweep } from "../run/sweep-result.js";
import { type ChartInput, chart, chartMargin } from "./chart.js";
import { printable, type TextOptions, wrap } from "./lines.js";
import { metricText, partOf, type SweepMetric } from "./sweep-numbers.js";

type Knob = Sweep["knobs"][number];

/** Nothing for a single point, for knobs without an order, for more than two, and for points of no grid. */
export function sweepPictures(sweep: Sweep, options: TextOptions): string[][] {
  const { knobs, lhs, metrics } = sweep;
  if (lhs !== undefined || !knobs.every(({ ordered, values }) => ordered && values.length > 1)) return [];
  const [first, second, ...more] = knobs;
  if (!first || more.length > 0) return [];
  return metrics.map((metric) =>
    second ? heatMap(sweep, metric, [first, second], options) : curve(sweep, metric, first, options),
  );
}

const HEIGHT = 8;
const PER_POINT = 6;
const NARROWEST = 30;

/** The estimates as a line, the intervals shaded. */
function curve(sweep: Sweep, { name, unit }: SweepMetric, knob: Knob, options: TextOptions): string[] {
  const scale = unit === "share" ? 100 : 1;
  const scaled = (part: "value" | "low" | "high") => partOf(sweep, name, part).map((one) => one * scale);
  const input: ChartInput = {
    ...{ values: scaled("value"), step_s: 1, resample: "max", from: 0 },
    // No metric is ever below 0, as wide as its interval may be.
    band: { low: scaled("low").map((low) => Math.max(0, low)), high: scaled("high") },
    below: (width, margin) => knobAxis(knob, width, margin),
  };
  const wanted = Math.max(NARROWEST, PER_POINT * knob.values.length);
  const columns = Math.min(options.columns, chartMargin(input, HEIGHT) + 2 + wanted);
  const title = `${name}${UNITS[unit]} by ${printable(knob.name)}, shaded: 95 % interval`;
  return [
    ...wrap(title, options.columns, 2),
    ...chart(input, { columns, colour: options.colour, height: HEIGHT }),
  ];
}

const UNITS: Record<SweepMetric["unit"], string> = {
  share: " (%)",
  s: " (seconds)",
  "1/s": " (a second)",
  1: "",
};

/** The rule below a picture with a tick for each value that there is room for. */
function knobAxis({ values }: Knob, width: number, margin: number): string[] {
  const rule = new Array<string>(width).fill("─");
  const labels = new Array<string>(width).fill(" ");
  let free = 0;
  for (const [index, value] of values.entries()) {
    const text = printable(String(value));
    const column = Math.floor(((index + 0.5) * width) / values.length);
    const begin = Math.max(0, Math.min(column - Math.floor(text.length / 2), width - text.length));
    if (begin < free || text.length > width) continue;
    rule[column] = "┬";
    labels.splice(begin, text.length, ...text);
    free = begin + text.length + 1;
  }
  const indent = " ".repeat(margin + 1);
  return [`${indent}└${rule.join("")}`, `${indent} ${labels.join("").trimEnd()}`];
}

const SHADES = "·░▒▓█";
const WIDEST = 6;

/** Shades from the lowest value to the highest one; `?` where there is none. */
function heatMap(
  sweep: Sweep,
  { name, unit }: SweepMetric,
  [down, across]: [Knob, Knob],
  options: TextOptions,
): string[] {
  const { cyan } = pc.createColors(options.colour);
  const title = `${name}: ${printable(down.name)} down, ${printable(across.name)} across`;
  const values = partOf(sweep, name, "value");
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return [...wrap(title, options.columns, 2), "(no data)"];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const labels = down.values.map((value) => printable(String(value)));
  const margin = Math.max(...labels.map((label) => label.length));
  const cell = Math.min(WIDEST, Math.floor((options.columns - margin - 2) / across.values.length));
  if (cell < 1) {
    const text = `too wide for ${options.columns} columns; -o FILE.csv has all of it`;
    return [...wrap(title, options.columns, 2), `(${text})`];
  }
  const shadeOf = (value: number) => {
    if (!Number.isFinite(value)) return "?";
    const place = high > low ? (value - low) / (high - low) : 0;
    return SHADES[Math.ceil(place * (SHADES.length - 1))] as string;
  };
  const rows = labels.map((label, row) => {
    const cells = across.values.map((_, column) => values[row * across.values.length + column] as number);
    const shades = cells.map((value) => shadeOf(value).repeat(cell)).join("");
    return `${label.padStart(margin)} ┤${cyan(shades)}`;
  });
  return [
    ...wrap(title, options.columns, 2),
    ...rows,
    ...knobAxis(across, cell * across.values.length, margin),
    ...wrap(legend(low, high, unit), options.columns, 2),
  ];
}

/** `· 0 %, ░ to 8.4 %, ▒ to 17 %, ▓ to 25 %, █ to 33.5 %`. */
function legend(low: number, high: number, unit: SweepMetric["unit"]): string {
  const text = (value: number) => metricText({ value, low: value, high: value }, unit).text;
  const steps = [...SHADES].map((shade, index) => {
    const top = low + ((high - low) * index) / (SHADES.length - 1);
    return index === 0 ? `${shade} ${text(low)}` : `${shade} to ${text(top)}`;
  });
  return high > low ? steps.join(", ") : `${SHADES[0]} ${text(low)} everywhere`;
}
