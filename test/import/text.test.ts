import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import type { Note } from "../../src/import/note.js";
import { importText, notesText } from "../../src/import/text.js";

const LIMIT: Note = {
  where: "nginx.conf:7",
  directive: "limit_rate 1k",
  kind: "not-modelled",
  text: "rates are not limited",
};
const HARMLESS: Note = { where: "nginx.conf:1", directive: "user www", kind: "no-effect", text: "a process" };
const scenario = { nginx: { listen: "80" }, clients: {}, app: {} };

describe("the scenario file", () => {
  test("begins with where it is from and what is not in it", () => {
    expect(importText({ scenario, notes: [HARMLESS, LIMIT] }, ["nginx.conf"])).toBe(`# Imported from
#   nginx.conf
#
# Not in this scenario, though it could change the prediction:
#   nginx.conf:7 limit_rate 1k: not modelled: rates are not limited

nginx:
  listen: "80"
clients: {}
app: {}
`);
  });

  test("says nothing of that when all is in it, and stays YAML whatever a directive holds", () => {
    expect(importText({ scenario, notes: [HARMLESS] }, ["a"])).not.toContain("Not in this");
    const odd = { ...LIMIT, directive: 'if ($a = "b\nc: d")' };
    expect(parseDocument(importText({ scenario, notes: [odd] }, ["a"])).toJS()).toEqual(scenario);
  });
});

test.each([
  [[], ""],
  [[HARMLESS], "1 other directive has no effect on a prediction\n"],
  [
    [HARMLESS, LIMIT, HARMLESS],
    "nginx.conf:7 limit_rate 1k: not modelled: rates are not limited\n2 other directives have no effect on a prediction\n",
  ],
])("notes are told line by line, harmless ones counted: %#", (notes, text) => {
  expect(notesText(notes)).toBe(text);
});
