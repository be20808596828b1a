// The published table: every case beside its exact value, with the distance between the two, and why others are not
// there.

import { type Case, cases, reasonLeftOut, theoryValue, values } from "./cases.js";
import type { Estimate } from "./estimate.js";
import type { RareRow } from "./rare.js";
import { momentsOf } from "./scores.js";

export interface Row {
  of: Case;
  /** The largest relative half-width. */
  asked: number;
  estimate: Estimate;
}

export interface Given {
  /** What was asked for. */
  relativeHalfWidth: number;
  /** The largest |z| that chance explains. */
  limit: number;
  /** Distances of short estimates of all cases, which should be standard normal. */
  scores: readonly number[];
  /** What was found by splitting, and the largest relative half-width. */
  rare: { rows: readonly RareRow[]; halfWidth: number };
}

/** Markdown. */
export function table(rows: readonly Row[], { relativeHalfWidth, limit, scores, rare }: Given): string {
  const exact = rows.filter(({ of }) => !of.isBound).map(({ estimate }) => estimate);
  const largest = Math.max(...exact.map(({ z }) => Math.abs(z)));
  const largestPlain = Math.max(...exact.map(({ plainZ }) => Math.abs(plainZ)));
  const others = rows
    .filter(({ asked }) => asked !== relativeHalfWidth)
    .map(({ of, asked }) => ` (${of.id}: ${percent(asked)})`)
    .join("");
  const { count, mean, variance, distance } = momentsOf(scores);
  return [
    "# The simulation beside queueing theory",
    "",
    "Written by `npm run theory`.",
    "",
    "| case | model | quantity | exact | estimate | interval | half-width | z | plain z | replications |",
    "|---|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ...rows.map(line),
    "",
    `Intervals are two-sided 99.9 % ones, whose half-width is asked to be at most ${percent(relativeHalfWidth)}${others} of the`,
    "exact value; how many replications that takes follows from pilot replications with random numbers of their own. z is",
    "the distance from the exact value in standard errors, plain z that of the mean without control variates. A value with",
    "≤ is a bound.",
    "",
    `Largest |z|: ${largest.toFixed(2)}, plain ${largestPlain.toFixed(2)}. Of ${cases.length} right cases the largest is ` +
      `above ${limit.toFixed(2)} once in a thousand times.`,
    'No seed was picked: the pilot\'s is "pilot" and the case, that of the estimate "theory" and the case.',
    "",
    `The replications make ${count} short independent estimates. Their distances from the exact values in their own`,
    `standard errors, as normal scores, have a mean of ${mean.toFixed(3)}, a variance of ${variance.toFixed(3)} and a largest`,
    `distance of ${distance.toFixed(3)} from the standard normal law.`,
    "",
    "## Rare refusals",
    "",
    `By splitting, as \`recvq run --rare\` does. Intervals are two-sided 99.9 % ones from 40 batches, whose half-width is`,
    `asked to be at most ${percent(rare.halfWidth)} of the value. The seed is "theory" and the case.`,
    "",
    "| case | model | quantity | exact | estimate | interval | half-width | z | paths |",
    "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ...rare.rows.map(rareLine),
    "",
    "## Values that are not there",
    "",
    "| value | model | quantity | why |",
    "|---|---|---|---|",
    ...missing().map(({ id, model, quantity, reason }) => cellsOf([id, model, quantity, reason])),
    "",
  ].join("\n");
}

/** What the table is as plain data. */
export type Published = ReturnType<typeof asData>;

/** The same as plain data. */
export function asData(rows: readonly Row[], { relativeHalfWidth, limit, scores, rare }: Given) {
  return {
    confidence: 0.999,
    relative_half_width: relativeHalfWidth,
    largest_z: limit,
    cases: rows.map(({ of, asked, estimate }) => {
      const { id, model, params, quantity, value: exact } = theoryValue(of.id);
      const { value, halfWidth, z, plainZ, replications } = estimate;
      return {
        ...{ id, ...(of.law !== undefined && { law: of.law }), model, params, quantity },
        ...{
          exact,
          is_bound: of.isBound === true,
          estimate: value,
          low: value - halfWidth,
          high: value + halfWidth,
        },
        ...{ asked, z, plain_z: plainZ, replications },
      };
    }),
    scores: momentsOf(scores),
    rare: rare.rows.map(({ of: { id }, value, halfWidth, z, paths }) => {
      const { model, params, quantity, value: exact } = theoryValue(id);
      return {
        ...{ id, model, params, quantity, exact, estimate: value },
        ...{ low: value - halfWidth, high: value + halfWidth, asked: rare.halfWidth, z, paths },
      };
    }),
    left_out: missing(),
  };
}

function missing() {
  return values.flatMap((value) => {
    const reason = reasonLeftOut(value);
    const { id, model, quantity } = value;
    return reason === undefined ? [] : [{ id, model, quantity, exact: value.value, reason }];
  });
}

function line({ of, estimate }: Row): string {
  const { model, params, quantity, value: exact } = theoryValue(of.id);
  const { value, halfWidth, z, plainZ, replications } = estimate;
  const [low, high] = [value - halfWidth, value + halfWidth].map((end) => end.toPrecision(6));
  return cellsOf([
    of.id,
    `${of.law === undefined ? model : `${model}, here ${of.law}`}; ${params}`,
    quantity,
    `${of.isBound ? "≤ " : ""}${exact.toPrecision(8)}`,
    value.toPrecision(6),
    `${low} to ${high}`,
    percent(halfWidth / exact),
    z.toFixed(2),
    plainZ.toFixed(2),
    String(replications),
  ]);
}

function rareLine({ of: { id }, value, halfWidth, z, paths }: RareRow): string {
  const { model, params, quantity, value: exact } = theoryValue(id);
  const [low, high] = [value - halfWidth, value + halfWidth].map((end) => end.toPrecision(3));
  return cellsOf([
    ...[id, `${model}; ${params}`, quantity, exact.toPrecision(4), value.toPrecision(4), `${low} to ${high}`],
    ...[percent(halfWidth / value), z.toFixed(2), String(paths)],
  ]);
}

function cellsOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
