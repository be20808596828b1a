// A check for the terminal: a line for each scenario and each threshold; of what failed, why and where.

import pc from "picocolors";
import type { Check, CheckedThreshold, ScenarioCheck, Verdict } from "../../check/check-result.js";
import { printable, type TextOptions, wrap } from "../lines.js";
import { basisOf, causeTexts, estimateText, needed, totals } from "./sentence.js";

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
  if (thresholds.length === 0) return wrap(`- ${source}: expects nothing`, columns, 2).map(colours.dim);
  const widest = Math.max(...thresholds.map(({ text }) => printable(text).length));
  return [
    ...wrap(`${MARKS[status]} ${source} (${basisOf(check)})`, columns, 2).map(painter(status, colours)),
    ...thresholds.flatMap((one) => thresholdLines(one, widest, columns, colours)),
    ...(status === "passed" ? [] : causeLines(check, columns, colours)),
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

function painter(status: Verdict, colours: Colours): (text: string) => string {
  if (status === "passed") return colours.green;
  return status === "failed" ? colours.red : colours.yellow;
}
