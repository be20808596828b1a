// The charts of a run, one below the other on one time axis: levels such as the accept queue, then the
// outcomes.

import pc from "picocolors";
import { isSuccess } from "../component/outcome.js";
import { SECOND } from "../engine/time.js";
import type { LevelSeries, OutcomeSeries, Result } from "../run/result.js";
import { type ChartInput, chart, chartMargin, plotWidth, resample, sparkline, timeAxis } from "./chart.js";
import { countText, fixed, goText, halfWidth, printCount, prose, spaced } from "./format.js";
import { printable, type TextOptions, wrap } from "./lines.js";

/** Lines of all charts, an empty one between two. */
export function runCharts({ series, replications }: Result, options: TextOptions): string[] {
  const { step_s, levels, outcomes } = series;
  const charts = [
    ...levels.filter(({ name }) => isQueue(name)),
    ...levels.filter(({ name }) => !isQueue(name)),
  ]
    .filter(({ peak }) => peak.value > 0)
    .map((level) => levelChart(level, step_s, replications));
  const rates = outcomes
    .filter(({ count }) => count.some((ended) => ended > 0))
    .map((outcome) => rateOf(outcome, step_s));
  const labels = rates.map((rate) => rate.label.length);
  const margin = Math.max(0, ...charts.map(({ input, height }) => chartMargin(input, height)), ...labels);
  const { columns, colour } = options;
  const lines = charts.flatMap(({ title, input, height }) => [
    ...wrap(title, columns, 2),
    ...chart(input, { columns, colour, height, margin }),
    "",
  ]);
  for (const { name, peak } of levels)
    if (peak.value === 0) lines.push(...wrap(`${name}: always 0`, columns, 2), "");
  if (rates.length > 0) lines.push(...outcomeChart(rates, step_s, margin, options));
  return lines;
}

/**
 * The accept queue and the like by their highest level in a step, as a burst counts; workers by their mean.
 */
function levelChart(
  level: LevelSeries,
  step_s: number,
  replications: number,
): { title: string; input: ChartInput; height: number } {
  const queue = isQueue(level.name);
  const { name, limit, peak, average } = level;
  const title = [
    `${name}${/^accept queue /.test(name) ? " (Recv-Q of ss -l)" : ""}: peak ${prose(printCount(peak))}`,
    ...(limit === undefined ? [] : [`limit ${countText(limit)}`]),
    `mean ${halfWidth(average) > 0 ? prose(printCount(average)) : meanText(average.value)}`,
    `drawn: ${queue ? "highest in" : "mean of"} each step`,
    ...(replications > 1 ? ["averaged over replications"] : []),
  ].join(", ");
  const values = queue ? level.max : level.mean;
  const height = queue ? 8 : 5;
  return { title, height, input: { values, step_s, resample: queue ? "max" : "mean", from: 0, limit } };
}

/** Whether a level of this name is drawn by its highest values. */
export function isQueue(name: string): boolean {
  return !/^busy /.test(name);
}

function stepText(step_s: number): string {
  return spaced(goText(Math.round(step_s * SECOND)));
}

function meanText(mean: number): string {
  return String(Number(mean.toPrecision(3)));
}

interface Rate {
  outcome: string;
  label: string;
  perSecond: number[];
  highest: number;
}

function rateOf({ outcome, count }: OutcomeSeries, step_s: number): Rate {
  const perSecond = count.map((ended) => ended / step_s);
  const highest = perSecond.reduce((most, rate) => Math.max(most, rate), 0);
  return { outcome, label: `${printable(outcome)} ${rateText(highest)}/s`, perSecond, highest };
}

/** A rate in three digits. */
export function rateText(rate: number): string {
  return rate >= 100 ? countText(Math.round(rate)) : meanText(Number(fixed(rate, 4)) || rate);
}

/** Small charts, each on its own scale: on one scale, a burst of 502 would press all others flat. */
function outcomeChart(
  rates: readonly Rate[],
  step_s: number,
  margin: number,
  options: TextOptions,
): string[] {
  const colours = pc.createColors(options.colour);
  const width = plotWidth(options.columns, margin);
  const steps = rates[0]?.perSecond.length ?? 0;
  return [
    ...wrap(
      `requests ended, by outcome, each up to its own highest rate (steps of ${stepText(step_s)})`,
      options.columns,
      2,
    ),
    ...rates.map(({ outcome, label, perSecond, highest }) => {
      const line = sparkline(resample(perSecond, width, "mean"), highest).trimEnd();
      const paint = isSuccess(outcome) ? colours.green : colours.red;
      return `${label.padStart(margin)} ┤${paint(line)}`;
    }),
    ...timeAxis(steps * step_s, width, margin),
  ];
}
