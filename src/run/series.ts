// Levels and outcomes over time, of all replications on one axis.

import { SECOND } from "../engine/time.js";
import { halveMaxima, halveSums } from "../metrics/time-axis.js";
import { meanInterval } from "../stats/interval.js";
import type { Replication } from "./replicate.js";
import type { LevelSeries, OutcomeSeries, Series } from "./result.js";

/**
 * Series of a Result. The step is the longest of the replications': steps are powers of two of each other.
 */
export function series(done: readonly Replication[]): Series {
  const stepNs = Math.max(...done.map((one) => one.stepNs));
  const steps = Math.floor(Math.max(...done.map((one) => one.elapsedNs)) / stepNs) + 1;
  return {
    step_s: stepNs / SECOND,
    levels: levels(done, stepNs, steps),
    outcomes: outcomes(done, stepNs, steps),
  };
}

function levels(done: readonly Replication[], stepNs: number, steps: number): LevelSeries[] {
  const [first] = done as [Replication];
  return first.levels.map(({ name, limit }, index): LevelSeries => {
    const same = done.map((one) => one.levels[index] as Replication["levels"][number]);
    const means = same.map((level, at) => joined(level.means, done[at] as Replication, stepNs, halveMeans));
    const maxima = same.map((level, at) =>
      joined(level.maxima, done[at] as Replication, stepNs, halveMaxima),
    );
    const column = (of: readonly Float64Array[], join: (values: number[]) => number) =>
      Array.from({ length: steps }, (_, step) => join(of.map((values) => values[step] as number)));
    return {
      name,
      ...(limit !== undefined && { limit }),
      mean: column(means, average),
      max: column(maxima, average),
      low: column(means, (values) => Math.min(...values)),
      high: column(means, (values) => Math.max(...values)),
      peak: meanInterval(
        same.map((level) => level.peak),
        first.deterministic,
      ),
      average: meanInterval(
        same.map((level) => level.average),
        first.deterministic,
      ),
    };
  });
}

function outcomes(done: readonly Replication[], stepNs: number, steps: number): OutcomeSeries[] {
  const names = [...new Set(done.flatMap((one) => one.outcomes.map(({ outcome }) => outcome)))].sort();
  return names.map((outcome) => {
    const ended = done.map((one) => {
      const found = one.outcomes.find((record) => record.outcome === outcome);
      return found && joined(found.ended, one, stepNs, halveSums);
    });
    const count = Array.from({ length: steps }, (_, step) =>
      average(ended.map((column) => column?.[step] ?? 0)),
    );
    return { outcome, count };
  });
}

/** A copy of a column with its steps joined until they are `stepNs` long. */
function joined(
  column: Float64Array,
  { stepNs: fromNs }: Replication,
  stepNs: number,
  halve: (column: Float64Array) => void,
): Float64Array {
  const copy = column.slice();
  for (let lengthNs = fromNs; lengthNs < stepNs; lengthNs *= 2) halve(copy);
  return copy;
}

function halveMeans(column: Float64Array): void {
  halveSums(column);
  for (let step = 0; step < column.length; step++) column[step] = (column[step] as number) / 2;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
