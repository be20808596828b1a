// Two scenarios' texts in, what differs out.

import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { type CompareOptions, compare } from "../../src/run/compare.js";
import type { Comparison, Difference } from "../../src/run/comparison.js";
import { loadScenario, type Scenario } from "../../src/scenario/load.js";

export const scenarioOf = (text: string, set: string[] = [], name = "test.yaml"): Scenario =>
  loadScenario(name, { read: () => text, components, set });

const table = () => (file: string) => {
  throw new Error(`${file} is not asked for`);
};

export function compared(
  a: Scenario,
  b: Scenario,
  options: Partial<CompareOptions> = {},
): Promise<Comparison> {
  return compare(a, b, { components, table, system: queueingSystem, ...options });
}

/** The difference of this metric; throws if there is none. */
export function differenceOf({ differences }: Comparison, name: string): Difference {
  const found = differences.find(({ metric }) => metric === name);
  if (!found) throw new Error(`${name} is none of ${differences.map(({ metric }) => metric).join(", ")}`);
  return found;
}
