// From the name of a scenario file to a validated scenario.

import type * as z from "zod";
import type { Component } from "../component/component.js";
import { describedSections } from "./described.js";
import { type Problem, ScenarioError } from "./error.js";
import { explain, problemAt } from "./explain.js";
import { applyRate, applySet, applyValue } from "./options.js";
import { laidOver, readWithBases } from "./overlay.js";
import { relativeTo } from "./paths.js";
import type { RunSettings } from "./run-settings.js";
import { scenarioExpected, scenarioSchema } from "./schema.js";
import { type Shape, shapeOf } from "./shape.js";
import { locate, lookup, type Mapping, type Node, nameOf, type Place, plain } from "./tree.js";

export interface LoadOptions {
  /** The text of a file; throws when it cannot be read. */
  read(path: string): string;
  /** What may stand in a scenario. */
  components: readonly Component[];
  /** `KEY=VALUE`, applied in this order over the files; then the rate. */
  set?: readonly string[];
  /** For all phases of arrivals that have a rate: `200/s`. */
  rate?: string;
  seed?: string | number;
  /** As a number, or as the text of an option. */
  replications?: string | number;
}

/**
 * Validated settings: one unit inside (nanoseconds, events per second, bytes), defaults filled in, by
 * section.
 */
export type Settings = Record<string, unknown> & { run: RunSettings; expect?: string[] | undefined };

/** What is laid over a scenario: see LoadOptions. */
export interface Overrides extends Pick<LoadOptions, "set" | "rate" | "seed" | "replications"> {
  /** Where knobs of a sweep stand: after all others, and errors call them so. */
  vary?: readonly string[];
}

export interface Scenario {
  /** The name that it was loaded by. */
  source: string;
  /**
   * Sections that may be a list are always a list, empty if absent; an absent optional section is undefined.
   */
  settings: Settings;
  /** The same in the units of the file, with `extends` followed, options applied and defaults filled in. */
  resolved: Record<string, unknown>;
  /**
   * For what turns out to be wrong when the scenario is built or run: the error at the place of this setting.
   * An element of a list is named by number or name, also together with its section: `["clients.web",
   * "target"]`.
   */
  errorAt(path: readonly (string | number)[], text: string): ScenarioError;
  /** Where a setting is written, named as for `errorAt`; undefined for a default. */
  placeOf(path: readonly (string | number)[]): Place | undefined;
  /**
   * Where a file that a setting names lies: relative to the scenario file in which the setting is written.
   */
  resolvePath(file: string): string;
  /** The same with these changes on top. Throws as loading it does. */
  changed(overrides: Overrides): Scenario;
}

/** Throws a ScenarioError that tells all that is wrong. Knows no unit itself: see component/settings.ts. */
export function loadScenario(name: string, options: LoadOptions): Scenario {
  return scenarioLoader(name, options)(options);
}

/** Loads a scenario with other changes each time; its files are read once. `overlay` is laid over them. */
export function scenarioLoader(
  name: string,
  { components, read }: Pick<LoadOptions, "components" | "read">,
): (overrides: Overrides & { overlay?: string }) => Scenario {
  const { shape } = compiled(components);
  const reader = { read, shape, expected: scenarioExpected(components) };
  const written = (file: string) => readWithBases(file, reader);
  const root = written(name);
  return (overrides) => {
    const { overlay } = overrides;
    const laid = overlay === undefined ? root : laidOver(root, written(overlay), shape);
    return validated(name, laid, overrides, components);
  };
}

/** The scenario that this tree is with the options applied. */
function validated(
  name: string,
  written: Mapping,
  options: Overrides,
  components: readonly Component[],
): Scenario {
  const { schema, shape } = compiled(components);
  let root = written;
  for (const assignment of options.set ?? []) root = applySet(root, assignment, shape);
  if (options.rate !== undefined) root = applyRate(root, options.rate, shape);
  for (const assignment of options.vary ?? []) root = applySet(root, assignment, shape, "--vary");
  const { seed, replications } = options;
  if (seed !== undefined) root = applyValue(root, ["run", "seed"], seed, `--seed ${seed}`, shape);
  if (replications !== undefined) {
    const value = /^\d+$/.test(String(replications)) ? Number(replications) : replications;
    root = applyValue(root, ["run", "replications"], value, `--replications ${replications}`, shape);
  }
  const values = plain(root);
  const outcome = schema.safeParse(values);
  if (!outcome.success) throw new ScenarioError(explain(outcome.error.issues, root));
  const settings = outcome.data as Settings;
  for (const { occurs, section } of components) if (occurs === "many") settings[section] ??= [];
  const clashes = components.flatMap((component) => sameNames(component, settings, root));
  if (clashes.length > 0) throw new ScenarioError(clashes);
  return {
    source: name,
    settings,
    resolved: shape.complete(values) as Record<string, unknown>,
    errorAt: (path, text) => new ScenarioError([problemAt(root, writtenPath(root, path), "value", text)]),
    placeOf(path) {
      const written = writtenPath(root, path);
      return lookup(root, written) && locate(root, written, "key");
    },
    resolvePath: (file) => relativeTo(fileThatWrites(root, file) ?? name, file),
    changed: (overrides) => validated(name, root, overrides, components),
  };
}

/** What may stand where in a scenario of these components. */
export function scenarioShape(components: readonly Component[]): Shape {
  return compiled(components).shape;
}

const compilations = new WeakMap<readonly Component[], { schema: z.ZodType; shape: Shape }>();

/** Schema and shape of these components. Made once for a list: a sweep loads its scenario many times. */
function compiled(components: readonly Component[]): { schema: z.ZodType; shape: Shape } {
  const known = compilations.get(components);
  if (known) return known;
  const made = { schema: scenarioSchema(components), shape: shapeOf(describedSections(components)) };
  compilations.set(components, made);
  return made;
}

/** Elements of a list are told apart by name, also where the name is a default. */
function sameNames({ occurs, section }: Component, settings: Settings, root: Mapping): Problem[] {
  if (occurs !== "many") return [];
  const names = (settings[section] as { name?: unknown }[]).map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const text = `expected a name of its own, but ${section}.${first} is named "${name}" too`;
    return [problemAt(root, [section, index, "name"], "value", text)];
  });
}

/**
 * The path as it is written: names stand for numbers, and the only element of what may be a list needs
 * neither.
 */
function writtenPath(root: Mapping, path: readonly (string | number)[]): PropertyKey[] {
  const [first = "", ...rest] = path.map(String);
  const section = first.split(".")[0] as string;
  const steps = first === section ? rest : [first.slice(section.length + 1), ...rest];
  const written: PropertyKey[] = [section];
  let node = root.entries.get(section)?.value;
  for (const step of steps) {
    if (node?.kind === "list") {
      const named = node.items.findIndex((item) => nameOf(item) === step);
      if (named < 0 && !/^\d+$/.test(step) && node.items.length === 1) {
        written.push(0);
        node = node.items[0];
      } else {
        written.push(named < 0 ? step : named);
        node = node.items[named < 0 ? Number(step) : named];
        continue;
      }
    }
    const isOnly = step === "0" || (node && nameOf(node) === step);
    if (node?.kind === "mapping" && isOnly && !node.entries.has(step)) continue;
    written.push(step);
    node = node?.kind === "mapping" ? node.entries.get(step)?.value : undefined;
  }
  return written;
}

/**
 * The file in which this text stands as a value. A text from an option is relative to the scenario itself.
 */
function fileThatWrites(node: Node, text: string): string | undefined {
  if (node.kind === "scalar") return node.value === text && node.place.line ? node.place.file : undefined;
  const inner = node.kind === "list" ? node.items : [...node.entries.values()].map(({ value }) => value);
  for (const value of inner) {
    const file = fileThatWrites(value, text);
    if (file !== undefined) return file;
  }
  return undefined;
}
