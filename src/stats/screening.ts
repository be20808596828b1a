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
 * factors, rounded up to the next order.
 */
export function foldedPlackettBurman(factors: number): number[][] {
  const order = ORDERS.find((one) => one >= factors);
  if (order === undefined) throw new Error(`expected at most ${MOST_FACTORS} factors, got ${factors}`);
  const rows = hadamard(order).map((row) => row.slice(0, factors));
  return [...rows, ...rows.map((row) => row.map((level) => -level))];
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
