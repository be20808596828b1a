// What knobs do on average over the levels of all others: a screening design of two levels each, run with the
// random numbers of the base. Where that is not what a knob does alone, others have a say in its effect.
//
// Assumed: that what three knobs and more do together is small beside what one does (of two nothing is
// assumed: resolution IV), and that the means over replications are nearly normal (Student's t).

import { ScenarioError } from "../scenario/error.js";
import type { Assignments } from "../scenario/knobs.js";
import { holm, type PairedDifference, pairedMean } from "../stats/paired.js";
import { foldedPlackettBurman, MOST_FACTORS } from "../stats/screening.js";
import { LEVEL } from "./differences.js";
import type { MainEffect, Screening, Tested } from "./sensitivity-result.js";
import type { ShareDone } from "./share-done.js";
import { replicationsOf, type SideOptions, sideOf } from "./side.js";
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

/** Each run of the design averages over half of all runs, so that fewer replications than a step has do. */
const MOST_REPLICATIONS = 10;
/** An interaction is worth a word from this part of the largest effect on. */
const CONSIDERABLE = 0.05;

/** Knobs of one setting that have been turned: from the step down, or the base, to the step up, or any other. */
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

/** How many runs the design of so many factors takes. */
export function runsFor(factors: number): number {
  return factors < 2 || factors > MOST_FACTORS ? 0 : foldedPlackettBurman(factors).length;
}

export const screeningReplications = ({ replications }: Base): number =>
  Math.min(MOST_REPLICATIONS, replications);

/** Runs the design. A combination that is refused leaves no design, and is told. */
export async function screened(
  base: Base,
  factors: readonly Factor[],
  options: SideOptions,
  progress: ShareDone,
): Promise<Screened> {
  const none = (why: string): Screened => ({ design: null, why, effects: new Map() });
  if (factors.length < 2) return none("it takes two knobs or more");
  if (factors.length > MOST_FACTORS) return none(`no design has more than ${MOST_FACTORS} knobs`);
  const levels = foldedPlackettBurman(factors.length);
  const replications = screeningReplications(base);
  const known = new Map<string, Response>();
  const responses: Response[] = [];
  try {
    for (const row of levels) {
      const assignments = row.flatMap((level, index) => {
        const { low, high } = factors[index] as Factor;
        return level < 0 ? low : high;
      });
      // With few factors, or with levels that are the base's, rows repeat.
      const key = assignments.join("\n");
      const response =
        known.get(key) ?? (await responseOf(base, assignments, replications, options, progress));
      known.set(key, response);
      responses.push(response);
    }
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return none(`a combination is refused: ${error.problems[0]?.text ?? error.message}`);
  }
  const isExact = base.ran.deterministic && responses.every(({ deterministic }) => deterministic);
  const design = { factors: factors.length, runs: known.size, replications: isExact ? 1 : replications };
  return { design, why: null, effects: effectsOf(factors, levels, responses, design.replications, isExact) };
}

interface Response {
  values: number[];
  deterministic: boolean;
}

async function responseOf(
  { vary, found, target }: Base,
  assignments: Assignments,
  replications: number,
  options: SideOptions,
  progress: ShareDone,
): Promise<Response> {
  const side = sideOf(vary(assignments), options);
  const { ran } = await replicationsOf(side, { ...found, pilots: [] }, progress.report, replications);
  progress.ended(replications);
  return { values: target.values(ran, replications) ?? [], deterministic: ran.deterministic };
}

function effectsOf(
  factors: readonly Factor[],
  levels: readonly (readonly number[])[],
  responses: readonly Response[],
  replications: number,
  isExact: boolean,
): Map<string, MainEffect> {
  const meanAt = (column: number, level: number) =>
    Array.from({ length: replications }, (_, replication) => {
      const rows = responses.filter((__, row) => levels[row]?.[column] === level);
      return rows.reduce((sum, { values }) => sum + (values[replication] as number), 0) / rows.length;
    });
  const found = factors.map(({ alone }, column) => {
    const [low, high] = [meanAt(column, -1), meanAt(column, 1)];
    const [aloneLow, aloneHigh] = alone.map((values) => values.slice(0, replications)) as [
      number[],
      number[],
    ];
    const minus = (one: number[], other: number[]) =>
      one.map((value, index) => value - (other[index] as number));
    return {
      main: pairedMean(low, high, isExact),
      alone: pairedMean(aloneLow, aloneHigh, isExact),
      interaction: pairedMean(minus(aloneHigh, aloneLow), minus(high, low), isExact),
    };
  });
  const mains = tested(found.map(({ main }) => main));
  const interactions = tested(found.map(({ interaction }) => interaction));
  const largest = Math.max(
    ...found.flatMap(({ main, alone }) => [Math.abs(main.value), Math.abs(alone.value)]),
  );
  return new Map(
    factors.map(({ path, low, high }, index): [string, MainEffect] => {
      const [main, interaction] = [mains[index] as Tested, interactions[index] as Tested];
      const { value, low: from, high: to } = (found[index] as (typeof found)[number]).alone;
      const isLarge = Math.abs(interaction.difference.value) >= CONSIDERABLE * largest;
      const effect: MainEffect = {
        ...main,
        ...{ low: [...low], high: [...high], significant: main.p_holm <= LEVEL },
        alone: { value, low: from, high: to },
        interaction: { ...interaction, flagged: isLarge && interaction.p_holm <= LEVEL },
      };
      return [path, effect];
    }),
  );
}

/** With Holm's correction for all of them. */
function tested(all: readonly PairedDifference[]): Tested[] {
  const adjusted = holm(all.map(({ p }) => p));
  return all.map(({ value, low, high, p }, index) => {
    return { difference: { value, low, high }, p, p_holm: adjusted[index] as number };
  });
}
