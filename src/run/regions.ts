// Which part of the range meets all objectives: a coarse look at all of it first, then each boundary.

import { type Boundary, boundary, type Looking } from "./bracket.js";
import type { Probe } from "./probe.js";

/** Values that meet all objectives; no boundary where the range ends. */
export interface Region {
  from: Boundary | undefined;
  to: Boundary | undefined;
}

export interface Found {
  /** Ascending. */
  regions: Region[];
  /** Values, beside regions, that could be decided no more than this. */
  open: Probe[];
}

/** As many values, evenly over the range (by factors), at the first look. */
export const GRID = 9;
/**
 * So many times the replications of the first look, before a value that disturbs the picture is left open.
 */
const PATIENCE = 16;

/** The values of the first look between two ends: both of them, and what whole numbers leave between. */
export function gridOf({ knob }: Pick<Looking, "knob">, from: number, to: number): number[] {
  const [start, end] = [knob.place(from), knob.place(to)];
  const values = Array.from({ length: GRID }, (_, index) =>
    knob.at(start + (index / (GRID - 1)) * (end - start)),
  );
  return [...new Set([from, ...values.slice(1, -1), to])];
}

/** Has each of these values its first look. */
export async function* survey(values: readonly number[], looking: Looking): AsyncGenerator<Probe> {
  for (const value of values) {
    if (looking.isOver() && looking.probes.length >= 2) return;
    const probe = looking.probeAt(value);
    await probe.upTo(looking.first);
    yield probe;
  }
}

/**
 * The regions between the probes that there are.
 *
 * Where the estimates change sides once there is one boundary, whatever noise there is elsewhere. That all
 * objectives are met, fail and are met again along the range is claimed only of values that are decided each
 * for itself: those that are not get more replications, up to 16 times those of the first look, and are left
 * open after that. So are the ends of the range decided where all, or nothing, seems to be met.
 */
export async function* regionsOf(looking: Looking): AsyncGenerator<Probe, Found> {
  const open = new Set<Probe>();
  for (let round = 1; ; round++) {
    yield* windows(looking);
    yield* settled(open, looking);
    const regions = yield* between(
      looking.probes.filter((probe) => !open.has(probe)),
      looking,
    );
    const isWhole = regions.every(({ from, to }) => !from || !to || from.value <= to.value);
    // More replications at a boundary may have shown that beside it there is none.
    if (isWhole || round === MOST_ROUNDS) {
      return {
        regions: regions.filter(({ from, to }) => !from || !to || from.value <= to.value),
        open: [...open],
      };
    }
  }
}

const MOST_ROUNDS = 3;
const MOST_HALVINGS = 10;

/**
 * Looks for values that meet all objectives between two neighbours that do not, where no objective fails at
 * both: it may be that one stops to fail before the other begins to.
 */
async function* windows(looking: Looking): AsyncGenerator<Probe> {
  const { knob, probes, probeAt, first, isOver } = looking;
  for (let halving = 0; halving < MOST_HALVINGS && !isOver(); halving++) {
    const middles = probes.flatMap((probe, index) => {
      const next = probes[index + 1];
      if (!next || probe.seemsMet || next.seemsMet) return [];
      if (!probe.seeming.every((isMet, which) => isMet || next.seeming[which])) return [];
      const middle = knob.at((knob.place(probe.value) + knob.place(next.value)) / 2);
      return probe.value < middle && middle < next.value ? [middle] : [];
    });
    const [middle] = middles;
    if (middle === undefined) return;
    const probe = probeAt(middle);
    await probe.upTo(first);
    yield probe;
  }
}

/** Decides what disturbs the picture, or adds it to what is left open. */
async function* settled(open: Set<Probe>, looking: Looking): AsyncGenerator<Probe> {
  for (;;) {
    const doubtful = doubtfulOf(looking.probes.filter((probe) => !open.has(probe)));
    if (doubtful.length === 0 || looking.isOver()) return;
    for (const probe of doubtful) {
      const most = Math.min(looking.most, PATIENCE * looking.first);
      if (probe.replications >= most) open.add(probe);
      else {
        await probe.upTo(Math.min(most, 2 * probe.replications));
        yield probe;
      }
    }
  }
}

/** The boundaries where these values change sides, as they are now, and the regions between those. */
async function* between(probes: readonly Probe[], looking: Looking): AsyncGenerator<Probe, Region[]> {
  const sides = probes.map((probe) => ({ probe, meets: probe.seemsMet }));
  const regions: Region[] = [];
  let from: Boundary | undefined;
  for (const [index, { probe, meets }] of sides.entries()) {
    const before = sides[index - 1];
    if (before !== undefined && before.meets !== meets) {
      const [good, bad] = meets ? [probe, before.probe] : [before.probe, probe];
      const found = yield* boundary(good, bad, looking);
      if (meets) from = found;
      else regions.push({ from, to: found });
    }
    if (meets && index === sides.length - 1) regions.push({ from, to: undefined });
  }
  return regions;
}

/** Undecided values beside more than one change of sides, or at ends where all or nothing is met. */
function doubtfulOf(probes: readonly Probe[]): Probe[] {
  const changes = probes.flatMap((probe, index) => {
    const next = probes[index + 1];
    return next && next.seemsMet !== probe.seemsMet ? [index] : [];
  });
  const undecided = ({ finding }: Probe) => finding === "undecided";
  if (changes.length === 0) {
    const [one, last] = [probes[0], probes.at(-1)] as [Probe, Probe];
    return (one.seemsMet ? [one, last] : probes).filter(undecided);
  }
  if (changes.length === 1) return [];
  return probes.filter((probe, index) => {
    return undecided(probe) && (changes.includes(index) || changes.includes(index - 1));
  });
}
