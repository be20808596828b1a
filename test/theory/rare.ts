// Values that no ordinary run can meet, by splitting.

import { queueText, rareOf } from "../rare/support.js";
import { theoryValue } from "./cases.js";

export interface RareCase {
  id: string;
  /** Arrivals a second; services take 50 ms. */
  rate: number;
  workers: number;
  /** K of M/M/c/K. */
  places: number;
  /** The probability that a busy period sees a refusal, in the place of the share of requests. */
  isBusyPeriod?: boolean;
  /** Only for the published table: as a test it would take longer than it proves. */
  isOnlyPublished?: boolean;
}

/** A case of its own for each random seed: that is its id. */
export const rareCases: readonly RareCase[] = [
  { id: "N20", rate: 10, workers: 1, places: 20 },
  { id: "N129", rate: 18, workers: 1, places: 129 },
  { id: "N4@60", rate: 60, workers: 4, places: 133 },
  { id: "J1p", rate: 56, workers: 4, places: 133, isOnlyPublished: true },
  // The same queue as the next one, with another seed.
  { id: "N4@72", rate: 72, workers: 4, places: 133, isOnlyPublished: true },
  { id: "B4@72", rate: 72, workers: 4, places: 133 },
  // Who finds 24 places taken would be the 25th: the busy period hits 25 if and only if somebody is refused.
  { id: "NG", rate: 10, workers: 1, places: 24, isBusyPeriod: true },
];

/** Of the standard error of 40 batches. */
export const RARE_DEGREES = 39;
/** Student's quantiles of as many degrees of freedom, for two sides. */
const OF_95 = 2.0227;
const OF_999 = 3.5581;

export interface RareRow {
  of: RareCase;
  value: number;
  /** Of the 99.9 % interval. */
  halfWidth: number;
  z: number;
  paths: number;
}

/** The interval of busy periods is a little wider than that of requests, by which its width is chosen. */
const OF_BUSY_PERIODS = 1.15;
/** So that an estimate that is a little high has no interval that is too wide for the exact value. */
const MARGIN = 0.95;

/** Estimates it until its 99.9 % interval has at most this half-width, in parts of the value. */
export async function rareRow(of: RareCase, relativeHalfWidth: number): Promise<RareRow> {
  const { id, isBusyPeriod, isOnlyPublished: _, ...queue } = of;
  const asked = (MARGIN * relativeHalfWidth) / (isBusyPeriod ? OF_BUSY_PERIODS : 1);
  const found = await rareOf(queueText(queue), {
    halfWidth: (asked * OF_95) / OF_999,
    mostPaths: Number.POSITIVE_INFINITY,
    seed: `theory ${id}`,
  });
  const { value, high } = isBusyPeriod
    ? (found.busy_period as { value: number; high: number })
    : { value: found.share, high: found.high };
  const error = (high - value) / OF_95;
  return {
    of,
    value,
    halfWidth: error * OF_999,
    z: (value - theoryValue(id).value) / error,
    paths: found.paths,
  };
}
