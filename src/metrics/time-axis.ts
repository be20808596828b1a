// Time cut into steps of equal length, as few as fit on a chart: when the steps run out, pairs are joined and
// the step doubles. Memory does not grow with the run, and steps of different runs are powers of two of each
// other.

import { DOUBLE, MILLISECOND } from "../engine/time.js";

/** Steps kept at most. */
export const STEPS = 256;
const FIRST_STEP_NS = MILLISECOND;

/** Something with one number (or more) for each step. */
export interface Columns {
  /** Joins steps 2i and 2i + 1 to step i. */
  halve(): void;
}

export interface TimeAxis {
  stepNs: number;
  /** Calls `columns.halve` whenever the step doubles. */
  add(columns: Columns): void;
  /** Makes room for `timeNs` and answers its step. */
  reach(timeNs: number): number;
  /** What has been added so far stays when it is reset; what comes later does not. */
  keep(): void;
  /** As it was when `keep` was called, before any time was reached. */
  reset(): void;
}

export function timeAxis(): TimeAxis {
  const all: Columns[] = [];
  let kept = 0;
  const axis: TimeAxis = {
    stepNs: DOUBLE,
    add(columns) {
      all.push(columns);
    },
    reach(timeNs) {
      while (timeNs >= axis.stepNs * STEPS) {
        axis.stepNs *= 2;
        for (const columns of all) columns.halve();
      }
      return Math.floor(timeNs / axis.stepNs);
    },
    keep() {
      kept = all.length;
    },
    reset() {
      all.length = kept;
      axis.stepNs = FIRST_STEP_NS;
    },
  };
  axis.reset();
  return axis;
}

/** Joins pairs of steps by adding. */
export function halveSums(column: Float64Array): void {
  for (let step = 0; step < STEPS / 2; step++) {
    column[step] = (column[2 * step] as number) + (column[2 * step + 1] as number);
  }
  column.fill(0, STEPS / 2);
}

/** Joins pairs of steps by the larger. */
export function halveMaxima(column: Float64Array): void {
  for (let step = 0; step < STEPS / 2; step++) {
    column[step] = Math.max(column[2 * step] as number, column[2 * step + 1] as number);
  }
  column.fill(0, STEPS / 2);
}
