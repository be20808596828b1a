// The table of recvq verify: a line a case, and below it what does not agree.

import type { Beside } from "./reasons.js";
import type { Difference } from "./score.js";
import type { Verified } from "./verify.js";

const FAR = "  <- far apart";
const HEADER = ["case", "outcomes pp", "p50 %", "p95 %", ""];

/**
 * Error and, behind a slash, its limit for each part of the score; then causes, queues, TIME_WAIT and the
 * kernel's counters, predicted and measured, with a mark where they disagree grossly.
 */
export function verifyText(cases: readonly Verified[]): string {
  const rows = [HEADER, ...cases.map(row)];
  const widths = HEADER.map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] as string).length)),
  );
  const table = rows.map((cells, index) => {
    const line = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
    );
    return [line.join("  ").trimEnd(), ...(index === 0 ? [] : below(cases[index - 1] as Verified))].join(
      "\n",
    );
  });
  const passed = cases.filter((one) => one.passed).length;
  return `${table.join("\n")}\n\n${passed} of ${cases.length} cases passed\n`;
}

function row(one: Verified): string[] {
  const verdict = one.passed ? "passed" : "FAILED";
  if (!one.score) return [one.name, "-", "-", "-", verdict];
  const { error, limit } = one.score;
  const pair = (key: keyof Difference) => `${error[key].toFixed(2)} / ${limit[key].toFixed(1)}`;
  return [one.name, pair("outcomes"), pair("p50"), pair("p95"), verdict];
}

function below(one: Verified): string[] {
  if (one.problem !== undefined) {
    const notes = one.notes.map(({ where, directive, text }) => `    ${where} ${directive}: ${text}`);
    return [...one.problem.split("\n").map((line) => `  ${line}`), ...notes];
  }
  const all = [one.log, one.queues, one.timeWaits, one.netstat];
  return all.flatMap((some = []) => some.map(besideLine));
}

function besideLine({ what, predicted, measured, far }: Beside): string {
  const expected = predicted === null ? "-" : number(predicted);
  return `  ${what}: predicted ${expected}, measured ${measured.map(number).join(" and ")}${far ? FAR : ""}`;
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
