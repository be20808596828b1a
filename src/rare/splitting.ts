// Splitting: RESTART (M. and J. Villén-Altamirano, Queueing, Performance and Control in ATM, 1991).
//
// Levels L1 < L2 < … cut the way to a full queue. A path that rises to level i is split: it goes on with
// 1/R_i of its weight, and so do R_i - 1 others from the same state, independently of each other. These end
// when they fall below a floor under that level; the one that they were split off gets its weight back there.
// So weights are conserved on average, and a count of anything, weighted, has the expectation of the plain
// one, whatever the levels are and whatever occupancy has to do with refusals (M. Garvels, The splitting
// method in rare event simulation, 2000; P. L'Ecuyer, V. Demers, B. Tuffin, ACM TOMACS 17, 2007, 2.2). How
// well levels are chosen decides on the variance only: it is least where there are about equally many paths
// on all of them (P. Glasserman, P. Heidelberger, P. Shahabuddin, T. Zajic, Oper. Res. 47, 1999). A floor is
// the level below, since a path at the level itself would fall too soon to be worth taking up (prolonged
// retrials, J. Villén-Altamirano, Eur. J. Oper. Res. 2014).

import type { Here, Path, Place, Walker } from "./path.js";

export interface Plan {
  /** Below it, paths end that were split off at the first level: what is found at ordinary times. */
  ground: number;
  /** Numbers of requests that a request finds, rising. */
  levels: readonly number[];
  /** Into how many paths each level splits, on average. */
  factors: readonly number[];
}

/** Weighted sums over paths. */
export interface Totals {
  /** Paths from the beginning. */
  roots: number;
  /** Requests, those that were refused, and paths from the beginning in which somebody was. */
  births: number;
  refused: number;
  hit: number;
  /** Paths walked, and how often they rose to each level. */
  paths: number;
  rises: Float64Array;
}

/** Nothing seen yet. */
export function noTotals({ levels }: Pick<Plan, "levels">): Totals {
  return { roots: 0, births: 0, refused: 0, hit: 0, paths: 0, rises: new Float64Array(levels.length) };
}

interface Saved {
  place: Place;
  generation: number;
  copies: number;
  hasRefused: boolean;
}

export interface Splitting extends Walker {
  /** The next paths from the beginning, so many; what comes of them is added to `totals`. */
  more(roots: number, totals: Totals): void;
}

export interface Supplies {
  /** A new number for a branch each time. */
  branch(): number;
  /** Decides between the whole numbers beside a factor. */
  uniform(): number;
}

/** Walks paths and all that is split off them. */
export function splitting({ ground, levels, factors }: Plan, { branch, uniform }: Supplies): Splitting {
  const weights = [1];
  for (const factor of factors) weights.push((weights.at(-1) as number) / factor);
  const floors = [0, ...levels.map((_, index) => Math.max(1, levels[index - 1] ?? ground))];
  const saved: Saved[] = [];
  const at = { generation: 0, dies: 0, hasRefused: false, isRoot: false };
  // A path from the beginning may go on where the one before was cut.
  const root = { left: 0, generation: 0 };
  let totals = noTotals({ levels });

  function next(): Path | undefined {
    if (at.isRoot) root.generation = at.generation;
    const from = saved.at(-1);
    at.isRoot = !from;
    if (!from && root.left === 0) return undefined;
    totals.paths++;
    at.generation = from ? from.generation : root.generation;
    at.dies = from ? from.generation : 0;
    at.hasRefused = from ? from.hasRefused : false;
    if (!from) {
      root.left--;
      totals.roots++;
    } else if (--from.copies === 0) saved.pop();
    return { from: from?.place, branch: branch() };
  }

  function arrived(level: number, here: Here): boolean {
    while (level < (floors[at.generation] as number)) {
      if (at.generation === at.dies) return false;
      at.generation--;
    }
    totals.births += weights[at.generation] as number;
    while (at.generation < levels.length && level >= (levels[at.generation] as number) && here.isSettled()) {
      rise(here);
    }
    return true;
  }

  function rise(here: Here): void {
    (totals.rises[at.generation] as number)++;
    const copies = Math.floor((factors[at.generation++] as number) + uniform()) - 1;
    const { generation, hasRefused } = at;
    if (copies > 0) saved.push({ place: here.save(), generation, copies, hasRefused });
  }

  return {
    next,
    arrived,
    refused(count) {
      const weight = weights[at.generation] as number;
      totals.refused += weight * count;
      if (!at.hasRefused) totals.hit += weight;
      at.hasRefused = true;
    },
    more(roots, into) {
      root.left = roots;
      totals = into;
      at.isRoot = false;
    },
  };
}
