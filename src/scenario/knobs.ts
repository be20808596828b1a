// What of a scenario can be turned: its settings with a declared way of stepping, and what a user names.

import type { Component } from "../component/component.js";
import { ScenarioError } from "./error.js";
import { loadScenario, type Scenario, scenarioShape } from "./load.js";
import type { Shape } from "./shape.js";
import { stepped } from "./stepping.js";
import { plain } from "./tree.js";
import { parseYamlValue } from "./yaml.js";

/** A change of one setting, or of several together: `KEY=VALUE` as `--set` takes it. */
export type Assignments = readonly string[];

/** A setting that can be turned, and the scenarios that are one step away. */
export interface Knob {
  /** As `--set` addresses it: `gunicorn.workers`. */
  path: string;
  /** The value that holds, as the file would have it; null if none is written. */
  value: unknown;
  isEnvironment: boolean;
  /** One step down and one up, where there is one; and whatever else there is. */
  low: Assignments | undefined;
  high: Assignments | undefined;
  others: Assignments[];
  /** The customary values that it steps among, if they are numbers. */
  among: readonly number[] | undefined;
}

/** `KEY=VALUE`. Every value is JSON, which is YAML as well. */
export const assignment = (path: string, value: unknown): string => `${path}=${JSON.stringify(value)}`;

/**
 * The declared knobs of a scenario, in its order. `settings` are those that hold, in the units of the file:
 * see `unfolded`.
 */
export function declaredKnobs(settings: Record<string, unknown>, components: readonly Component[]): Knob[] {
  return knobsBelow(settings, scenarioShape(components), []);
}

/**
 * The same settings with each address that stands for a mapping in that mapping's place, so that what else it
 * may hold has a value: `listen: 10.0.0.1:80` is `{ address: 10.0.0.1:80, backlog: 511, ... }`.
 */
export function unfolded(
  settings: Record<string, unknown>,
  components: readonly Component[],
): Record<string, unknown> {
  return unfoldedIn(settings, scenarioShape(components)) as Record<string, unknown>;
}

function unfoldedIn(value: unknown, shape: Shape | undefined): unknown {
  if (typeof value === "string" && shape?.keys.includes("address")) return shape.complete({ address: value });
  if (Array.isArray(value)) return value.map((item) => unfoldedIn(item, shape?.element()));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, unfoldedIn(inner, shape?.at(key))]),
  );
}

function knobsBelow(value: unknown, shape: Shape | undefined, path: readonly string[]): Knob[] {
  if (shape?.steps) return knobsOf(value, shape, path);
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => {
      const { name } = (item ?? {}) as { name?: string };
      const step = value.length === 1 ? [] : [name ?? String(index)];
      return knobsBelow(item, shape?.element(), [...path, ...step]);
    });
  }
  if (typeof value !== "object" || value === null || !shape) return [];
  const mapping = value as Record<string, unknown>;
  // What a closed mapping may have besides is a knob as well.
  const keys = [...new Set([...Object.keys(mapping), ...shape.keys])];
  // A sysctl that this kernel does not have is null.
  return keys.flatMap((key) =>
    mapping[key] === null ? [] : knobsBelow(mapping[key], shape.at(key), [...path, key]),
  );
}

function knobsOf(value: unknown, { steps }: Shape, at: readonly string[]): Knob[] {
  if (!steps) return [];
  const path = at.join(".");
  const { low, high, others } = stepped(value, steps);
  const also = "each" in steps && steps.also ? steps : undefined;
  const assignments = (to: unknown): Assignments => [
    assignment(path, to),
    ...(also && to !== also.each[0] ? (also.also ?? []) : []),
  ];
  const optional = (to: unknown) => (to === undefined ? undefined : assignments(to));
  if ([low, high].every((to) => to === undefined) && others.length === 0) return [];
  return [
    {
      path,
      value: value ?? null,
      isEnvironment: steps.isEnvironment === true,
      low: optional(low),
      high: optional(high),
      others: others.map(assignments),
      among: "among" in steps ? steps.among : undefined,
    },
  ];
}

/** Stands among what a user names for all declared ones. */
const ALL_DECLARED = "declared";

/**
 * The knobs that a user names: `KEY`, a declared one; `KEY=VALUE,VALUE`, any setting and the values that it
 * is turned to, the first of which is its low one and the last its high one; `declared`, all of them.
 * Throws a ScenarioError.
 */
export function namedKnobs(
  names: readonly string[],
  declared: readonly Knob[],
  valueAt: (path: string) => unknown,
): Knob[] {
  const found = names.flatMap((name) => {
    if (name === ALL_DECLARED) return declared;
    const equals = name.indexOf("=");
    const path = (equals < 0 ? name : name.slice(0, equals)).trim();
    const known = declared.find((knob) => knob.path === path || knob.path === `kernel.sysctl.${path}`);
    if (equals < 0) return [known ?? unknownKnob(path, declared)];
    return [withValues(known?.path ?? path, name.slice(equals + 1), known, valueAt)];
  });
  // Of those that are named twice the later one counts.
  return found.filter(({ path }, index) => found.findLastIndex((other) => other.path === path) === index);
}

function unknownKnob(path: string, declared: readonly Knob[]): never {
  const paths = declared.map((knob) => knob.path).join(", ");
  const text = `expected KEY=VALUE,VALUE for what has no declared steps here; these have: ${paths}`;
  throw new ScenarioError([{ file: `--knob ${path}`, path: "", text }]);
}

function withValues(path: string, text: string, known: Knob | undefined, valueAt: (path: string) => unknown) {
  const file = `--knob ${path}=${text}`;
  const values = plain(parseYamlValue({ file }, `[${text}]`)) as unknown[];
  if (values.length === 0 || path === "") {
    throw new ScenarioError([{ file, path: "", text: "expected KEY=VALUE or KEY=VALUE,VALUE" }]);
  }
  const value = known?.value ?? valueAt(path) ?? null;
  const turned = values.filter((one) => JSON.stringify(one) !== JSON.stringify(value));
  const steps = turned.map((one) => [assignment(path, one)]);
  const knob: Knob = {
    ...{ path, value, isEnvironment: known?.isEnvironment ?? false, among: undefined },
    low: steps.length > 1 ? steps[0] : undefined,
    high: steps.at(-1),
    others: steps.slice(1, -1),
  };
  return knob;
}

/**
 * The scenario with these changes, of the same seed and number of replications; the files that it names lie
 * where they lay. Throws a ScenarioError.
 */
export type Vary = (assignments: Assignments) => Scenario;

export function varied(scenario: Scenario, components: readonly Component[]): Vary {
  const text = JSON.stringify(unfolded(scenario.resolved, components));
  const { seed, replications } = scenario.settings.run;
  return (assignments) => {
    const changed = loadScenario(scenario.source, { read: () => text, components, set: assignments });
    const run = { ...changed.settings.run, seed, replications };
    return { ...changed, settings: { ...changed.settings, run }, resolvePath: scenario.resolvePath };
  };
}
