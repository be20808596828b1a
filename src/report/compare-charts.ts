// The charts of two scenarios side by side, on the same axes: levels such as the accept queue, then outcomes.

import pc from "picocolors";
import { isSuccess } from "../component/outcome.js";
import type { Comparison } from "../run/comparison.js";
import type { LevelSeries, Series } from "../run/result.js";
import { type ChartInput, chart, chartMargin, plotWidth, resample, sparkline, timeAxis } from "./chart.js";
import { countText } from "./format.js";
import { printable, type TextOptions, wrap } from "./lines.js";
import { isQueue, rateText } from "./run-charts.js";

const BETWEEN = "  ";

/** Lines of all charts, A on the left and B on the right, an empty one between two. */
export function compareCharts({ a, b }: Comparison, options: TextOptions): string[] {
  const width = Math.max(20, Math.floor((options.columns - BETWEEN.length) / 2));
  const half = { ...options, columns: width };
  const series = [a.series, b.series] as const;
  const total_s = Math.max(...series.map(lengthOf));
  const names = [...new Set(series.flatMap(({ levels }) => levels.map(({ name }) => name)))];
  const sorted = [...names.filter(isQueue), ...names.filter((name) => !isQueue(name))];
  const lines = sorted.flatMap((name) => levelCharts(name, series, total_s, half));
  return [...lines, ...outcomeCharts(series, total_s, half)];
}

function lengthOf({ step_s, levels, outcomes }: Series): number {
  const steps = [...levels.map(({ mean }) => mean.length), ...outcomes.map(({ count }) => count.length)];
  return step_s * Math.max(0, ...steps);
}

/** Nothing where it is always 0 in both. */
function levelCharts(
  name: string,
  series: readonly [Series, Series],
  total_s: number,
  options: TextOptions,
): string[] {
  const inputs = series.map((one) => inputOf(one, name, total_s));
  const highest = inputs.reduce(
    (most, input) => Math.max(most, ...(input?.values.filter(Number.isFinite) ?? [])),
    0,
  );
  if (highest === 0) return [];
  const [one, other] = inputs.map((input) => input?.limit);
  const height = isQueue(name) ? 7 : 5;
  const axes = inputs.map(
    (input) => input && { ...input, to: highest, limit: one === other ? one : undefined },
  );
  const margin = Math.max(...axes.map((input) => (input ? chartMargin(input, height) : 0)));
  const draw = (side: number, colour: boolean) => {
    const input = axes[side];
    return input ? chart(input, { ...options, colour, height, margin }) : ["(there is none)"];
  };
  const limits = one === other ? limitText(one) : `${limitText(one)} in A${limitText(other)} in B`;
  const step = isQueue(name) ? "highest in each step" : "mean of each step";
  const title = `${name}${limits}, ${step}: A on the left, B on the right`;
  return [...wrap(title, 2 * options.columns + BETWEEN.length, 2), ...beside(draw, options), ""];
}

function limitText(limit: number | undefined): string {
  return limit === undefined ? "" : `, limit ${countText(limit)}`;
}

/** A level of one scenario, on a time axis as long as that of the longer one. */
function inputOf({ step_s, levels }: Series, name: string, total_s: number): ChartInput | undefined {
  const level: LevelSeries | undefined = levels.find((one) => one.name === name);
  if (!level) return undefined;
  const queue = isQueue(name);
  const values = padded(queue ? level.max : level.mean, step_s, total_s, Number.NaN);
  return { values, step_s, resample: queue ? "max" : "mean", from: 0, limit: level.limit };
}

function padded(values: readonly number[], step_s: number, total_s: number, by: number): number[] {
  const missing = Math.max(0, Math.ceil(total_s / step_s) - values.length);
  return [...values, ...new Array<number>(missing).fill(by)];
}

/** Sparklines, each outcome up to its own highest rate in either. */
function outcomeCharts(series: readonly [Series, Series], total_s: number, options: TextOptions): string[] {
  const names = [...new Set(series.flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome)))].sort();
  const rates = names.map((name) => {
    const both = series.map(({ outcomes, step_s }) => {
      const count = outcomes.find(({ outcome }) => outcome === name)?.count ?? [];
      return padded(count, step_s, total_s, 0).map((ended) => ended / step_s);
    });
    const highest = both.flat().reduce((most, rate) => Math.max(most, rate), 0);
    return { name, both, highest, label: `${printable(name)} ${rateText(highest)}/s` };
  });
  const shown = rates.filter(({ highest }) => highest > 0);
  if (shown.length === 0) return [];
  const margin = Math.max(...shown.map(({ label }) => label.length));
  const width = plotWidth(options.columns, margin);
  const draw = (side: number, colour: boolean) => [
    ...shown.map(({ name, both, highest, label }) => {
      const line = sparkline(resample(both[side] as number[], width, "mean"), highest).trimEnd();
      const colours = pc.createColors(colour);
      const paint = isSuccess(name) ? colours.green : colours.red;
      return `${label.padStart(margin)} ┤${paint(line)}`;
    }),
    ...timeAxis(total_s, width, margin),
  ];
  const title = "requests ended, by outcome, each up to its highest rate in either";
  return [...wrap(title, 2 * options.columns + BETWEEN.length, 2), ...beside(draw, options)];
}

/** A on the left, B on the right; without colours the left one says how wide it is. */
function beside(
  draw: (side: number, colour: boolean) => readonly string[],
  { columns, colour }: TextOptions,
): string[] {
  const [left, plain, right] = [draw(0, colour), draw(0, false), draw(1, colour)];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => {
    const blanks = " ".repeat(Math.max(0, columns - (plain[row] ?? "").length));
    return `${left[row] ?? ""}${blanks}${BETWEEN}${right[row] ?? ""}`.trimEnd();
  });
}
