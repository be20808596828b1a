// The differences between two scenarios, and which of them are more than chance.

import { CONFIDENCE } from "../stats/interval.js";
import { holm, type PairedDifference, varianceRatio } from "../stats/paired.js";
import { type Compared, comparedNumbers, type Ran } from "./compared.js";
import type { Difference } from "./comparison.js";

/** One number of two scenarios. */
export interface Row {
  compared: Compared;
  a: Ran;
  b: Ran;
  values: [number[] | undefined, number[] | undefined];
  /** Undefined where only one of both has such a number. */
  paired: PairedDifference | undefined;
}

/** Of so many pairs; `exact` says that nothing in them is random, or that both are the same scenario. */
export function rowOf(compared: Compared, a: Ran, b: Ran, pairs: number, exact: boolean): Row {
  const values: Row["values"] = [compared.values(a, pairs), compared.values(b, pairs)];
  const isInBoth = values.every((all) => all?.some((value) => !Number.isNaN(value)));
  const paired = isInBoth ? compared.difference(a, b, pairs, exact) : undefined;
  return { compared, a, b, values, paired };
}

/** All numbers that are not 0 in both. `families` and `level` as in `judged`. */
export function differencesOf(
  a: Ran,
  b: Ran,
  pairs: number,
  exact: boolean,
  families = 1,
  level = LEVEL,
): Difference[] {
  const rows = comparedNumbers(a, b).map((compared) => rowOf(compared, a, b, pairs, exact));
  return judged(
    rows.filter(({ values }) => values.some((all) => all?.some((value) => value > 0))),
    families,
    level,
  );
}

/**
 * What is more than chance in all of these rows together (Holm), at this level. With several `families` of
 * rows, each of them gets its part of the level (Bonferroni), so that it holds for all of them.
 */
export function judged(rows: readonly Row[], families = 1, level = LEVEL): Difference[] {
  const known = rows.flatMap(({ paired }) => (paired && paired.method !== "none" ? [paired] : []));
  const adjusted = holm(known.map(({ p }) => p)).map((p) => Math.min(1, families * p));
  const significant = adjusted.filter((p) => p <= level).length;
  // Holm asks this of the next one.
  const confidence = 1 - level / families / Math.max(1, known.length - significant);
  return rows.map((row) => {
    const pHolm = row.paired && adjusted[known.indexOf(row.paired)];
    return differenceOf(
      row,
      pHolm === undefined ? undefined : { pHolm, isFound: pHolm <= level },
      confidence,
    );
  });
}

export const LEVEL = 1 - CONFIDENCE;

function differenceOf(
  { compared, values, paired, a, b }: Row,
  judgement: { pHolm: number; isFound: boolean } | undefined,
  confidence: number,
): Difference {
  const { metric, kind, unit, wanted } = compared;
  const [one, other] = values.map((all, side) => {
    return all?.some((value) => !Number.isNaN(value)) ? compared.estimate(side === 0 ? a : b) : null;
  }) as [Difference["a"], Difference["b"]];
  const shared = { metric, kind, unit, a: one, b: other };
  if (!paired || !one) {
    return { ...shared, ...UNCOMPARED };
  }
  const { value, low, high, method, pairs, p } = paired;
  const finding = findingOf(value, paired, judgement?.isFound === true, wanted);
  return {
    ...shared,
    difference: { value, low, high },
    relative: one.value === 0 ? null : value / one.value,
    method,
    pairs,
    p: method === "none" ? null : p,
    p_holm: judgement?.pHolm ?? null,
    finding,
    replications_needed: finding === "undecided" ? neededFor(paired, confidence) : null,
    variance_ratio: varianceRatio(values[0] as number[], values[1] as number[]) ?? null,
  };
}

const UNCOMPARED = {
  difference: null,
  relative: null,
  method: "none",
  pairs: 0,
  p: null,
  p_holm: null,
  finding: "undecided",
  replications_needed: null,
  variance_ratio: null,
} as const;

function findingOf(
  value: number,
  { differing }: PairedDifference,
  isFound: boolean,
  wanted: Compared["wanted"],
): Difference["finding"] {
  if (differing === 0) return "same";
  if (!isFound) return "undecided";
  const found = value > 0 ? "more" : "less";
  if (wanted === undefined) return found;
  return found === wanted ? "better" : "worse";
}

/** No more than these can be asked for: see run.replications. */
const MOST = 1_000_000;

/** The half-width falls with the square root of their number. */
function neededFor({ value, pairs, at }: PairedDifference, confidence: number): number | null {
  const { low, high } = at(confidence);
  const half = value > 0 ? value - low : high - value;
  const needed = Math.ceil(pairs * (half / value) ** 2);
  return needed <= MOST ? needed : null;
}

/** The middle one, or the mean of the two in the middle; null of none. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return null;
  const [low, high] = [Math.ceil(middle) - 1, Math.floor(middle)].map((index) => sorted[index] as number);
  return ((low as number) + (high as number)) / 2;
}
