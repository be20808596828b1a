// Which points a sweep has: all of a grid, or some of them that fill it evenly.

import type { Component } from "../component/component.js";
import type { Table } from "../component/world.js";
import { type Source, streams } from "../engine/random.js";
import { type Problem, ScenarioError } from "../scenario/error.js";
import { type Knob, type KnobValue, OVERLAY, RATE } from "../scenario/knob-values.js";
import type { Overrides, Scenario } from "../scenario/load.js";
import { type Change, hashed, type Point, pointOf } from "./point.js";
import type { Replication } from "./replicate.js";

export interface SweepPlan {
  knobs: readonly Knob[];
  /** So many points of a Latin hypercube instead of all of the grid. */
  lhs?: number | undefined;
}

export interface PointSources {
  /** Loads the scenario with these changes on top of all others. */
  load(overrides: Pick<Overrides, "vary" | "rate"> & { overlay?: string }): Scenario;
  components: readonly Component[];
  /** What reads the CSV files that a scenario's settings name. */
  table(scenario: Scenario): (file: string) => Table;
  /** Is told the causes of failure that there are, some of them more than once. */
  causes?: ((ids: readonly string[]) => void) | undefined;
  /** Called with the share of the points that are there. */
  progress?: ((share: number) => void | Promise<void>) | undefined;
}

const MOST_POINTS = 20_000;
/** Nobody reads more. */
const MOST_PROBLEMS = 100;

/** All points, each validated and built once. Throws a ScenarioError with what is wrong with any of them. */
export async function sweepPoints(plan: SweepPlan, seed: string, sources: PointSources): Promise<Point[]> {
  const combinations = plan.lhs === undefined ? grid(plan.knobs) : latinHypercube(plan.knobs, plan.lhs, seed);
  const points: Point[] = [];
  const problems: Problem[] = [];
  for (const changes of combinations) {
    try {
      points.push(await pointAt(changes, sources));
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      problems.push(...error.problems);
      if (problems.length > MOST_PROBLEMS) break;
    }
    await sources.progress?.(points.length / combinations.length);
  }
  if (problems.length > 0) throw new ScenarioError(problems);
  return points;
}

/** Hash of all points in their order: the same for the same sweep. */
export function sweepId(points: readonly Pick<Point, "id">[]): string {
  return hashed(points.map(({ id }) => id)).slice(0, 32);
}

function pointAt(changes: Change[], { load, components, table, causes }: PointSources): Promise<Point> {
  const of = (name: string) => changes.find(({ knob }) => knob === name)?.value;
  const [rate, overlay] = [of(RATE), of(OVERLAY)];
  const settings = changes.filter(({ knob }) => knob !== RATE && knob !== OVERLAY);
  const scenario = asVaried(rate, () =>
    load({
      vary: settings.map(({ knob, value }) => `${knob}=${value}`),
      ...(rate !== undefined && { rate: String(rate) }),
      ...(overlay !== undefined && { overlay: String(overlay) }),
    }),
  );
  const built = causes && ((first: Replication) => causes(first.causes.map(({ id }) => id)));
  return pointOf(scenario, { components, table: table(scenario), changes, built });
}

/** What is wrong with a rate has the option's name that it was given by. */
function asVaried(rate: KnobValue | undefined, action: () => Scenario): Scenario {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const given = `--rate ${rate}`;
    throw new ScenarioError(
      error.problems.map((one) => (one.file === given ? { ...one, file: `--vary rate=${rate}` } : one)),
    );
  }
}

/** Every combination; the last knob turns first. */
export function grid(knobs: readonly Knob[]): Change[][] {
  const count = knobs.reduce((product, { values }) => product * values.length, 1);
  if (count > MOST_POINTS)
    throw tooMany(`${knobs.map(({ values }) => values.length).join(" x ")} = ${count}`);
  return knobs.reduce<Change[][]>(
    (some, { name, values }) =>
      some.flatMap((changes) => values.map((value) => [...changes, { knob: name, value }])),
    [[]],
  );
}

/**
 * Latin hypercube sample (McKay, Beckman and Conover 1979, Technometrics 21, 239-245): each knob's range is
 * cut into as many equal parts as there are points, and each part is taken once, at its middle, in an order
 * that is drawn for each knob by itself.
 */
export function latinHypercube(knobs: readonly Knob[], count: number, seed: string): Change[][] {
  if (count > MOST_POINTS) throw tooMany(String(count));
  const random = streams(seed, 0);
  const columns = knobs.map(({ name, at }) => {
    const order = shuffled(count, random.stream(`sweep.${name}`));
    return order.map((part): Change => ({ knob: name, value: at((part + 0.5) / count) as KnobValue }));
  });
  return Array.from({ length: count }, (_, index) => columns.map((column) => column[index] as Change));
}

/** The numbers from 0 in random order (Fisher and Yates). */
function shuffled(count: number, random: Source): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}

function tooMany(count: string): ScenarioError {
  const text = `expected at most ${MOST_POINTS} points, got ${count}; take fewer values, or some: --lhs 200`;
  return new ScenarioError([{ file: "--vary", path: "", text }]);
}
