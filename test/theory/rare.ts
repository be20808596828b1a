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
}

/** A case of its own for each random seed: that is its id. */
export const rareCases: readonly RareCase[] = [
  { id: "N20", rate: 10, workers: 1, places: 20 },
  { id: "N129", rate: 18, workers: 1, places: 129 },
  { id: "N4@60", rate: 60, workers: 4, places: 133 },
  { id: "N4@72", rate: 72, workers: 4, places: 133 },
  { id: "B4@72", rate: 72, workers: 4, places: 133 },
  // Who finds 24 places taken would be the 25th: the busy period hits 25 if and only if somebody is refused.
  { id: "NG", rate: 10, workers: 1, places: 24, isBusyPeriod: true },
];

/** Student's quantiles of 39 degrees of freedom, for two sides: intervals of 40 batches. */
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

/** Estimates it until its 99.9 % interval has at most this half-width, in parts of the value. */
export async function rareRow(of: RareCase, relativeHalfWidth: number): Promise<RareRow> {
  const { id, isBusyPeriod, ...queue } = of;
  // The interval of busy periods is a little wider than that of requests.
  const halfWidth = (relativeHalfWidth * OF_95) / OF_999 / (isBusyPeriod ? 1.15 : 1);
  const found = await rareOf(queueText(queue), { halfWidth, seed: `theory ${id}` });
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
