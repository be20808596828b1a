// Where a run's warm-up ends: the Marginal Standard Error Rule (White 1997, Simulation 69, 323-334; White,
// Cobb and Spratt 2000, Winter Simulation Conference, MSER-5).
//
// Of a series of batch means the first d are left out for which the standard error of the mean of the rest,
// (1 / (n - d)^2) sum over the rest of (y - mean)^2, is least. Batches of 5 observations are the rule's usual
// choice; longer ones, such as the steps of a time axis, smooth more. If the least is in the second half, the
// series has not settled.

const LEAST_BATCHES = 20;

/** How many batches to leave out; undefined if there are few, or if they do not settle in the first half. */
export function mser(batches: readonly number[]): number | undefined {
  const { length } = batches;
  if (length < LEAST_BATCHES) return undefined;
  let best = length;
  let least = Number.POSITIVE_INFINITY;
  // From the end on: count, mean and sum of squares of the rest grow by one batch each time (Welford 1962).
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (let first = length - 1; first >= 0; first--) {
    const value = batches[first] as number;
    count++;
    const before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
    // A few batches at the end may be alike by chance.
    if (count < LEAST_BATCHES / 4) continue;
    const error = squares / count ** 2;
    if (error <= least) [best, least] = [first, error];
  }
  return best <= length / 2 ? best : undefined;
}
