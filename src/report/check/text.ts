// A check for the terminal: a line for each scenario and each threshold; of what failed, why and where.

import pc from "picocolors";
import type { Check, CheckedThreshold, ScenarioCheck, Verdict } from "../../check/check-result.js";
import { printable, type TextOptions, wrap } from "../lines.js";
import {
  baselineText,
  basisOf,
  causeTexts,
  changeTexts,
  culpritTexts,
  estimateText,
  isAsked,
  needed,
  totals,
} from "./sentence.js";

type Colours = ReturnType<typeof pc.createColors>;

const MARKS: Record<Verdict, string> = { passed: "✓", failed: "✗", undecided: "?" };

/** What is said of one scenario. With `quiet` only of one that did not pass. */
export function scenarioText(check: ScenarioCheck, options: TextOptions): string {
  const colours = pc.createColors(options.colour);
  if (options.quiet && check.status === "passed") return "";
  return linesOf(check, options.columns, colours)
    .map((line) => `${line}\n`)
    .join("");
}

/** The last line. */
export function totalsText(
  check: Pick<Check, "scenarios" | "status">,
  { columns, colour }: TextOptions,
): string {
  const colours = pc.createColors(colour);
  return wrap(totals(check), columns)
    .map((line) => `${colours.bold(painter(check.status, colours)(line))}\n`)
    .join("");
}

/** All of it. */
export function checkText(check: Check, options: TextOptions): string {
  const parts = check.scenarios.map((one) => scenarioText(one, options)).join("");
  return `${parts}${parts === "" ? "" : "\n"}${totalsText(check, options)}`;
}

function linesOf(check: ScenarioCheck, columns: number, colours: Colours): string[] {
  const { source, status, thresholds, warnings } = check;
  if (!isAsked(check)) return wrap(`- ${source}: expects nothing`, columns, 2).map(colours.dim);
  const widest = Math.max(0, ...thresholds.map(({ text }) => printable(text).length));
  return [
    ...wrap(`${MARKS[status]} ${source} (${basisOf(check)})`, columns, 2).map(painter(status, colours)),
    ...thresholds.flatMap((one) => thresholdLines(one, widest, columns, colours)),
    ...(status === "passed" ? [] : causeLines(check, columns, colours)),
    ...baselineLines(check, columns, colours),
    ...warnings.flatMap((text) => wrap(`Warning: ${text}`, columns, 6, 4)).map(colours.yellow),
  ];
}

function thresholdLines(
  threshold: CheckedThreshold,
  widest: number,
  columns: number,
  colours: Colours,
): string[] {
  const { text, status } = threshold;
  const line = `${MARKS[status]} ${printable(text).padEnd(widest)}  ${estimateText(threshold)}`;
  const painted = wrapKept(line, columns).map(status === "passed" ? same : painter(status, colours));
  return [
    ...painted,
    ...(status === "undecided" ? wrap(needed(threshold), columns, 8, 8) : []),
    ...(status === "passed" ? [] : wrap(placeText(threshold), columns, 8, 8).map(colours.dim)),
  ];
}

const same = (text: string) => text;

/** Spaces between the columns stay. */
function wrapKept(line: string, columns: number): string[] {
  return line.length + 4 <= columns ? [`    ${line}`] : wrap(line.replace(/ {2,}/g, " "), columns, 8, 4);
}

function placeText({ file, line, column }: CheckedThreshold): string {
  return line === null ? file : `${file}:${line}:${column}`;
}

function causeLines(check: ScenarioCheck, columns: number, colours: Colours): string[] {
  const lines = causeTexts(check).flatMap(({ share, text, settings }) => [
    ...wrap(`${share.padStart(8)}  ${text}`, columns, 14, 4),
    ...(settings.length > 0 ? wrap(settings.join(", "), columns, 14, 14).map(colours.dim) : []),
  ]);
  return lines.length > 0 ? ["    Causes of failure", ...lines] : [];
}

function baselineLines({ baseline }: ScenarioCheck, columns: number, colours: Colours): string[] {
  const text = baseline && baselineText(baseline);
  if (!baseline || text === undefined || text === null) return [];
  const isAlarm = baseline.status === "changed";
  if (!isAlarm && baseline.status !== "updated") return wrap(`- ${text}`, columns, 6, 4).map(colours.dim);
  const changes = changeTexts(baseline);
  const [widest, wide] = [widestOf(changes, "metric"), widestOf(changes, "values")];
  const aligned = changes.map(
    ({ metric, values, change }) =>
      `${" ".repeat(6)}${metric.padEnd(widest)}  ${values.padStart(wide)}  ${change}`,
  );
  const isNarrow = aligned.some(({ length }) => length > columns);
  return [
    ...wrap(`${isAlarm ? MARKS.failed : "-"} ${text}`, columns, 6, 4).map(
      isAlarm ? painter("failed", colours) : colours.dim,
    ),
    ...(isNarrow
      ? changes.flatMap(({ metric, values, change }) =>
          wrap(`${metric} ${values}, ${change}`, columns, 10, 6),
        )
      : aligned),
    ...culpritTexts(baseline).flatMap((one) => wrap(`because of ${one}`, columns, 10, 6)),
    ...(isAlarm ? wrap("If it is meant to be so: --update-baseline", columns, 8, 6).map(colours.dim) : []),
  ];
}

function widestOf<Key extends string>(rows: readonly Record<Key, string>[], key: Key): number {
  return Math.max(...rows.map((row) => row[key].length));
}

function painter(status: Verdict, colours: Colours): (text: string) => string {
  if (status === "passed") return colours.green;
  return status === "failed" ? colours.red : colours.yellow;
}
