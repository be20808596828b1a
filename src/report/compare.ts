// What `recvq compare` prints: the verdict, what differs in settings, the table of differences, the charts.

import pc from "picocolors";
import type { ChangedSetting, Comparison, Difference } from "../run/comparison.js";
import { compareCharts } from "./compare-charts.js";
import { compareVerdict } from "./compare-verdict.js";
import { differenceText, plainText, relativeText, valueText } from "./difference.js";
import { countText } from "./format.js";
import { type TextOptions, wrap } from "./lines.js";
import { verdict } from "./verdict.js";

/** The whole text, ending in a newline. */
export function compareText(comparison: Comparison, options: TextOptions): string {
  const { columns, colour, quiet } = options;
  if (quiet) return `${wrap(compareVerdict(comparison), Number.POSITIVE_INFINITY).join("\n")}\n`;
  const colours = pc.createColors(colour);
  const { a, b, settings, differences } = comparison;
  const warnings = [
    ...comparison.warnings,
    ...a.warnings.map((text) => `A: ${text}`),
    ...b.warnings.map((text) => `B: ${text}`),
  ];
  const changed = settings.flatMap((setting) => wrap(settingText(setting), columns, 6, 2));
  const lines = [
    ...warnings.flatMap((text) => wrap(`Warning: ${text}`, columns, 2)).map(colours.yellow),
    ...wrap(compareVerdict(comparison), columns).map(colours.bold),
    ...wrap(basis(comparison), columns).map(colours.dim),
    ...gain(comparison).flatMap((text) => wrap(text, columns).map(colours.dim)),
    "",
    ...wrap(`A  ${a.source}: ${verdict(a)}`, columns, 3),
    ...wrap(`B  ${b.source}: ${verdict(b)}`, columns, 3),
    ...(changed.length > 0 ? ["", colours.bold("Settings (A -> B)"), ...changed] : []),
    "",
    ...table(differences, columns, colours),
    "",
    ...compareCharts(comparison, options),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** Where the differences come from and what ± means. */
function basis({ replications, seed, recvq, a, b, settings, differences }: Comparison): string {
  if (a.deterministic && b.deterministic) return `recvq ${recvq}. Nothing here is random: exact.`;
  const never = a.deterministic || b.deterministic;
  const which = never ? ` ${a.deterministic ? "A" : "B"} never varies.` : "";
  const from = `the same random numbers for both, recvq ${recvq}, seed ${seed}`;
  const pairs = `${countText(replications)} pairs of replications, ${from}.${which}`;
  if (settings.length === 0) return pairs;
  const sure = "better, worse, more and less hold for all rows together at 95 % (Holm)";
  const few = differences.some(({ method, finding }) => method === "gained and lost" && finding !== "same")
    ? " Where few events make a share's difference, its ± is that of gained and lost ones, not Student's."
    : "";
  const meaning = `± is the 95 % interval of each difference, from the pairs; ${sure}, "?" is not told yet.`;
  return `${pairs} ${meaning}${few}`;
}

/** By how much common random numbers have narrowed the intervals. */
function gain({ variance_ratio: median, differences, settings }: Comparison): string[] {
  const success = differences.find(({ metric }) => metric === "success.share")?.variance_ratio;
  if (median === null || settings.length === 0) return [];
  const ratio = success ?? median;
  const what =
    success === null || success === undefined
      ? `median of all rows ${ratioText(median)}`
      : `share of successes ${ratioText(success)}, median of all rows ${ratioText(median)}`;
  const times = 1 / ratio;
  const worth =
    times >= 1.1
      ? `independent runs would take ${Number(times.toPrecision(2))} times as many replications`
      : "independent runs would do as well here";
  return [`Variance of the difference over that of independent runs: ${what}; ${worth}.`];
}

function ratioText(ratio: number): string {
  return String(Number(ratio.toPrecision(2)));
}

function settingText({ path, a, b }: ChangedSetting): string {
  return `${path}: ${plainText(a)} -> ${plainText(b)}`;
}

const TITLES: Record<Exclude<Difference["kind"], "level">, string> = {
  outcome: "Outcomes",
  cause: "Causes of failure",
  latency: "Latency of successes",
  throughput: "Successes a second",
  work: "Work",
};

/** The rows by what they are about; a label that is too long has a line of its own. */
function table(
  differences: readonly Difference[],
  columns: number,
  colours: ReturnType<typeof pc.createColors>,
): string[] {
  const rows = differences.map((one) => ({ one, title: titleOf(one), cells: cellsOf(one) }));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map(({ cells }) => (cells[column] as string).length)),
  );
  const numbersWidth = widths.reduce((sum, width) => sum + width + 2, 0);
  const label = Math.min(
    LABEL,
    Math.max(SHORT_LABEL, columns - 2 - numbersWidth),
    Math.max(0, ...differences.map((one) => labelOf(one).length)),
  );
  const numbers = (cells: readonly string[]) =>
    cells.map((cell, column) => {
      const width = widths[column] as number;
      return column === cells.length - 1 ? cell : cell.padStart(width);
    });
  const line = (begin: string, cells: readonly string[]) =>
    `  ${begin.padEnd(label)}  ${numbers(cells).join("  ")}`.trimEnd();
  let title = "";
  const lines = [line("", HEADINGS)];
  for (const row of rows) {
    if (row.title !== title) lines.push(colours.bold(row.title));
    title = row.title;
    const name = labelOf(row.one);
    if (name.length > label) lines.push(`  ${name}`);
    const text = line(name.length > label ? "" : name, row.cells);
    lines.push(paintOf(row.one, colours)(text));
  }
  return lines;
}

const HEADINGS = ["A", "B", "B - A", "±", "of A", ""];
/** `client-timeout`, and `mean`. */
const LABEL = 14;
const SHORT_LABEL = 4;

function titleOf({ kind, metric }: Difference): string {
  return kind === "level" ? metric.replace(/\.(max|mean)$/, "") : TITLES[kind];
}

function labelOf({ kind, metric }: Difference): string {
  if (kind === "level") return metric.endsWith(".max") ? "peak" : "mean";
  return metric.replace(/^(cause|success\.latency|workers)\./, "").replace(/\.share$/, "");
}

function cellsOf({ a, b, difference, unit, relative, finding, replications_needed }: Difference): string[] {
  const printed = difference && differenceText(difference, unit);
  const needed =
    replications_needed === null ? "" : ` ${countText(Number(replications_needed.toPrecision(2)))}`;
  return [
    valueText(a, unit),
    valueText(b, unit),
    printed?.text ?? "-",
    printed?.spread ?? "",
    finding === "same" ? "" : relativeText(relative),
    finding === "undecided" ? (difference === null ? "" : `?${needed}`) : finding,
  ];
}

function paintOf({ finding }: Difference, colours: ReturnType<typeof pc.createColors>) {
  if (finding === "better") return colours.green;
  return finding === "worse" ? colours.red : (text: string) => text;
}
