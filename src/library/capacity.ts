// The largest or smallest value of a setting that meets objectives.

import { components } from "../../models/index.js";
import { parseExpression } from "../check/expression.js";
import { type CapacityOptions, searchCapacity, capacity as searchedCapacity } from "../run/capacity.js";
import type { Capacity, ProbedValue } from "../run/capacity-result.js";
import { ScenarioError } from "../scenario/error.js";
import type { Scenario } from "../scenario/load.js";
import { loaded, tablesOf } from "./scenarios.js";

export interface Sought
  extends Pick<
    CapacityOptions,
    "within" | "precision" | "confidence" | "replications" | "memory" | "progress" | "signal" | "isOver"
  > {
  /**
   * The largest rate of all arrivals (`max: "rate"`), or value of a setting (`max:
   * "clients.closed.concurrency"`), ...
   */
  max?: string;
  /** ... or the smallest one: `min: "gunicorn.workers"`. */
  min?: string;
  /** Objectives, as `502.share < 0.1%`: METRIC OP VALUE. */
  slo: string | readonly string[];
  files?: Record<string, string>;
}

/**
 * Searches for the largest or smallest value of a setting that meets all objectives, with its interval and
 * what fails beyond. Throws a ScenarioError; `signal` and `isOver` end it early.
 */
export async function capacity(scenario: Scenario | string, sought: Sought): Promise<Capacity> {
  return searchedCapacity(...searchOf(scenario, sought));
}

/** The same as a stream: each value whenever more is known of it; the Capacity is what it returns. */
export function capacityStream(
  scenario: Scenario | string,
  sought: Sought,
): AsyncGenerator<ProbedValue, Capacity> {
  return searchCapacity(...searchOf(scenario, sought));
}

function searchOf(scenario: Scenario | string, sought: Sought): [Scenario, CapacityOptions] {
  const { max, min, slo, files = {}, ...rest } = sought;
  const knob = max ?? min;
  if (knob === undefined || (max !== undefined && min !== undefined)) {
    throw new ScenarioError([{ file: "capacity", path: "", text: "expected either max or min" }]);
  }
  const objectives = [slo].flat().map((text) => {
    const parsed = parseExpression(text);
    if ("objective" in parsed) return parsed.objective;
    throw new ScenarioError([{ file: "slo", path: "", text: parsed.wrong }]);
  });
  const table = () => tablesOf(files);
  return [
    loaded(scenario),
    { components, table, knob, seek: max === undefined ? "min" : "max", objectives, ...rest },
  ];
}
