// scenarios/README.md: for each accident its claim, a chart, what it expects and gives, and what fixes it.

import type { CheckedThreshold } from "../../src/check/check-result.js";
import { estimateText } from "../../src/report/check/sentence.js";
import { runCharts } from "../../src/report/run-charts.js";
import type { Result } from "../../src/run/result.js";

export interface Told {
  /** NAME, or NAME/REMEDY. */
  name: string;
  /** Its text. */
  text: string;
  /** What it expects of itself. */
  thresholds: readonly CheckedThreshold[];
}

export interface Accident extends Told {
  result: Result;
  remedies: Told[];
}

const COLUMNS = 100;

export function page(accidents: readonly Accident[]): string {
  const lines = [
    "# Accidents",
    "",
    "What has gone wrong for others, as scenarios: `recvq run NAME` shows one, `recvq check NAME` proves what its first",
    "line claims, and `recvq run NAME/REMEDY` or `recvq compare NAME NAME/REMEDY` what a remedy does to it. With each remedy",
    "something that the accident expects is no longer so. What is expected comes from the source or from theory, not from a",
    "run; ± is the wider side of a 95 % interval.",
    "",
    "This page is written by `npx vitest run test/accidents -u` from the files beside it and what they give.",
    "",
    ...accidents.map(({ name, text }) => `- [${name}](#${name.toLowerCase()}): ${claimOf(text)}`),
    ...accidents.flatMap(section),
  ];
  return `${lines.join("\n")}\n`;
}

function section({ name, text, thresholds, result, remedies }: Accident): string[] {
  return [
    "",
    `## ${name}`,
    "",
    `**${claimOf(text)}** ${storyOf(text)}`,
    "",
    ...sourcesOf(text).map((source) => `- Source: ${source}`),
    "",
    "```text",
    ...chartOf(result),
    "```",
    "",
    ...table(thresholds),
    ...remedies.flatMap((remedy) => [
      "",
      `What if: [\`${remedy.name}\`](${remedy.name}.yaml). ${claimOf(remedy.text)} ${storyOf(remedy.text)}`.trimEnd(),
      "",
      ...table(remedy.thresholds),
    ]),
  ];
}

/** Columns as wide as their widest cell, as the formatter wants them. */
function table(thresholds: readonly CheckedThreshold[]): string[] {
  const rows = thresholds.map((one) => [`\`${one.text}\``, estimateText(one).replaceAll("|", "\\|")]);
  const all = [["expected", "predicted"], ...rows];
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => (row[column] as string).length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(all[0] as string[]), rule, ...rows.map(line)];
}

/** The first level, which is an accept queue if any has been used, and what became of the requests. */
function chartOf(result: Result): string[] {
  const lines = runCharts(result, { columns: COLUMNS, colour: false });
  const end = lines.indexOf("");
  const last = lines.lastIndexOf("");
  return [...lines.slice(0, end), ...(last > end ? lines.slice(last) : lines.slice(end))].map((line) =>
    line.trimEnd(),
  );
}

/** Its comment's first line. */
function claimOf(text: string): string {
  return commentOf(text)[0] ?? "";
}

export function sourcesOf(text: string): string[] {
  return paragraphs(text).flatMap((one) => (one.startsWith(SOURCE) ? [one.slice(SOURCE.length)] : []));
}

/** What the comment says besides. */
function storyOf(text: string): string {
  return paragraphs(text)
    .filter((one) => !one.startsWith(SOURCE))
    .join(" ");
}

const SOURCE = "Source: ";

/** Lines after the first; one that begins a source or a hint begins a paragraph. */
function paragraphs(text: string): string[] {
  const parts: string[] = [];
  for (const line of commentOf(text).slice(1)) {
    if (parts.length === 0 || /^(Source|Try): /.test(line)) parts.push(line);
    else parts.push(`${parts.pop()} ${line}`);
  }
  return parts;
}

/** Of the comment that a file opens with. */
function commentOf(text: string): string[] {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("# ") || line.startsWith("# yaml-language-server"));
  return lines.slice(0, end).map((line) => line.slice(2));
}
