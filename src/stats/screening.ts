// Screening designs: which runs to make so that the effect of each of many factors is told by all of them.

/** Orders of Hadamard matrices by Paley's construction: primes that leave 3 when divided by 4, plus 1. */
const ORDERS = [4, 8, 12, 20, 24, 32, 44, 48, 60, 68, 72, 80, 84, 104, 108, 128, 132, 140, 152, 164, 168];

/** No design has more factors. */
export const MOST_FACTORS = ORDERS.at(-1) as number;

/**
 * A Plackett-Burman design (1946, Biometrika 33, 305-325) and its mirror image: one row a run, one column a
 * factor, -1 for its low and 1 for its high level. Columns are those of a Hadamard matrix by quadratic
 * residues (Paley 1933), so that all are orthogonal and balanced. By the mirror image, a foldover, the
 * design has resolution IV (Box and Wilson 1951; Box and Hunter 1961): a main effect is mixed up with
 * interactions of three factors and more, and with none of two. It takes twice as many runs as there are
 * factors, rounded up to the next order; a row's mirror image is half of all rows later.
 */
export function foldedPlackettBurman(factors: number): number[][] {
  const order = ORDERS.find((one) => one >= factors);
  if (order === undefined) throw new Error(`expected at most ${MOST_FACTORS} factors, got ${factors}`);
  const rows = hadamard(order).map((row) => row.slice(0, factors));
  return [...rows, ...rows.map((row) => row.map((level) => -level))];
}

/** So many pairs of starting points. */
const PAIRS = 2;

/**
 * Starting points for elementary effects (Morris 1991, Technometrics 33, 161-174, with two levels and one
 * factor at a time from each point, as Campolongo, Saltelli and Cariboni 2011, Computer Physics
 * Communications 182, 978-988, have it): what a factor does there is the difference between its high and
 * low level with all others as in the point. The mean over the points is its main effect over the
 * settings of the others that were looked at, and nothing else is mixed up with it: a factor without effect
 * has exactly none. That is what Plackett and Burman's analysis cannot promise, since a queue that any one of
 * three settings empties is an interaction of three factors.
 *
 * The points are rows of a folded Plackett-Burman design, which are as far apart as can be, since any two
 * differ in half of the factors, in pairs of mirror images, so that each factor is as often low as high.
 */
export function startingPoints(factors: number): number[][] {
  const rows = foldedPlackettBurman(factors);
  const half = rows.length / 2;
  // The first row has all factors high, where the next ones have half of them.
  const chosen = Array.from({ length: PAIRS }, (_, pair) => pair + 1);
  return chosen.flatMap((row) => [rows[row] as number[], rows[half + row] as number[]]);
}

/** I + S with S antisymmetric: the residues' matrix bordered by ones. */
function hadamard(order: number): number[][] {
  const prime = order - 1;
  const squares = new Set(Array.from({ length: prime - 1 }, (_, root) => (root + 1) ** 2 % prime));
  const character = (difference: number) => {
    const residue = (difference + prime) % prime;
    return residue === 0 ? 1 : squares.has(residue) ? 1 : -1;
  };
  return Array.from({ length: order }, (_, row) =>
    Array.from({ length: order }, (_, column) => {
      if (row === 0) return 1;
      return column === 0 ? -1 : character(column - row);
    }),
  );
}
