// A line chart and a sparkline for the terminal. asciichart draws the line; it is handed row numbers instead
// of values, because with values it throws at NaN and at no data, labels flat and small series 0.00, cuts off
// leading digits, puts labels up to half a row beside their line and makes one row for each unit unless told
// the height.

import { plot } from "asciichart";
import pc from "picocolors";
import { SECOND } from "../engine/time.js";
import { goText } from "./format.js";

export interface ChartInput {
  /** One value for each step of time; what is not finite is left blank. */
  values: readonly number[];
  /** Length of a step in seconds. */
  step_s: number;
  /** What stands for the steps that share one column: their highest value, or their mean. */
  resample: "max" | "mean";
  /** Where the axis begins, if below the data. */
  from?: number | undefined;
  /** Where it ends, if above the data. */
  to?: number | undefined;
  /** From where to where each value may be, shaded; what is not finite is not. */
  band?: { low: readonly number[]; high: readonly number[] } | undefined;
  /** The lines below the plot, instead of the axis of time. */
  below?: ((width: number, margin: number) => string[]) | undefined;
  /** A level that cannot be passed: dashed if the data comes near enough for it to be on the chart. */
  limit?: number | undefined;
  /** A level to compare with, dashed wherever it is on the chart. */
  mark?: number | undefined;
}

export interface ChartOptions {
  columns: number;
  colour: boolean;
  /** Rows of the plot, about: 8 unless told. */
  height?: number | undefined;
  /** Least width of the labels, so that charts below each other share their time axis. */
  margin?: number | undefined;
}

interface Axis {
  low: number;
  high: number;
  /** Top first. */
  labels: string[];
}

/** The chart's lines, none wider than the columns: rows with their labels, then the time axis. */
export function chart(input: ChartInput, options: ChartOptions): string[] {
  const axis = axisOf(input, options.height);
  if (!axis) return ["(no data)"];
  const { low, high, labels } = axis;
  const margin = Math.max(options.margin ?? 0, ...labels.map((label) => label.length));
  const width = plotWidth(options.columns, margin);
  const levels = resample(input.values, width, input.resample);
  const rows = labels.length - 1;
  const gaps = levels.map((level) => !Number.isFinite(level));
  const drawn = filled(levels).map((level) => fraction(level, low, high) * rows);
  const shaded = shadeOf(input, axis, width);
  const level = input.mark ?? (input.limit === high ? high : Number.NaN);
  const dashed = Math.round((1 - fraction(level, low, high)) * rows);
  const colours = pc.createColors(options.colour);

  // asciichart draws the way between two points in one column, so the first point stands twice.
  const picture = plot([drawn[0] as number, ...drawn], {
    min: 0,
    max: rows,
    height: rows,
    offset: 2,
    format: (_value, row) => `${(labels[row] as string).padStart(margin)} `,
    symbols: ["┤", "┤", "╶", "╴", "─", "╰", "╭", "╮", "╯", "│"],
  });
  const lines = picture.split("\n").map((line, row) => {
    const cells = [...line.slice(margin + 2, margin + 2 + width)];
    const blank = row === dashed ? "┄" : " ";
    const shown = cells
      .map((cell, column) => (gaps[column] || cell === " " ? (shaded(row, column) ? "░" : blank) : cell))
      .join("");
    return `${line.slice(0, margin + 2)}${colours.cyan(shown.trimEnd())}`;
  });
  const below = input.below ?? (() => timeAxis(input.values.length * input.step_s, width, margin));
  return [...lines, ...below(width, margin)];
}

/** Whether a cell lies in the band: its row is nearest to a level that does. */
function shadeOf(
  { band, resample: how }: ChartInput,
  { low, high, labels }: Axis,
  width: number,
): (row: number, column: number) => boolean {
  if (!band) return () => false;
  const rows = labels.length - 1;
  const rowsOf = (levels: readonly number[]) =>
    resample(levels, width, how).map((level) => {
      return Number.isFinite(level) ? rows - Math.round(fraction(level, low, high) * rows) : Number.NaN;
    });
  const [lowest, highest] = [rowsOf(band.low), rowsOf(band.high)];
  return (row, column) => row >= (highest[column] as number) && row <= (lowest[column] as number);
}

/** Characters that the widest label of this chart takes. */
export function chartMargin(input: ChartInput, height?: number): number {
  return Math.max(0, ...(axisOf(input, height)?.labels ?? []).map((label) => label.length));
}

/** Columns that are left for the plot beside labels, a space and the axis. */
export function plotWidth(columns: number, margin: number): number {
  return Math.max(1, columns - margin - 2);
}

/** One row of blocks, as high as the share of `top`; blank is none, and what is not none is seen. */
export function sparkline(values: readonly number[], top: number): string {
  return values
    .map((value) => (value > 0 && top > 0 ? "▁▂▃▄▅▆▇█"[Math.min(8, Math.ceil((value / top) * 8)) - 1] : " "))
    .join("");
}

/** Two lines below a chart: the rule with its ticks, and their times. */
export function timeAxis(total_s: number, width: number, margin: number): string[] {
  const rule = new Array<string>(width).fill("─");
  const times = new Array<string>(width).fill(" ");
  const spacing_s = tickSpacing(total_s, width);
  for (let tick = 0; tick * spacing_s < total_s || tick === 0; tick++) {
    const label = tickText(tick * spacing_s);
    // The tiny addition keeps a tick on a column's left edge in that column whatever the division does.
    const column = tick === 0 ? 0 : Math.floor((tick * spacing_s * width) / total_s + 1e-9);
    if (column + label.length > width) break;
    rule[column] = "┬";
    times.splice(column, label.length, ...label);
  }
  const indent = " ".repeat(margin + 1);
  return [`${indent}└${rule.join("")}`, `${indent} ${times.join("").trimEnd()}`];
}

/**
 * As many values as there are columns. The maximum keeps every peak; the mean weighs each step by how much of
 * it lies in the column, so that the area stays. What is not finite is left out; a column of such is NaN.
 */
export function resample(values: readonly number[], width: number, how: "max" | "mean"): number[] {
  const ratio = values.length / width;
  return Array.from({ length: width }, (_, column) => {
    const begin = column * ratio;
    const end = begin + ratio;
    if (ratio <= 1 && how === "max") return values[Math.floor((begin + end) / 2)] as number;
    let highest = Number.NEGATIVE_INFINITY;
    let sum = 0;
    let weights = 0;
    for (let step = Math.floor(begin); step < Math.min(values.length, end); step++) {
      const value = values[step] as number;
      const weight = Math.min(end, step + 1) - Math.max(begin, step);
      if (!Number.isFinite(value) || weight <= 1e-9) continue;
      highest = Math.max(highest, value);
      sum += (value - sum) * (weight / (weights + weight));
      weights += weight;
    }
    if (weights === 0) return Number.NaN;
    return how === "max" ? highest : sum;
  });
}

function axisOf({ values, band, from, to, limit }: ChartInput, height = 8): Axis | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  for (const level of [...(band?.low ?? []), ...(band?.high ?? [])].filter(Number.isFinite)) {
    low = Math.min(low, level);
    high = Math.max(high, level);
  }
  if (from !== undefined) low = Math.min(low, from);
  if (to !== undefined) high = Math.max(high, to);
  // A limit far above the data would press it flat; its number is in the title anyway.
  if (limit !== undefined && limit >= high && limit <= 1.5 * high) high = limit;
  // A flat series gets the zero line as its other end.
  if (low === high) {
    if (low === 0) high = 1;
    else if (low > 0) low = 0;
    else high = 0;
  }
  const intervals = intervalsOf(high - low, Math.max(2, height) - 1);
  const levels = Array.from({ length: intervals + 1 }, (_, row) => mix(high, low, row / intervals));
  return { low, high, labels: labelsOf(levels) };
}

/** Fewer rows, or two more, if the labels become whole numbers that way. */
function intervalsOf(range: number, most: number): number {
  if (!Number.isSafeInteger(range)) return most;
  for (let intervals = most; intervals >= Math.min(4, most, range); intervals--) {
    if (range % intervals === 0) return intervals;
  }
  return [most + 1, most + 2].find((intervals) => range % intervals === 0) ?? most;
}

/** The shortest texts that are off by less than a tenth of a row. */
function labelsOf(levels: readonly number[]): string[] {
  const [first, second] = levels as [number, number];
  const tolerance = Math.abs(first / 10 - second / 10);
  const largest = Math.max(...levels.map(Math.abs));
  const plain = largest < 1e9 && largest >= 1e-5;
  const write = (level: number, digits: number) =>
    (plain ? level.toFixed(digits) : level.toExponential(digits)).replace(/^-(?=[0.]+(e\+0)?$)/, "");
  for (let digits = 0; digits < 17; digits++) {
    const labels = levels.map((level) => write(level, digits));
    if (levels.every((level, row) => Math.abs(Number(labels[row]) - level) <= tolerance)) return labels;
  }
  return levels.map((level) => write(level, 17));
}

/** From `start` at 0 to `end` at 1, exact at both, without overflow. */
function mix(start: number, end: number, part: number): number {
  if (part === 1) return end;
  return start * (1 - part) + end * part;
}

/**
 * Where between low and high a level is, 0 to 1; scaled first, so that no difference overflows or vanishes.
 */
function fraction(level: number, low: number, high: number): number {
  const scale = Math.max(Math.abs(low), Math.abs(high));
  const range = high / scale - low / scale;
  return range > 0 ? Math.min(1, Math.max(0, (level / scale - low / scale) / range)) : 0;
}

/** Gaps take the level before them (or the first after them), only so that the line can be drawn. */
function filled(levels: readonly number[]): number[] {
  let last = levels.find(Number.isFinite) as number;
  return levels.map((level) => {
    if (Number.isFinite(level)) last = level;
    return last;
  });
}

const TICKS_S = [
  ...[-9, -8, -7, -6, -5, -4, -3, -2, -1].flatMap((power) => [1, 2, 5].map((lead) => lead * 10 ** power)),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800],
  ...[3600, 7200, 21_600, 43_200, 86_400, 172_800, 432_000],
];

/** The closest ticks whose labels do not touch. */
function tickSpacing(total_s: number, width: number): number {
  const fits = (spacing_s: number) => {
    const ticks = Math.ceil(total_s / spacing_s);
    if (ticks * 4 > width) return false;
    const labels = Array.from({ length: ticks }, (_, tick) => tickText(tick * spacing_s));
    return (spacing_s * width) / total_s >= Math.max(...labels.map((label) => label.length)) + 2;
  };
  return TICKS_S.find(fits) ?? total_s;
}

/** `0s`, `500ms`, `30s`, `1m30s`, `2h`. */
function tickText(seconds: number): string {
  return goText(Math.round(seconds * SECOND))
    .replace(/m0s$/, "m")
    .replace(/h0m$/, "h");
}
