// Levels over time beside each other: what ss saw and what was predicted, on one grid of times.
//
// ss looks twice a second, at times that differ from run to run. A cell of the grid is as long as the longest
// of the steps; what was seen in it is averaged, in a cell without a look the last one holds.

/** A level that was predicted: one number for each step, from 0 on. */
export interface Predicted {
  values: readonly number[];
  step_s: number;
  /** The highest of the whole run, also between two looks. */
  highest: number;
  /** Nothing is left of it afterwards; otherwise nobody knows how it goes on. */
  isOverAtEnd: boolean;
}

/** The looks of one run. */
export interface Looks {
  values: readonly number[];
  t_s: readonly number[];
}

export interface Compared {
  predicted: number;
  /** Of each measured run. */
  measured: number[];
}

export interface LevelsBeside {
  highest: Compared;
  /** Over the time that all have in common. */
  mean: Compared;
  /** The cell in which the prediction is farthest from the mean of the runs, and its beginning in seconds. */
  farthest: Compared & { second: number };
}

/** Undefined if nothing was seen, or if there is no time that all have in common. */
export function besideEachOther(predicted: Predicted, runs: readonly Looks[]): LevelsBeside | undefined {
  const seen = runs.filter(({ values }) => values.length > 0);
  if (seen.length === 0) return undefined;
  const cell_s = Math.max(predicted.step_s, ...seen.map(spacing));
  const ends = seen.map(({ t_s }) => t_s.at(-1) as number);
  // The last step is cut short by the end of the run, so its mean is none.
  const known_s = predicted.isOverAtEnd
    ? Number.POSITIVE_INFINITY
    : (predicted.values.length - 1) * predicted.step_s;
  const cells = Math.floor(Math.min(known_s, ...ends) / cell_s);
  if (cells < 1) return undefined;
  const expected = inCells(
    { t_s: predicted.values.map((_, step) => step * predicted.step_s), ...predicted },
    cell_s,
    cells,
  );
  if (predicted.isOverAtEnd)
    expected.fill(0, Math.ceil((predicted.values.length * predicted.step_s) / cell_s));
  const measured = seen.map((looks) => inCells(looks, cell_s, cells));
  const gap = (cell: number) =>
    Math.abs((expected[cell] as number) - mean(measured.map((one) => one[cell] as number)));
  const farthest = expected.reduce((worst, _, cell) => (gap(cell) > gap(worst) ? cell : worst), 0);
  return {
    highest: { predicted: predicted.highest, measured: seen.map(({ values }) => Math.max(...values)) },
    mean: { predicted: mean(expected), measured: measured.map(mean) },
    farthest: {
      second: farthest * cell_s,
      predicted: expected[farthest] as number,
      measured: measured.map((one) => one[farthest] as number),
    },
  };
}

/** The mean in each cell. */
function inCells({ values, t_s }: Looks, cell_s: number, cells: number): number[] {
  const sums = new Array<number>(cells).fill(0);
  const counts = new Array<number>(cells).fill(0);
  values.forEach((value, index) => {
    // Steps and cells are multiples of each other, but not exactly so as numbers.
    const cell = Math.floor((t_s[index] as number) / cell_s + 1e-9);
    if (cell >= cells) return;
    (sums[cell] as number) += value;
    (counts[cell] as number)++;
  });
  let last = values[0] as number;
  return sums.map((sum, cell) => {
    if (counts[cell]) last = sum / (counts[cell] as number);
    return last;
  });
}

function spacing({ t_s }: Looks): number {
  return t_s.length < 2 ? 0 : ((t_s.at(-1) as number) - (t_s[0] as number)) / (t_s.length - 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
