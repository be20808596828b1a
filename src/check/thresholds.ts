// What a scenario expects of its run: the thresholds of its section `expect`, each with its place.

import type { Objective } from "../run/objective.js";
import { ScenarioError } from "../scenario/error.js";
import type { Scenario } from "../scenario/load.js";
import type { Place } from "../scenario/tree.js";
import { parseExpression } from "./expression.js";

export interface Threshold {
  objective: Objective;
  /** Its number in the list, from 0. */
  index: number;
  /** Where it is written; an option has no line. */
  place: Place;
}

/** None if the scenario expects nothing. Throws a ScenarioError that tells all that are wrong. */
export function thresholdsOf(scenario: Scenario): Threshold[] {
  const parsed = (scenario.settings.expect ?? []).map((text) => parseExpression(text));
  const problems = parsed.flatMap((one, index) =>
    "wrong" in one ? scenario.errorAt(pathOf(index), one.wrong).problems : [],
  );
  if (problems.length > 0) throw new ScenarioError(problems);
  return parsed.flatMap((one, index) => {
    if ("wrong" in one) return [];
    const place = scenario.placeOf(pathOf(index)) ?? { file: scenario.source };
    return [{ objective: one.objective, index, place }];
  });
}

/** For `errorAt` and `placeOf`. */
export function pathOf(index: number): [string, number] {
  return ["expect", index];
}
