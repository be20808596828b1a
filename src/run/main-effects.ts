// What knobs do on average over settings of all others: elementary effects (stats/screening.ts), run with the
// random numbers of the base. Where that is not what a knob does alone, others have a say in its effect.
//
// Assumed: that means over replications are nearly normal (Student's t). Effects at settings of the others
// that were not looked at are not known; of those that were nothing is assumed.

import { ScenarioError } from "../scenario/error.js";
import type { Assignments } from "../scenario/knobs.js";
import { holm, type PairedDifference, pairedMean } from "../stats/paired.js";
import { MOST_FACTORS, startingPoints } from "../stats/screening.js";
import { ahead } from "./ahead.js";
import { LEVEL } from "./differences.js";
import type { MainEffect, Screening, Tested } from "./sensitivity-result.js";
import type { ShareDone } from "./share-done.js";
import { atOnceOf, replicationsOf, type SideOptions, sideOf } from "./side.js";
import type { Base, Measured } from "./steps.js";

/** A knob with its two levels, and the metric of each with all others as in the base. */
interface Factor {
  path: string;
  low: Assignments;
  high: Assignments;
  alone: [low: number[], high: number[]];
}

export interface Screened {
  design: Screening | null;
  /** Why there is none. */
  why: string | null;
  effects: Map<string, MainEffect>;
}

/** Each effect is a mean over all points, so that fewer replications than a step has do. */
const MOST_REPLICATIONS = 10;
/** An interaction is worth a word from this part of the largest effect on. */
const CONSIDERABLE = 0.05;

/**
 * Knobs of one setting that have been turned: from the step down, or the base, to the step up, or any
 * other.
 */
export function factorsOf(steps: readonly Measured[], base: Base): Factor[] {
  const turns = [...new Set(steps.map(({ turn }) => turn))];
  const valuesOf = (step: Measured | undefined) =>
    base.target.values(step ? step.row.b : base.ran, base.replications) ?? [];
  return turns.flatMap(({ knobs, tried }) => {
    const [knob, ...more] = knobs;
    if (!knob || more.length > 0 || knob.isEnvironment) return [];
    const [low, high] = [[knob.low], [knob.high, ...knob.others]].map((wanted) =>
      steps.find(({ assignments }) => tried.includes(assignments) && wanted.includes(assignments)),
    );
    return [
      {
        path: knob.path,
        low: low?.assignments ?? [],
        high: high?.assignments ?? [],
        alone: [valuesOf(low), valuesOf(high)],
      },
    ].filter((factor) => factor.low.length + factor.high.length > 0) as Factor[];
  });
}

/** How many runs so many factors take at most. */
export function runsFor(factors: number): number {
  return factors < 2 || factors > MOST_FACTORS ? 0 : startingPoints(factors).length * (1 + factors);
}

export const screeningReplications = ({ replications }: Pick<Base, "replications">): number =>
  Math.min(MOST_REPLICATIONS, replications);

/** Runs them. A combination that is refused leaves none, and is told. */
export async function screened(
  base: Base,
  factors: readonly Factor[],
  options: SideOptions,
  progress: ShareDone,
): Promise<Screened> {
  const none = (why: string): Screened => ({ design: null, why, effects: new Map() });
  if (factors.length < 2) return none("it takes two knobs or more");
  if (factors.length > MOST_FACTORS) return none(`there are more than ${MOST_FACTORS} knobs`);
  const points = startingPoints(factors.length);
  const replications = screeningReplications(base);
  const assignmentsAt = (levels: readonly number[]): Assignments =>
    levels.flatMap((level, index) => {
      const { low, high } = factors[index] as Factor;
      return level < 0 ? low : high;
    });
  const keyOf = (levels: readonly number[]) => assignmentsAt(levels).join("\n");
  const beside = (point: readonly number[]) => point.map((level, column) => point.with(column, -level));
  // Where one level is the base's own, and with few knobs, settings come again.
  const wanted = new Map(
    points.flatMap((point) => [point, ...beside(point)]).map((levels) => [keyOf(levels), levels]),
  );
  const known = new Map<string, Response>();
  const running = ahead([...wanted], atOnceOf(options), ([, levels]) =>
    responseOf(base, assignmentsAt(levels), replications, options, progress),
  );
  try {
    for await (const [[key], response] of running) known.set(key, await response);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return none(`a combination is refused: ${error.problems[0]?.text ?? error.message}`);
  }
  const pairs: [low: Response, high: Response][][] = factors.map(() => []);
  for (const point of points) {
    const here = known.get(keyOf(point)) as Response;
    for (const [column, levels] of beside(point).entries()) {
      const there = known.get(keyOf(levels)) as Response;
      pairs[column]?.push((point[column] as number) < 0 ? [here, there] : [there, here]);
    }
  }
  const isExact = base.ran.deterministic && [...known.values()].every(({ deterministic }) => deterministic);
  const design = {
    factors: factors.length,
    points: points.length,
    runs: known.size,
    replications: isExact ? 1 : replications,
  };
  return { design, why: null, effects: effectsOf(factors, pairs, design.replications, isExact) };
}

interface Response {
  values: number[];
  deterministic: boolean;
  fingerprint: string;
}

async function responseOf(
  { vary, found, target }: Base,
  assignments: Assignments,
  replications: number,
  options: SideOptions,
  progress: ShareDone,
): Promise<Response> {
  const side = sideOf(vary(assignments), options);
  const { report, ended } = progress.run();
  const { ran, result } = await replicationsOf(side, { ...found, pilots: [] }, report, replications);
  ended(replications);
  const { fingerprint, deterministic } = result;
  return { values: target.values(ran, replications) ?? [], deterministic, fingerprint };
}

type Pairs = readonly (readonly [low: Response, high: Response])[];

function effectsOf(
  factors: readonly Factor[],
  pairs: readonly Pairs[],
  replications: number,
  isExact: boolean,
): Map<string, MainEffect> {
  const found = factors.map(({ alone }, index) => {
    const own = pairs[index] as Pairs;
    const [low, high] = [0, 1].map((side) =>
      meansOf(
        own.map((pair) => pair[side] as Response),
        replications,
      ),
    );
    const [aloneLow, aloneHigh] = alone.map((values) => values.slice(0, replications));
    return {
      main: pairedMean(low as number[], high as number[], isExact),
      alone: pairedMean(aloneLow as number[], aloneHigh as number[], isExact),
      interaction: pairedMean(minus(aloneHigh, aloneLow), minus(high, low), isExact),
      each: own.map((pair) => meanOf(minus(pair[1].values, pair[0].values).slice(0, replications))),
      same: own.every((pair) => pair[0].fingerprint === pair[1].fingerprint),
    };
  });
  const mains = tested(found.map(({ main }) => main));
  const interactions = tested(found.map(({ interaction }) => interaction));
  const sizes = found.flatMap(({ main, alone }) => [Math.abs(main.value), Math.abs(alone.value)]);
  const largest = Math.max(...sizes.filter((size) => !Number.isNaN(size)));
  return new Map(
    factors.map(({ path, low, high }, index): [string, MainEffect] => {
      const { alone, each, same } = found[index] as (typeof found)[number];
      const [main, interaction] = [mains[index] as Tested, interactions[index] as Tested];
      const isLarge = Math.abs(interaction.difference.value) >= CONSIDERABLE * largest;
      const effect: MainEffect = {
        ...main,
        ...{ low: [...low], high: [...high], significant: main.p_holm <= LEVEL },
        ...{ same, least: Math.min(...each), most: Math.max(...each) },
        alone: { value: alone.value, low: alone.low, high: alone.high },
        interaction: { ...interaction, flagged: isLarge && interaction.p_holm <= LEVEL },
      };
      return [path, effect];
    }),
  );
}

/** The mean over all responses, in each replication. */
function meansOf(responses: readonly Response[], replications: number): number[] {
  return Array.from({ length: replications }, (_, replication) =>
    meanOf(responses.map(({ values }) => values[replication] as number)),
  );
}

function minus(one: readonly number[] = [], other: readonly number[] = []): number[] {
  return one.map((value, index) => value - (other[index] as number));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With Holm's correction for all of them. */
function tested(all: readonly PairedDifference[]): Tested[] {
  const adjusted = holm(all.map(({ p }) => p));
  return all.map(({ value, low, high, p }, index) => {
    return { difference: { value, low, high }, p, p_holm: adjusted[index] as number };
  });
}
