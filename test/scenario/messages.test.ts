// Whatever a user writes wrongly, the message is ours: "expected …, got …", never the library's.

import { expect, test } from "vitest";
import { components } from "../../models/index.js";
import { describedSections } from "../../src/scenario/described.js";
import { ScenarioError } from "../../src/scenario/error.js";
import { loadScenario } from "../../src/scenario/load.js";
import type { JsonSchema } from "../../src/scenario/shape.js";

const root = describedSections(components);

/** One of each kind; few places take more than two of them. */
const WRONG = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  "",
  "x",
  "0s",
  "0/s",
  "200d",
  "2e9/s",
  [],
  [[]],
  [null],
  {},
  { no: 1 },
];

/** Wrong values for a place, and those that are wrong further inside; `seen` are the references followed. */
function wrongValues(schema: JsonSchema, seen: readonly string[] = []): unknown[] {
  const { $ref, properties = {}, items } = schema;
  const inside: unknown[] = [];
  for (const inner of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) {
    inside.push(...wrongValues(inner, seen));
  }
  if ($ref !== undefined && !seen.includes($ref)) {
    const referred = root.definitions?.[$ref.replace("#/definitions/", "")] as JsonSchema;
    inside.push(...wrongValues(referred, [...seen, $ref]));
  }
  const named = Object.entries(properties).filter(([, property]) => "const" in property);
  const fixed = Object.fromEntries(named.map(([key, property]) => [key, property.const]));
  for (const [key, property] of Object.entries(properties)) {
    for (const wrong of wrongValues(property, seen)) inside.push({ ...fixed, [key]: wrong });
  }
  if (items !== undefined && !Array.isArray(items)) {
    for (const wrong of wrongValues(items, seen)) inside.push([wrong]);
  }
  return [...WRONG, ...inside];
}

function messages(scenario: unknown): string[] {
  try {
    loadScenario("a.yaml", { read: () => JSON.stringify(scenario), components });
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.map(({ path, text }) => `${path}: ${text}`);
    throw error;
  }
}

test("no wrong value at any place of a scenario is answered in the words of the library", () => {
  const candidates = new Set(wrongValues(root).map((value) => JSON.stringify(value)));
  const told = new Set([...candidates].flatMap((text) => messages(JSON.parse(text))));
  expect(candidates.size).toBeGreaterThan(1_000);
  expect(told.size).toBeGreaterThan(500);
  const form =
    /: (expected |missing; expected |unknown key; |known to |empty; |a key must |.*nothing to remove)/;
  expect([...told].filter((text) => !form.test(text))).toEqual([]);
  const foreign = /Too (small|big)|Invalid|Unrecognized|received|undefined|NaN/;
  expect([...told].filter((text) => foreign.test(text))).toEqual([]);
});

test("one mistake at one place is told once", () => {
  const several = wrongValues(root).filter((value) => {
    const places = messages(value).map((text) => text.split(": ")[0]);
    return new Set(places).size < places.length;
  });
  expect(several).toEqual([]);
});
