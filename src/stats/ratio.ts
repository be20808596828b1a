// A ratio of two means.

import { sectionInterval } from "./batch-means.js";
import type { Interval } from "./interval.js";

/**
 * The ratio of the means of two numbers that were seen together in independent, identically distributed
 * batches, with its two-sided 95 % interval by the delta method: the ratio r of the sums, and Student's
 * interval of the mean of (y - r x) / mean(x) around it (S. Asmussen and P. Glynn, Stochastic Simulation,
 * 2007, III.3 and IV.4). Assumes that batches are many and large enough for their means to be close to
 * normal. Throws if there are none.
 */
export function ratioInterval(above: readonly number[], below: readonly number[]): Interval {
  const { length } = below;
  const total = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0);
  if (length === 0 || above.length !== length || !(total(below) > 0)) {
    throw new Error("expected batches with something below the line");
  }
  const value = total(above) / total(below);
  const ratios = above.map((one, index) => (below[index] === 0 ? 0 : one / (below[index] as number)));
  const { low, high } = sectionInterval(value, ratios, below);
  return { value, low: Math.max(0, low), high };
}
