// A pilot chooses the levels: stage by stage, from the places where a level was reached, it walks so many
// paths that the next level is where about a quarter of them comes to. It decides on the variance only, its
// paths are not used for the estimate.

import type { Here, Path, Place, Walker, Way } from "./path.js";
import { noTotals, type Plan, type Supplies, splitting } from "./splitting.js";

/** Paths of a stage; the standard error of a quarter is 3 percentage points. */
const PATHS = 200;
/** Paths from the beginning, and how many of them should come to the first level. */
const ROOTS = 1_500;
const FIRST_SHARE = 0.2;
const SHARE = 0.25;
/** Fewer say nothing about a level. */
const FEWEST = 5;
/** So many times as many paths are walked where the next level is too far. */
const PATIENCE = 20;
const MOST_FACTOR = 1_000;

export interface Piloted extends Plan {
  /** Places at the levels. */
  places: Place[][];
}

/** Why there are no levels: no path gets beyond this one, or only one of more than RAREST^-1 does. */
export interface Stuck {
  level: number;
  isTooRare: boolean;
}

/** Rarer than this is never: at a million requests a second, once in three hundred million years. */
export const RAREST = 1e-22;

/** What the paths of a stage came to. */
interface Stage {
  paths: number;
  /** Paths in which somebody was refused. */
  refused: number;
  /** Of each path, the places where it was higher than before. */
  climbs: Place[][];
  /** So many births found so many requests. */
  found: number[];
}

/** The levels for a way, and into how many paths each has to split. */
export async function pilot(way: Way, branch: () => number): Promise<Piloted | Stuck> {
  const levels: number[] = [];
  const factors: number[] = [];
  const places: Place[][] = [];
  let ground = 0;
  for (;;) {
    const isFirst = levels.length === 0;
    const from = places.at(-1) ?? [undefined];
    const [level, floor] = [levels.at(-1) ?? 0, levels.at(-2) ?? ground];
    const [share, paths] = isFirst ? [FIRST_SHARE, ROOTS] : [SHARE, PATHS];
    const stage: Stage = { paths: 0, refused: 0, climbs: [], found: [] };
    for (let tries = 0; tries < PATIENCE && isUndecided(stage, level); tries++) {
      await way.walk(stageWalker(stage, { from, level, floor, paths, branch }));
    }
    const above = nextLevel(stage, level, share);
    if (!isFirst && (stage.refused >= share * stage.paths || (!above && stage.refused >= FEWEST))) {
      factors.push(factorOf(stage, stage.refused));
      return { ground, levels, factors, places };
    }
    if (!above) return { level, isTooRare: false };
    if (isFirst) ground = Math.min(median(stage.found), above.level - 1);
    if (factors.reduce((product, factor) => product / factor, 1) < RAREST) return { level, isTooRare: true };
    if (!isFirst) factors.push(factorOf(stage, above.places.length));
    levels.push(above.level);
    places.push(above.places);
  }
}

function isUndecided(stage: Stage, level: number): boolean {
  return stage.refused < FEWEST && !nextLevel(stage, level, SHARE);
}

/** What half of the births found, or less. */
function median(found: readonly number[]): number {
  const births = found.reduce((sum, count) => sum + count, 0);
  let [level, below] = [0, found[0] ?? 0];
  while (below < births / 2) below += found[++level] ?? 0;
  return level;
}

/** The highest level that this share of the paths reached, or the lowest one that some did. */
function nextLevel({ paths, climbs }: Stage, level: number, share: number) {
  const tops = climbs.map((climb) => climb.at(-1)?.level ?? 0).sort((one, other) => other - one);
  const wanted = tops[Math.ceil(share * paths) - 1] ?? 0;
  const possible = tops[FEWEST - 1] ?? 0;
  if (possible <= level) return undefined;
  const next = Math.max(wanted, level + 1);
  const places = climbs.flatMap((climb) => climb.find((place) => place.level >= next) ?? []);
  return { level: next, places };
}

/** A guess between 1/p, for paths that never come back, and 1/p - 1, if they do as if nothing had been. */
function factorOf({ paths }: Stage, successes: number): number {
  return Math.max(1, Math.min(MOST_FACTOR, paths / successes - 0.5));
}

interface StageSettings {
  /** Where paths begin, in turns. */
  from: readonly (Place | undefined)[];
  level: number;
  /** A path below it is abandoned. */
  floor: number;
  paths: number;
  branch: () => number;
}

function stageWalker(stage: Stage, { from, level, floor, paths, branch }: StageSettings): Walker {
  const at = { left: paths, top: level, climb: [] as Place[], hasRefused: false };
  return {
    next(): Path | undefined {
      if (at.left-- <= 0) return undefined;
      at.top = level;
      at.climb = [];
      at.hasRefused = false;
      stage.climbs.push(at.climb);
      return { from: from[stage.paths++ % from.length], branch: branch() };
    },
    arrived(found: number, here: Here): boolean {
      stage.found[found] = (stage.found[found] ?? 0) + 1;
      if (found <= at.top || !here.isSettled()) return found >= floor;
      at.top = found;
      at.climb.push(here.save());
      return true;
    },
    refused() {
      if (!at.hasRefused) stage.refused++;
      at.hasRefused = true;
    },
  };
}

/** Paths from the beginning of a trial. */
const TRIAL_ROOTS = 800;
const TRIALS = 3;
/** Of the rises of another level as many are too few to be told from chance. */
const FEWEST_RISES = 40;

/**
 * The factors with which paths are about equally often on all levels: those of the pilot, corrected by what
 * comes of them in trials. A path that falls and rises again is split again, which the pilot cannot foresee,
 * and an error of 10 % at each level adds up to one of 300 % over twelve.
 */
export async function balanced(plan: Plan, way: Way, supplies: Supplies): Promise<Plan> {
  let { factors } = plan;
  for (let trial = 0; trial < TRIALS; trial++) {
    const totals = noTotals(plan);
    const walker = splitting({ ...plan, factors }, supplies);
    walker.more(TRIAL_ROOTS, totals);
    await way.walk(walker);
    factors = corrected(factors, totals.rises);
  }
  return { ...plan, factors };
}

/** Levels that too few came to are corrected as the last one below them. */
function corrected(factors: readonly number[], rises: Float64Array): number[] {
  let correction = 1;
  return factors.map((factor, level) => {
    const [here, next] = [rises[level] as number, rises[level + 1]];
    if (next === undefined) return factor;
    if (here >= FEWEST_RISES) correction = here / Math.max(next, FEWEST_RISES / 10);
    return Math.max(1, Math.min(MOST_FACTOR, factor * correction));
  });
}
