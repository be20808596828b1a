// What nobody could expect of arrivals, given all that was before: the gap to the next one less its mean.

import { SECOND } from "../../src/engine/time.js";

/** Columns of surprises by the number of the request before the gap. */
export type Surprises = (sentNs: Float64Array) => Float64Array[];

/** Arrivals that hang on the waits: nothing about them is certain. */
export const none: Surprises = () => [];

/** Batches at independent gaps; within one there are none. */
export function ofBatches(ratePerSecond: number, batch: number): Surprises {
  return (sentNs) => [
    Float64Array.from({ length: sentNs.length - 1 }, (_, index) => {
      return gapS(sentNs, index) - ((index + 1) % batch === 0 ? batch / ratePerSecond : 0);
    }),
  ];
}

/** One state of a Markov-modulated Poisson process: its rate, and how long it lasts on average. */
export interface State {
  ratePerSecond: number;
  meanS: number;
}

/**
 * Of two states that follow each other, the first at time 0. Nobody sees the states, but the gaps up to a request say
 * with which probability p the process is then in the second one (T. Rydén, Comput. Stat. Data Anal. 21, 1996).
 * With the rates of arrivals l1, l2, those of change q1, q2, and x = (1 - p, p), a gap of t changes x in proportion to
 *
 *   x exp(D t) diag(l1, l2),   D = ( -l1 - q1     q1    )
 *                                  (    q2     -l2 - q2 )
 *
 * so that the mean gap is x (-D)^-1 (1, 1), and the mean of the p after it the second entry of x (-D)^-1 diag(l1, l2).
 * Surprises are the gap less its mean and the new p less its mean: the beginnings and ends of the states.
 */
export function ofStates([first, second]: readonly [State, State]): Surprises {
  const [l1, l2] = [first.ratePerSecond, second.ratePerSecond];
  const [q1, q2] = [1 / first.meanS, 1 / second.meanS];
  const determinant = (l1 + q1) * (l2 + q2) - q1 * q2;
  // exp(D t) is in proportion to I + tanh(s t) / s (D - m I), where m +- s are the eigenvalues.
  const half = (l1 + q1 - l2 - q2) / 2;
  const s = Math.sqrt(half ** 2 + q1 * q2);
  const after = (p: number, gap: number) => {
    const t = Math.tanh(s * gap) / s;
    const one = l1 * ((1 - p) * (1 - t * half) + p * t * q2);
    const other = l2 * ((1 - p) * t * q1 + p * (1 + t * half));
    return other / (one + other);
  };
  return (sentNs) => {
    const gaps = new Float64Array(sentNs.length - 1);
    const states = new Float64Array(sentNs.length - 1);
    let p = after(0, (sentNs[0] as number) / SECOND);
    for (let index = 0; index < gaps.length; index++) {
      const gap = gapS(sentNs, index);
      gaps[index] = gap - ((1 - p) * (l2 + q2 + q1) + p * (l1 + q1 + q2)) / determinant;
      const expected = (l2 * ((1 - p) * q1 + p * (l1 + q1))) / determinant;
      p = after(p, gap);
      states[index] = p - expected;
    }
    return [gaps, states];
  };
}

function gapS(sentNs: Float64Array, index: number): number {
  return ((sentNs[index + 1] as number) - (sentNs[index] as number)) / SECOND;
}
