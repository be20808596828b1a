// The steps of a scenario's knobs: each run with the random numbers of one and the same base.

import { ScenarioError } from "../scenario/error.js";
import type { Assignments, Vary } from "../scenario/knobs.js";
import type { Scenario } from "../scenario/load.js";
import { ahead } from "./ahead.js";
import { changedSettings } from "./changed-settings.js";
import type { Compared, Ran } from "./compared.js";
import { differencesOf, judged, type Row, rowOf } from "./differences.js";
import type { Result } from "./result.js";
import type { Step } from "./sensitivity-result.js";
import { atOnceOf, foundBy, longerOf, replicationsOf, type Side, type SideOptions, sideOf } from "./side.js";
import type { Turn } from "./turns.js";
import type { FoundWarmUp } from "./warm-up.js";

export interface Base {
  side: Side;
  ran: Ran;
  result: Result;
  found: FoundWarmUp;
  /** What effects are measured by. */
  target: Compared;
  replications: number;
  vary: Vary;
  /** The settings that hold, for telling what differs. */
  settingsOf: (scenario: Scenario) => Record<string, unknown>;
}

/** A step that is to be run. */
export interface Planned {
  turn: Turn;
  assignments: Assignments;
  side: Side;
  found: FoundWarmUp;
}

/** A step that has been run. */
export interface Measured extends Planned {
  row: Row;
  step: Step;
}

/** Steps that were left out, since the scenario is refused with them. */
export type LeftOut = { settings: string[]; why: string }[];

type Report = (done: number) => void | Promise<void>;

/**
 * All steps of all turns. A value that no scenario may have, such as no workers, is no step and not worth a
 * word, unless the user names it: then its ScenarioError is thrown.
 */
export async function planned(
  turns: readonly Turn[],
  { vary, found }: Base,
  { options, leftOut, report }: { options: SideOptions; leftOut: LeftOut; report: Report },
): Promise<Planned[]> {
  const all = turns.flatMap((turn) =>
    turn.tried.flatMap((assignments): Planned[] => {
      const scenario = scenarioOf(vary, assignments, turn.isNamed);
      return scenario ? [{ turn, assignments, side: sideOf(scenario, options), found }] : [];
    }),
  );
  const steps: Planned[] = [];
  // What does not last counts whole, and nothing has to be found out.
  const finding = async ({ side }: Planned) => (found.lasts ? await foundBy(side, report) : found);
  for await (const [step, warmUp] of ahead(all, atOnceOf(options), finding)) {
    await attempt(step, leftOut, async () => {
      steps.push({ ...step, found: await warmUp });
    });
  }
  return steps;
}

/** Does this with a step; if the scenario is refused the step is left out, unless the user has named it. */
export async function attempt(
  { turn, assignments }: Pick<Planned, "turn" | "assignments">,
  leftOut: LeftOut,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ScenarioError) || turn.isNamed) throw error;
    leftOut.push({ settings: [...assignments], why: error.problems[0]?.text ?? error.message });
  }
}

function scenarioOf(vary: Vary, assignments: Assignments, isNamed: boolean): Scenario | undefined {
  const file = `--knob ${assignments.join(" ")}`;
  try {
    const scenario = vary(assignments);
    const errorAt: Scenario["errorAt"] = (path, text) =>
      new ScenarioError([{ file, path: path.join("."), text }]);
    return { ...scenario, errorAt };
  } catch (error) {
    if (!(error instanceof ScenarioError) || isNamed) {
      throw error instanceof ScenarioError ? new ScenarioError(error.problems.map(atOption(file))) : error;
    }
    return undefined;
  }
}

const atOption = (file: string) => (problem: { path: string; text: string }) => {
  const { path, text } = problem;
  return { file, path, text };
};

/**
 * Of loads that last the same time is left out of all, the longest, so that the same requests count in all;
 * what has not settled counts as it does by itself.
 */
export function sameForAll(base: FoundWarmUp, steps: readonly Planned[]): FoundWarmUp {
  const lasting = steps.map(({ found }) => found).filter(({ lasts }) => lasts);
  const longest = lasting.reduce(longerOf, base);
  if (!base.lasts || longest.warmUp.left_out_s === base.warmUp.left_out_s) return base;
  const why = `${longest.warmUp.why}, the longest one of all steps`;
  return { warmUp: { ...longest.warmUp, why }, pilots: [], lasts: true };
}

/** Runs a step and puts it beside the base; there are so many `steps`. */
export async function measured(
  planned: Planned,
  base: Base,
  { settings, steps, report }: { settings: Record<string, unknown>; steps: number; report: Report },
): Promise<Measured> {
  const { turn, side } = planned;
  const shorter = planned.found.lasts && planned.found.warmUp.left_out_s < base.found.warmUp.left_out_s;
  const found = shorter ? { ...base.found, pilots: [] } : planned.found;
  const { ran, result } = await replicationsOf(
    side,
    base.found.lasts ? found : await foundBy(side, report),
    report,
  );
  const isDeterministic = ran.deterministic && base.ran.deterministic;
  const pairs = isDeterministic ? 1 : base.replications;
  const same = result.fingerprint === base.result.fingerprint;
  const isExact = isDeterministic || same;
  const row = rowOf(base.target, base.ran, ran, pairs, isExact);
  const [effect] = judged([row]);
  const step: Step = {
    settings: changedSettings(settings, base.settingsOf(side.scenario)),
    same,
    bound_by: same ? turn.boundBy(planned.assignments) : null,
    effect: effect as Step["effect"],
    differences: differencesOf(base.ran, ran, pairs, isExact, steps),
  };
  return { ...planned, row, step };
}
