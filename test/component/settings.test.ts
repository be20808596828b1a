import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  byKind,
  bytes,
  choice,
  count,
  declare,
  describe as describeSetting,
  duration,
  fragment,
  named,
  number,
  oneOrMany,
  pattern,
  rate,
  section,
  text,
  toJsonSchema,
} from "../../src/component/settings.js";
import { parseBytes, parseDurationNs, parseRatePerSecond } from "../../src/component/units.js";

const help = "what it is";

/** What a schema says of a bad value, as path and message. */
function complaints(schema: z.ZodType, value: unknown): [path: string, message: string][] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => [path.join("."), message]);
}

const DURATION = 'a duration with a unit such as "250ms" or "30s"';
const RATE = 'a rate above zero such as "200/s"';
const SIZE = 'a size such as "2B" or "4KiB"';
const version = pattern({ help, expected: 'a version such as "1.22.1"', form: /^\d+\.\d+\.\d+$/ });
const sleep = byKind(
  {
    constant: section({ value: duration({ help }) }),
    exponential: section({ mean: duration({ help, default: "50ms" }) }),
  },
  {
    expected: "a duration or a distribution",
    short: duration({ help }).transform((value) => ({ kind: "constant", value })),
  },
);
const server = section({ address: text({ help }), weight: count({ help, least: 1, default: 1 }) });
const servers = oneOrMany(server, "where requests go");

describe('a message completes "expected …"', () => {
  test.each<[string, z.ZodType, unknown, string]>([
    ["a duration without a unit", duration({ help }), "30", DURATION],
    ["a number for a duration", duration({ help }), 30, DURATION],
    ["nothing for a duration", duration({ help }), null, DURATION],
    ["a duration that is not there", duration({ help }), undefined, DURATION],
    ["a rate of zero", rate({ help }), "0/s", RATE],
    ["a rate without a unit", rate({ help }), 200, RATE],
    ["a size without a unit", bytes({ help }), "2", SIZE],
    ["a list for a size", bytes({ help }), [], SIZE],
    ["a count below its limit", count({ help, least: 1 }), 0, "a whole number of at least 1"],
    ["a text for a count", count({ help, least: 1 }), "4", "a whole number of at least 1"],
    ["a broken count", count({ help, least: 0 }), 1.5, "a whole number of at least 0"],
    ["a count above its limit", count({ help, least: 1, most: 9 }), 10, "a whole number from 1 to 9"],
    ["a count that a double cannot hold", count({ help, least: 1 }), 2 ** 53, "a whole number of at least 1"],
    ["a number at its limit", number({ help, above: 0 }), 0, "a number above 0"],
    ["a number that is none", number({ help, above: 0 }), Number.NaN, "a number above 0"],
    ["infinity", number({ help, above: 0 }), Number.POSITIVE_INFINITY, "a number above 0"],
    ["a large number", number({ help, above: 0, most: 1 }), 2, "a number above 0 and at most 1"],
    ["an empty text", text({ help }), "", "a text"],
    ["a number for a text", text({ help }), 3, "a text"],
    ["a text of another form", version, "1.22", 'a version such as "1.22.1"'],
    ["a number for a text with a form", version, 1.22, 'a version such as "1.22.1"'],
    ["another word", choice(["sync"], { help }), "async", '"sync"'],
    ["none of several words", choice(["on", "off"], { help }), true, 'one of "on", "off"'],
    ["a text for a section", server, "unix:/a", "a section of settings"],
    ["a list for a section", server, [], "a section of settings"],
    ["an empty list", servers, [], "a list with at least one element"],
    ["a list for a kind", sleep, ["exponential"], "a duration or a distribution"],
    ["no kind", sleep, {}, "a duration or a distribution"],
    ["two kinds", sleep, { constant: {}, exponential: {} }, "a duration or a distribution"],
    ["a bad abbreviation of a kind", sleep, "often", DURATION],
  ])("%s", (_claim, schema, value, message) => {
    expect(complaints(schema, value)).toEqual([["", message]]);
  });

  test("the path leads to the value, through lists, kinds and single elements", () => {
    expect(complaints(servers, [{ address: "a" }, { address: "" }])).toEqual([["1.address", "a text"]]);
    expect(complaints(servers, { address: "" })).toEqual([["address", "a text"]]);
    expect(complaints(sleep, { exponential: { mean: 5 } })).toEqual([["exponential.mean", DURATION]]);
    const whole = section({ sleep, servers });
    expect(complaints(whole, { sleep: { constant: {} }, servers: [{ weight: 0 }] })).toEqual([
      ["sleep.constant.value", DURATION],
      ["servers.0.address", "a text"],
      ["servers.0.weight", "a whole number of at least 1"],
    ]);
  });

  test("an unknown key comes with the known ones, for a suggestion", () => {
    const { error } = section({ server }).safeParse({ server: { address: "a", wieght: 2 } });
    expect(error?.issues).toMatchObject([
      { code: "unrecognized_keys", keys: ["wieght"], path: ["server"], message: "address weight" },
    ]);
  });

  test("an unknown kind comes with the known ones, even if every object has it", () => {
    for (const kind of ["exponental", "constructor", "__proto__"]) {
      const { error } = sleep.safeParse(JSON.parse(`{ "${kind}": {} }`));
      expect(error?.issues).toMatchObject([
        { code: "unrecognized_keys", keys: [kind], message: "constant exponential" },
      ]);
    }
  });
});

describe("what is right", () => {
  test.each<[string, z.ZodType, unknown, unknown]>([
    ["a duration", duration({ help }), "1.5s", 1_500_000_000],
    ["a duration of zero", duration({ help }), "0", 0],
    ["a rate", rate({ help }), "600/min", 10],
    ["a size", bytes({ help }), "4KiB", 4_096],
    ["a count at its limits", count({ help, least: 0, most: 0 }), 0, 0],
    ["a number at the upper limit", number({ help, above: 0, most: 1 }), 1, 1],
    ["a text", text({ help }), "a", "a"],
    ["a text with a form", version, "1.22.1", "1.22.1"],
    ["a word", choice(["on", "off"], { help }), "off", "off"],
    ["one element of a list", servers, { address: "a" }, [{ address: "a", weight: 1 }]],
    ["a list", servers, [{ address: "a", weight: 2 }], [{ address: "a", weight: 2 }]],
    ["a kind", sleep, { exponential: {} }, { kind: "exponential", mean: 50_000_000 }],
    ["an abbreviated kind", sleep, "2s", { kind: "constant", value: 2_000_000_000 }],
  ])("%s is read", (_claim, schema, value, expected) => {
    expect(schema.parse(value)).toEqual(expected);
  });

  test("a default is written as the user would, and goes through the same reading", () => {
    expect(duration({ help, default: "60s" }).parse(undefined)).toBe(60_000_000_000);
    expect(complaints(count({ help, least: 1, default: 0 }), undefined)).toEqual([
      ["", "a whole number of at least 1"],
    ]);
  });
});

describe("what is told of a setting", () => {
  test("is help, unit and source", () => {
    expect(describeSetting(duration({ help, default: "60s", source: "a manual" }))).toEqual({
      help,
      unit: "duration",
      source: "a manual",
    });
    expect(describeSetting(choice(["on"], { help }))).toEqual({ help });
    expect(describeSetting(section({}, "a part"))).toEqual({ help: "a part" });
    expect(describeSetting(servers)).toEqual({ help: "where requests go" });
    expect(describeSetting(z.string())).toBeUndefined();
  });
});

describe("the JSON Schema", () => {
  test("of a setting has its help, source and default, as the user writes them", () => {
    expect(fragment(duration({ help, default: "60s", source: "a manual" }))).toMatchObject({
      type: "string",
      description: "what it is (a manual)",
      default: "60s",
    });
  });

  test.each<[string, z.ZodType, object]>([
    ["a count", count({ help, least: 1, most: 9 }), { type: "integer", minimum: 1, maximum: 9 }],
    ["a number", number({ help, above: 0, most: 1 }), { type: "number", exclusiveMinimum: 0, maximum: 1 }],
    ["a text", text({ help }), { type: "string", minLength: 1 }],
    ["a text with a form", version, { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+$" }],
    ["words", choice(["on", "off"], { help }), { type: "string", enum: ["on", "off"] }],
  ])("of %s has its limits", (_claim, schema, expected) => {
    expect(fragment(schema)).toEqual({ ...expected, description: help });
  });

  test("of a section requires what has no default and admits no other key", () => {
    expect(fragment(server)).toMatchObject({
      type: "object",
      required: ["address"],
      additionalProperties: false,
    });
  });

  test("of one or many admits both", () => {
    const one = fragment(server);
    expect(fragment(servers)).toEqual({
      description: "where requests go",
      anyOf: [one, { type: "array", minItems: 1, items: one }],
    });
  });

  test("of kinds admits the abbreviation and each kind alone", () => {
    const kind = (name: string) => ({ type: "object", required: [name], additionalProperties: false });
    expect(fragment(sleep)).toMatchObject({
      anyOf: [{ type: "string" }, kind("constant"), kind("exponential")],
    });
  });

  test("of what contains itself refers to a definition, which stands there once", () => {
    const tree: z.ZodType<{ kind: string }> = named(
      "tree-of-tests",
      byKind(() => ({ branch: section({ of: z.array(tree) }) }), { expected: "a tree" }),
    );
    const reference = { allOf: [{ $ref: "#/definitions/tree-of-tests" }] };
    expect(toJsonSchema(section({ root: declare(tree, undefined, { help }) }))).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      properties: { root: { ...reference, description: help } },
      definitions: {
        "tree-of-tests": {
          anyOf: [{ properties: { branch: { properties: { of: { items: reference } } } } }],
        },
      },
    });
    expect(toJsonSchema(server)).not.toHaveProperty("definitions");
  });

  // An editor must not mark as wrong what recvq takes.
  test.each<[string, z.ZodType, (text: string) => number | undefined, string[]]>([
    ["duration", duration({ help }), parseDurationNs, ["ns", "us", "µs", "ms", "s", "m", "min", "h", "d"]],
    ["rate", rate({ help }), parseRatePerSecond, ["/s", "/sec", "/m", " / min", "/h", "/d"]],
    ["size", bytes({ help }), parseBytes, ["B", "kB", "MB", "GB", "KiB", "MiB", " GiB"]],
  ])("of a %s matches every text that is understood", (_claim, schema, parse, units) => {
    const { pattern: form } = fragment(schema) as { pattern: string };
    const part = fc
      .tuple(fc.constantFrom("0", "1", "30", "1.5", "0.25", "1e3", "2.5e-1"), fc.constantFrom(...units))
      .map(([digits, unit]) => digits + unit);
    const texts = fc.oneof(
      part,
      fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(" ")),
    );
    fc.assert(
      fc.property(texts, (written) => {
        if (parse(written)) expect(written).toMatch(new RegExp(form));
      }),
      { seed: 14, numRuns: 300 },
    );
  });

  test.each<[string, z.ZodType, string[]]>([
    ["duration", duration({ help }), ["30", "", "s", "30 weeks", "-1s"]],
    ["rate", rate({ help }), ["200", "/s", "200/ms"]],
    ["size", bytes({ help }), ["2", "2k", "kB"]],
  ])("of a %s matches no text without number and unit", (_claim, schema, texts) => {
    const { pattern: form } = fragment(schema) as { pattern: string };
    for (const written of texts) expect(written).not.toMatch(new RegExp(form));
  });
});
