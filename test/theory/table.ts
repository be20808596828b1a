// The published table: every case beside its exact value, with the distance between the two.

import { type Case, cases, theoryValue } from "./cases.js";
import type { Estimate } from "./estimate.js";

export interface Row {
  of: Case;
  /** The largest relative half-width. */
  asked: number;
  estimate: Estimate;
}

/** Markdown. `relativeHalfWidth` is what was asked for, `limit` the largest |z| that chance explains. */
export function table(rows: readonly Row[], relativeHalfWidth: number, limit: number): string {
  const largest = Math.max(...rows.map(({ estimate }) => Math.abs(estimate.z)));
  const largestPlain = Math.max(...rows.map(({ estimate }) => Math.abs(estimate.plainZ)));
  const others = rows
    .filter(({ asked }) => asked !== relativeHalfWidth)
    .map(({ of, asked }) => ` (${of.id}: ${percent(asked)})`)
    .join("");
  return [
    "| case | model | quantity | exact | estimate | half-width | z | plain z | replications |",
    "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ...rows.map(line),
    "",
    `Half-widths are those of two-sided 99.9 % intervals, asked to be at most ${percent(relativeHalfWidth)}${others} of the exact`,
    "value; how many replications that takes follows from pilot replications with random numbers of their own. z is the",
    "distance from the exact value in standard errors, plain z that of the mean without control variates.",
    `Largest |z|: ${largest.toFixed(2)}, plain ${largestPlain.toFixed(2)}. Of ${cases.length} right cases the largest is ` +
      `above ${limit.toFixed(2)} once in a thousand times.`,
    'No seed was picked: the pilot\'s is "pilot", that of the estimate "theory".',
    "",
  ].join("\n");
}

function line({ of, estimate }: Row): string {
  const { model, params, quantity, value: exact } = theoryValue(of.id);
  const { value, halfWidth, z, plainZ, replications } = estimate;
  const cells = [
    of.id,
    `${of.law === undefined ? model : `${model}, here ${of.law}`}; ${params}`,
    quantity,
    exact.toPrecision(8),
    value.toPrecision(6),
    `${halfWidth.toPrecision(2)} (${percent(halfWidth / exact)})`,
    z.toFixed(2),
    plainZ.toFixed(2),
    String(replications),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
