// Each rule of doctor speaks where its numbers say so, word by word, and is silent in a scenario near it.

import { describe, expect, test } from "vitest";
import { rules } from "../../../models/doctor/rules.js";
import { loadCases } from "./load-cases.js";
import { findingsIn, scenarioOf } from "./scenarios.js";
import { sentences } from "./sentences.js";
import { serverCases } from "./server-cases.js";

const cases = { ...loadCases, ...serverCases };

describe("a rule speaks of its own scenario, and not of the one near it:", () => {
  test.each(rules.map(({ id }) => id))("%s", (id) => {
    const { applies, near } = cases[id] ?? {};
    const said = (sections: Parameters<typeof scenarioOf>[0]) =>
      findingsIn(scenarioOf(sections)).filter(({ rule }) => rule === id);
    expect(said(applies ?? {}).map(({ text }) => text)).toEqual([sentences[id]]);
    expect(said(near ?? {})).toEqual([]);
  });
});

test("every rule has a name of its own, a source and an end for `tells when`", () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { id, source, when } of rules) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(source, id).not.toBe("");
    expect(when, id).toMatch(/^[^A-Z].*[^.]$/);
  }
});

test("every finding names settings that are written or have somebody's default, and a fix", () => {
  for (const [id, { applies }] of Object.entries(cases)) {
    for (const { settings, fix } of findingsIn(scenarioOf(applies))) {
      expect(fix, id).not.toBe("");
      for (const setting of settings) expect([setting.place, setting.default_of], id).toContain(null);
    }
  }
});
