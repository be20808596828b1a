// A queue of which the exact answer is known, as a way to walk: what is found by those who arrive, and nothing else.

import type { Here, Place, Walker, Way } from "../../src/rare/path.js";

/** M/M/1 with so many places: pi_K of K places at this utilisation. */
export function blocked(utilisation: number, places: number): number {
  return ((1 - utilisation) * utilisation ** places) / (1 - utilisation ** (places + 1));
}

/** Walks its cycles; or sections of so many arrivals of one long walk. */
export function birthDeath(
  { utilisation, places }: { utilisation: number; places: number },
  uniform: () => number,
  section?: number,
): Way {
  const up = utilisation / (1 + utilisation);
  const main = { found: 0 };

  /** What the next one finds, after one who found so many. */
  function next(found: number, walker: Walker): number {
    if (found === places) walker.refused(1);
    let level = Math.min(found + 1, places);
    while (level > 0 && uniform() >= up) level--;
    return level;
  }

  function walk(from: Place | undefined, walker: Walker): void {
    let found = from ? next(from.level, walker) : main.found;
    for (let births = from ? 1 : 0; ; births++) {
      if (from || section === undefined ? births > 0 && found === 0 : births === section) break;
      const level = found;
      const here = { isSettled: () => true, save: () => ({ level }) } as Here;
      if (!walker.arrived(found, here)) return;
      found = next(found, walker);
    }
    if (!from && section !== undefined) main.found = found;
  }

  return {
    async walk(walker) {
      for (let path = walker.next(); path; path = walker.next()) walk(path.from, walker);
    },
  };
}
