// One series of all replications, joined as they come. Their steps are powers of two of each other, and which
// of them is the longest is known at the end only; so a series is kept for every step that may still come.
// Each is half as long as the one before: together they are twice the first.

import { LONGEST_NS } from "../engine/time.js";
import { STEPS } from "../metrics/time-axis.js";

type Join = (one: number, other: number) => number;

export interface JoinedSteps {
  /** Joins a replication's series, of STEPS steps. */
  add(series: Float64Array, stepNs: number): void;
  /** The joined series in steps of this length, which is not shorter than any that was added. */
  at(stepNs: number): Float64Array;
}

/** No run has longer ones: 2^53 ns are STEPS of them. */
const LONGEST_STEP_NS = (2 * LONGEST_NS) / STEPS;

/** `steps` joins two neighbouring steps, `replications` the same step of two replications. */
export function joinedSteps(steps: Join, replications: Join): JoinedSteps {
  let shortestNs = 0;
  /** By length of step, from the shortest that may still be asked for. */
  let joined: Float64Array[] = [];
  const indexOf = (stepNs: number) => Math.round(Math.log2(stepNs / shortestNs));
  const scratch = new Float64Array(STEPS);

  return {
    add(series, stepNs) {
      scratch.set(series);
      let length = STEPS;
      if (stepNs > shortestNs) {
        if (joined.length > 0) joined = joined.slice(indexOf(stepNs));
        shortestNs = stepNs;
      }
      for (let ns = stepNs; ns < shortestNs; ns *= 2) length = halve(scratch, length, steps);
      for (let index = 0, ns = shortestNs; ns <= LONGEST_STEP_NS; index++, ns *= 2) {
        const known = joined[index];
        joined[index] = known ? join(known, scratch, length, replications) : scratch.slice(0, length);
        length = halve(scratch, length, steps);
      }
    },
    at(stepNs) {
      const found = new Float64Array(STEPS);
      if (joined.length > 0) found.set(joined[indexOf(stepNs)] as Float64Array);
      return found;
    },
  };
}

/** Joins the first `length` steps in pairs; answers how many there are then. */
function halve(column: Float64Array, length: number, steps: Join): number {
  const half = Math.ceil(length / 2);
  for (let step = 0; step < half; step++) {
    const second = 2 * step + 1 < length ? (column[2 * step + 1] as number) : 0;
    column[step] = steps(column[2 * step] as number, second);
  }
  return half;
}

/** Joins the first `length` steps of a column to what is known. What is shorter is 0 from its end on. */
function join(known: Float64Array, column: Float64Array, length: number, replications: Join): Float64Array {
  const all = known.length < length ? new Float64Array(length) : known;
  if (all !== known) all.set(known);
  for (let step = 0; step < all.length; step++) {
    all[step] = replications(all[step] as number, step < length ? (column[step] as number) : 0);
  }
  return all;
}
