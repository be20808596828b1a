// An estimate whose interval has a width that is fixed beforehand (C. Stein, Ann. Math. Statist. 16, 1945).
//
// 30 pilot replications, in five sections each, say how the value hangs on the control variates: coefficients by least
// squares. 30 more say how much the corrected value spreads: s. From s, and from nothing else, follows how many fresh
// replications there will be:
//
//   n = max(30, (t s / half-width)^2),  t = Student's quantile with 29 degrees of freedom
//
// The estimate is the mean corrected value of the fresh ones, estimate -+ t s / sqrt(n) its interval. The mean of the
// fresh ones is independent of s, so (estimate - truth) / (s / sqrt(n)) has Student's distribution whatever n came out.
// Coefficients that fit badly cost width, never truth: every control has the expectation zero.
//
// A system in which nothing hangs on chance has a value, not an estimate: it must be the exact one.

import jstat from "jstat";
import type { Sample, Sampling } from "./sample.js";
import { type Score, scoresOf } from "./scores.js";

const PILOT = 30;
/** More, shorter observations give better coefficients from the same replications. */
const SECTIONS = 5;
const CONFIDENCE = 0.999;
/** Probability that any z of a family is beyond `critical` although all is right. */
const FAMILY_LEVEL = 0.001;

export interface Estimate {
  value: number;
  /** Of the two-sided 99.9 % interval. */
  halfWidth: number;
  /** Distance from the exact value in standard errors. */
  z: number;
  /** The same of the plain mean, without control variates. */
  plainZ: number;
  /** Distances of the controls' means from zero: were the draws themselves wrong, the correction would hide it. */
  controlZs: number[];
  /** Of the short estimates that the replications make in groups, corrected and plain. */
  scores: Score[];
  plainScores: Score[];
  replications: number;
}

/** Estimates a quantity with an interval of at most this half-width, relative to the exact value. */
export async function estimate(
  sample: Sampling,
  exact: number,
  relativeHalfWidth: number,
): Promise<Estimate> {
  const [one, other] = (await many(sample, "theory", [0, 2])) as [Sample, Sample];
  if (isSame(one, other)) return certain(one.value, exact);
  const coefficients = leastSquares(await many(sample, "pilot", [0, PILOT], SECTIONS));
  const corrected = ({ value, controls }: Sample) =>
    controls.reduce((sum, control, index) => sum - control * (coefficients[index] as number), value);
  const spread = deviation((await many(sample, "pilot", [PILOT, 2 * PILOT])).map(corrected));
  const t = quantileOfT((1 + CONFIDENCE) / 2);
  const replications = Math.max(PILOT, Math.ceil(((t * spread) / (relativeHalfWidth * exact)) ** 2));
  const fresh = await many(sample, "theory", [0, replications]);
  const value = mean(fresh.map(corrected));
  const error = spread / Math.sqrt(replications);
  const plain = fresh.map((one) => one.value);
  return {
    value,
    halfWidth: t * error,
    z: (value - exact) / error,
    plainZ: distance(plain, exact),
    scores: scoresOf(fresh.map(corrected), exact),
    plainScores: scoresOf(plain, exact),
    controlZs: coefficients.map((_, index) =>
      distance(
        fresh.map(({ controls }) => controls[index] as number),
        0,
      ),
    ),
    replications,
  };
}

/** Two replications that do not differ, nor any of their draws. */
function isSame(one: Sample, other: Sample): boolean {
  return one.value === other.value && one.controls.every((control, at) => control === other.controls[at]);
}

function certain(value: number, exact: number): Estimate {
  const z = Math.abs(value - exact) <= TINY * exact ? 0 : Number.POSITIVE_INFINITY;
  return { value, halfWidth: 0, z, plainZ: z, controlZs: [], scores: [], plainScores: [], replications: 1 };
}

/** The largest |z| that `count` of them, however dependent, exceed with a probability of 0.001 at most (Bonferroni). */
export function critical(count: number): number {
  return quantileOfT(1 - FAMILY_LEVEL / (2 * count));
}

function quantileOfT(probability: number): number {
  return jstat.studentt.inv(probability, PILOT - 1);
}

async function many(
  sample: Sampling,
  seed: string,
  [from, to]: readonly [number, number],
  sections = 1,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let index = from; index < to; index++) samples.push(...(await sample(seed, index, sections)));
  return samples;
}

/** Distance of the mean from what is expected, in standard errors; 0 for what never varies. */
function distance(values: readonly number[], expected: number): number {
  const error = deviation(values) / Math.sqrt(values.length);
  return error < TINY ? 0 : (mean(values) - expected) / error;
}

/** Below it, a control is the same in all replications but for rounding: constant gaps or service times. */
const TINY = 1e-12;

/** Coefficients of the controls: normal equations of the centred columns, each scaled to the length 1. */
function leastSquares(samples: readonly Sample[]): number[] {
  const values = centred(samples.map(({ value }) => value));
  const columns = (samples[0] as Sample).controls.map((_, index) =>
    centred(samples.map(({ controls }) => controls[index] as number)),
  );
  const lengths = columns.map((column) => Math.sqrt(product(column, column)));
  const varying = [...columns.keys()].filter((index) => (lengths[index] as number) > TINY);
  const scaled = varying.map((index) =>
    (columns[index] as number[]).map((entry) => entry / (lengths[index] as number)),
  );
  const solution = solve(
    scaled.map((row) => [...scaled.map((column) => product(row, column)), product(row, values)]),
  );
  return columns.map((_, index) => {
    const at = varying.indexOf(index);
    return at < 0 ? 0 : (solution[at] as number) / (lengths[index] as number);
  });
}

/** Gauss and Jordan without pivoting, which a positive definite matrix does not need; the last column is the right side. */
function solve(rows: number[][]): number[] {
  for (const [index, pivot] of rows.entries()) {
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[index] as number) / (pivot[index] as number);
      for (let column = index; column < row.length; column++) {
        row[column] = (row[column] as number) - factor * (pivot[column] as number);
      }
    }
  }
  return rows.map((row, index) => (row.at(-1) as number) / (row[index] as number));
}

function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] as number), 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const around = centred(values);
  return Math.sqrt(product(around, around) / (values.length - 1));
}
