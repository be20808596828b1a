// Which knob of a scenario matters: each is turned a step by itself, all steps are paired with one and the
// same base by common random numbers (as in compare.ts), and a screening design turns all of them together.

import { ScenarioError } from "../scenario/error.js";
import { declaredKnobs, type Knob, namedKnobs, unfolded, varied } from "../scenario/knobs.js";
import type { Scenario } from "../scenario/load.js";
import { version } from "../version.js";
import { ahead } from "./ahead.js";
import { comparable, NO_PAIRS, type PairedOptions, warningsOf } from "./compare.js";
import type { Compared, Ran } from "./compared.js";
import { judged } from "./differences.js";
import { factorsOf, runsFor, type Screened, screened, screeningReplications } from "./main-effects.js";
import { METRIC_EXPECTED } from "./metrics.js";
import type { Limit } from "./result.js";
import type { KnobResult, Sensitivity, Turned } from "./sensitivity-result.js";
import { shareDone } from "./share-done.js";
import { atOnceOf, foundBy, replicationsOf, sideOf } from "./side.js";
import { attempt, type Base, type LeftOut, type Measured, measured, planned, sameForAll } from "./steps.js";
import { targetOf, usualTarget } from "./target.js";
import { type Turn, turnsOf } from "./turns.js";
import { watched } from "./watched.js";

export interface SensitivityOptions extends PairedOptions {
  /** `KEY` or `KEY=VALUE,VALUE`: only these knobs; `declared` among them stands for all declared ones. */
  knobs?: readonly string[] | undefined;
  /** What effects are measured by: the share of failures, or the p99 of successes if nothing fails. */
  metric?: string | undefined;
  /** Whether all knobs are turned together as well: so it is unless told. */
  screening?: boolean | undefined;
}

/**
 * Answers each step as soon as it is known, those first that a limit of the result names, and at last all
 * of it together. Seed and number of replications are those of the scenario. A step is left out, with its
 * reason, if the scenario is refused with it. Throws a ScenarioError as `run` does, also for a single
 * replication and for a knob that is named and refused; the signal's reason when it is aborted.
 */
export async function* turning(
  scenario: Scenario,
  options: SensitivityOptions,
): AsyncGenerator<Turned, Sensitivity> {
  const { replications } = scenario.settings.run;
  if (replications < 2) throw scenario.errorAt(["run", "replications"], NO_PAIRS);
  const progress = shareDone(watched(options));
  const turnable = turnableOf(scenario, options);
  const { settings } = turnable;
  // The limits of the base, which say what is turned together as well, are not known yet.
  const about = turnsFor(turnable, []);
  progress.expect(allReplications(about, about.flatMap(({ tried }) => tried).length, scenario, options));
  const baseRun = progress.run();
  const base = await baseOf(scenario, turnable, options, baseRun.report);
  baseRun.ended(replications);
  const turns = turnsFor(turnable, base.result.limits);
  const leftOut: LeftOut = [];
  const planning = progress.run();
  const plan = await planned(turns, base, { options, leftOut, report: planning.report });
  progress.expect(allReplications(turns, plan.length, scenario, options));
  await settled(base, plan, planning.report);
  planning.ended(0);

  const all: Measured[] = [];
  const steps = ahead(plan, atOnceOf(options), (step) => {
    const { report, ended } = progress.run();
    const run = measured(step, base, { settings, steps: plan.length, report });
    return run.finally(() => ended(replications));
  });
  for await (const [step, found] of steps) {
    await attempt(step, leftOut, async () => {
      all.push(await found);
    });
    const last = all.at(-1);
    if (last?.assignments === step.assignments) yield { ...namesOf(step.turn), step: last.step };
  }
  const screening: Screened =
    options.screening === false
      ? { design: null, why: "none was wanted", effects: new Map() }
      : await screened(base, factorsOf(all, base), options, progress);
  return resultOf(scenario, base, { turns, all, screening, leftOut });
}

/** What of a scenario is turned, and how. */
interface Turnable extends Pick<Base, "vary" | "settingsOf"> {
  /** The settings that hold. */
  settings: Record<string, unknown>;
  knobs: Knob[];
  isNamed: (knob: Knob) => boolean;
}

function turnableOf(scenario: Scenario, options: SensitivityOptions): Turnable {
  const { components, knobs: names, effective = ({ resolved }) => resolved } = options;
  const vary = varied(scenario, components);
  const settingsOf = (one: Scenario) => comparable(unfolded(effective(one), components));
  const settings = settingsOf(vary([]));
  const declared = declaredKnobs(settings, components);
  const knobs = names ? namedKnobs(names, declared, (path) => valueAt(settings, path)) : declared;
  return { vary, settingsOf, settings, knobs, isNamed: (knob) => !declared.includes(knob) };
}

function turnsFor({ knobs, isNamed }: Turnable, limits: readonly Limit[]): Turn[] {
  return turnsOf(knobs, limits, isNamed);
}

/** Replications of the base, of so many steps and of the screening, at most. */
function allReplications(
  turns: readonly Turn[],
  steps: number,
  { settings: { run } }: Scenario,
  { screening }: SensitivityOptions,
): number {
  const single = turns.filter(({ knobs }) => knobs.length === 1).length;
  const designed = screening === false ? 0 : runsFor(single);
  return run.replications * (1 + steps) + designed * screeningReplications(run);
}

/** The scenario as it is, run with the metric that effects are measured by. */
async function baseOf(
  scenario: Scenario,
  { vary, settingsOf }: Turnable,
  { metric, ...options }: SensitivityOptions,
  report: (done: number) => void | Promise<void>,
): Promise<Base> {
  const side = sideOf(scenario, options);
  const found = await foundBy(side, report);
  const { ran, result } = await replicationsOf(side, found, report);
  const target = metric === undefined ? usualTarget(ran) : targetOf(metric, ran);
  if (!target) {
    const text = `expected ${METRIC_EXPECTED}`;
    throw new ScenarioError([{ file: `--metric ${metric}`, path: "", text }]);
  }
  const { replications } = scenario.settings.run;
  return { side, ran, result, found, target, replications, vary, settingsOf };
}

/** What stands at a path whose keys may contain dots; undefined if it is not there under plain keys. */
function valueAt(value: unknown, path: string): unknown {
  if (path === "" || typeof value !== "object" || value === null) return path === "" ? value : undefined;
  const keys = Object.keys(value).filter((key) => path === key || path.startsWith(`${key}.`));
  return keys
    .map((key) => valueAt((value as Record<string, unknown>)[key], path.slice(key.length + 1)))
    .find((found) => found !== undefined);
}

/** The base is run again if a step takes longer to settle. */
async function settled(
  base: Base,
  plan: Parameters<typeof sameForAll>[1],
  report: (done: number) => void | Promise<void>,
): Promise<void> {
  const found = sameForAll(base.found, plan);
  if (found === base.found) return;
  Object.assign(base, { found, ...(await replicationsOf(base.side, found, report)) });
}

function resultOf(
  scenario: Scenario,
  { ran, result, target, replications }: Base,
  {
    turns,
    all,
    screening,
    leftOut,
  }: { turns: Turn[]; all: Measured[]; screening: Screened; leftOut: LeftOut },
): Sensitivity {
  const effects = judged(all.map(({ row }) => row));
  for (const [index, { step }] of all.entries()) Object.assign(step, { effect: effects[index] });
  const knobs = turns.map((turn): KnobResult => {
    const [path = ""] = turn.knobs.map((knob) => knob.path);
    return {
      ...namesOf(turn),
      values: turn.knobs.map(({ value }) => value),
      binds: turn.binds,
      steps: all.filter((one) => one.turn === turn).map(({ step }) => step),
      main_effect: turn.knobs.length === 1 ? (screening.effects.get(path) ?? null) : null,
    };
  });
  const size = ({ steps }: KnobResult) => Math.max(0, ...steps.map(sizeOf));
  return {
    version: 1,
    recvq: version,
    seed: scenario.settings.run.seed,
    replications: all.every(({ row }) => (row.paired?.pairs ?? 1) === 1) ? 1 : replications,
    metric: target.metric,
    unit: target.unit,
    value: estimateOf(target, ran),
    knobs: knobs.filter(({ steps }) => steps.length > 0).sort((one, other) => size(other) - size(one)),
    screening: screening.design,
    no_screening: screening.why,
    left_out: leftOut,
    base: result,
    warnings: warningsOf(scenario, scenario),
  };
}

/** What may be chance counts for nothing. */
function sizeOf({ effect: { difference, finding } }: KnobResult["steps"][number]): number {
  return difference === null || finding === "undecided" || finding === "same"
    ? 0
    : Math.abs(difference.value);
}

function estimateOf(target: Compared, ran: Ran): Sensitivity["value"] {
  const estimate = target.estimate(ran);
  return Number.isNaN(estimate.value) ? null : estimate;
}

function namesOf({ knobs }: Turn): Pick<KnobResult, "paths" | "role"> {
  const isEnvironment = knobs.some((knob) => knob.isEnvironment);
  return { paths: knobs.map(({ path }) => path), role: isEnvironment ? "environment" : "knob" };
}
