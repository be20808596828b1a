// Numbers of all replications by name, a column each: in typed arrays, so that a million replications fit.

const FIRST_CAPACITY = 64;

export interface Columns {
  /** Adds a row: the numbers of one replication. A name that is not among them has a 0 there. */
  add(row: Iterable<readonly [name: string, value: number]>): void;
  /** The numbers of this name, one for each replication. */
  of(name: string): number[];
  /** The names that begin so, without that beginning, sorted. */
  names(prefix: string): string[];
}

/** An empty table. */
export function columns(): Columns {
  const all = new Map<string, Float64Array>();
  let capacity = FIRST_CAPACITY;
  let rows = 0;

  function grow(): void {
    capacity *= 2;
    for (const [name, column] of all) {
      const larger = new Float64Array(capacity);
      larger.set(column);
      all.set(name, larger);
    }
  }

  return {
    add(row) {
      if (rows === capacity) grow();
      for (const [name, value] of row) {
        let column = all.get(name);
        if (column === undefined) {
          column = new Float64Array(capacity);
          all.set(name, column);
        }
        column[rows] = value;
      }
      rows++;
    },
    of: (name) => Array.from(all.get(name)?.subarray(0, rows) ?? new Float64Array(rows)),
    names: (prefix) =>
      [...all.keys()]
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length))
        .sort(),
  };
}
