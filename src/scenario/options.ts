// `--set KEY=VALUE` and `--rate RATE`: changes from the command line, laid over what the files say.

import { ScenarioError } from "./error.js";
import { problemFrom } from "./explain.js";
import type { Shape } from "./shape.js";
import {
  type Entry,
  type List,
  lookup,
  type Mapping,
  type Node,
  nameOf,
  type Place,
  pathText,
} from "./tree.js";
import { parseYamlValue } from "./yaml.js";

/** Begins an alias, an anchor, a tag, a directive or a text of several lines in YAML. */
const INDICATOR = /^[*&!%@`|>]/;

/**
 * Applies `gunicorn.workers=8`. The value is YAML; null removes the key. Keys may contain dots (sysctls): the
 * longest known one wins. List elements are named by number from 0 or by their `name`; where a section may be
 * one or a list, a single one needs neither. `option` is how messages call it. Throws a ScenarioError.
 */
export function applySet(root: Mapping, assignment: string, shape: Shape, option = "--set"): Mapping {
  const place: Place = { file: `${option} ${assignment}` };
  const equals = assignment.indexOf("=");
  const path = assignment.slice(0, Math.max(0, equals)).trim();
  const text = assignment.slice(equals + 1);
  if (path === "") throw new ScenarioError([problemFrom(place, [], "expected KEY=VALUE")]);
  if (text.trim() === "") {
    throw new ScenarioError([problemFrom(place, [], 'expected a value after "="; null removes the key')]);
  }
  if (path === "extends") {
    const reason = "is followed before options are applied; write it into a scenario file of its own";
    throw new ScenarioError([problemFrom(place, [], `extends ${reason}`)]);
  }
  // In a value of its own there is nothing that `*:80` could be an alias of.
  const value: Node = INDICATOR.test(text)
    ? { kind: "scalar", place, value: text }
    : parseYamlValue(place, text);
  return put(root, path.split("."), value, place, shape);
}

/** Sets one value as if it had been written; `option` is how messages call it. */
export function applyValue(
  root: Mapping,
  path: readonly string[],
  value: string | number,
  option: string,
  shape: Shape,
): Mapping {
  const place: Place = { file: option };
  return put(root, path, { kind: "scalar", place, value }, place, shape);
}

/**
 * Gives every phase of every population's arrivals this rate. Throws a ScenarioError if there is none, and
 * for each phase that has no rate, such as a ramp, since it would stay as it is.
 */
export function applyRate(root: Mapping, rate: string, shape: Shape): Mapping {
  const option = `--rate ${rate}`;
  const fail = (texts: string[]) =>
    new ScenarioError(texts.map((text) => problemFrom({ file: option }, [], text)));
  const phases = elements(root, ["clients"]).flatMap((path) => elements(root, [...path, "arrivals"]));
  if (phases.length === 0) throw fail(["no phase of clients.arrivals has a rate"]);
  const others = phases.filter((path) => lookup(root, [...path, "rate"]) === undefined);
  if (others.length > 0) {
    throw fail(
      others.map(
        (path) => `${pathText(path)}${processOf(root, path)} has no rate to set; change it with --set`,
      ),
    );
  }
  return phases.reduce((tree, path) => applyValue(tree, [...path, "rate"], rate, option, shape), root);
}

/** ` (process: ramp)`: what a phase is. */
function processOf(root: Mapping, path: readonly string[]): string {
  const process = lookup(root, [...path, "process"]);
  return process?.kind === "scalar" ? ` (process: ${process.value})` : "";
}

/** The paths of the elements of what may be one or a list. */
function elements(root: Mapping, path: readonly string[]): string[][] {
  const node = lookup(root, path);
  if (node?.kind === "list") return node.items.map((_, index) => [...path, String(index)]);
  return node ? [[...path]] : [];
}

/** What an option sets, and the keys and numbers that it has passed on the way there. */
interface Setting {
  value: Node;
  place: Place;
  passed: string[];
}

function put(root: Mapping, steps: readonly string[], value: Node, place: Place, shape: Shape): Mapping {
  const setting: Setting = { value, place, passed: [] };
  const changed = putInMapping(root, steps, setting, shape);
  place.path = pathText(setting.passed);
  return changed;
}

function putInside(
  node: Node | undefined,
  steps: readonly string[],
  setting: Setting,
  shape: Shape | undefined,
): Node {
  if (steps.length === 0) return setting.value;
  if (node?.kind === "list") return putInList(node, steps, setting, shape);
  const element = shape?.element();
  const mappingAllowed = shape === undefined || shape.open || shape.keys.length > 0;
  if (element && node?.kind !== "mapping" && !mappingAllowed) {
    return putInList({ kind: "list", place: setting.place, items: [] }, steps, setting, shape);
  }
  const mapping: Mapping =
    node?.kind === "mapping" ? node : { kind: "mapping", place: setting.place, entries: new Map() };
  const [first, ...rest] = steps;
  // A single element of what may be a list can be addressed as the list's only one.
  const addressed = first === "0" || (first !== undefined && first === nameOf(mapping));
  if (element && addressed && !mapping.entries.has(first) && !shape?.keys.includes(first)) {
    return putInside(mapping, rest, setting, element);
  }
  return putInMapping(mapping, steps, setting, shape);
}

function putInMapping(
  mapping: Mapping,
  steps: readonly string[],
  setting: Setting,
  shape: Shape | undefined,
): Mapping {
  const length = keyLength(mapping, steps, shape);
  const key = steps.slice(0, length).join(".");
  const rest = steps.slice(length);
  setting.passed.push(key);
  const entry = mapping.entries.get(key);
  const entries = new Map<string, Entry>(shape?.exclusive && !entry ? [] : mapping.entries);
  if (rest.length === 0 && setting.value.kind === "scalar" && setting.value.value === null) {
    if (!entry) throw failure(setting, "there is nothing to remove");
    entries.delete(key);
  } else {
    const value = putInside(entry?.value, rest, setting, shape?.at(key));
    entries.set(key, { key: entry?.key ?? setting.place, value });
  }
  return { ...mapping, entries };
}

/**
 * How many steps make up the key: the longest one that is written already or declared. An unknown key is
 * taken whole where keys with dots are declared or any key may stand, so that the message can name the
 * nearest one.
 */
function keyLength({ entries }: Mapping, steps: readonly string[], shape: Shape | undefined): number {
  const keys = shape?.keys ?? [];
  for (let length = steps.length; length > 0; length--) {
    const key = steps.slice(0, length).join(".");
    if (entries.has(key) || keys.includes(key)) return length;
  }
  const dotted = shape?.open || keys.some((key) => key.includes("."));
  return dotted ? steps.length : 1;
}

function putInList(list: List, steps: readonly string[], setting: Setting, shape: Shape | undefined): List {
  const { index, length } = elementAddressed(list, steps, setting, shape);
  setting.passed.push(String(index));
  const items = [...list.items];
  const rest = steps.slice(length);
  if (rest.length === 0 && setting.value.kind === "scalar" && setting.value.value === null) {
    items.splice(index, 1);
  } else {
    items[index] = putInside(list.items[index], rest, setting, shape?.element());
  }
  return { ...list, items };
}

/** Which element is meant, and how many steps name it: a name may contain dots. */
function elementAddressed(
  { items, place }: List,
  steps: readonly string[],
  setting: Setting,
  shape: Shape | undefined,
): { index: number; length: number } {
  for (let length = steps.length; length > 0; length--) {
    const name = steps.slice(0, length).join(".");
    const index = items.findIndex((item) => nameOf(item) === name);
    if (index >= 0) return { index, length };
  }
  const first = steps[0] as string;
  // A list that only the option brings into being starts with its first element.
  const addressable = place === setting.place ? 1 : items.length;
  if (/^\d+$/.test(first) && Number(first) < addressable) return { index: Number(first), length: 1 };
  const single = items.length === 1 && shape?.element()?.keys.includes(first);
  if (single) return { index: 0, length: 0 };
  throw failure(setting, `${pathText(setting.passed)} is ${listText(items)}`);
}

function listText(items: readonly Node[]): string {
  const names = items.map((item, index) => nameOf(item) ?? String(index));
  return items.length === 0 ? "an empty list" : `a list; its elements are ${names.join(", ")}`;
}

function failure({ place }: Setting, text: string): ScenarioError {
  return new ScenarioError([problemFrom(place, [], text)]);
}
