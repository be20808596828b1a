// Ranges and lists of values as a user writes them.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { overlayKnob, parseKnob } from "../../src/scenario/knob-values.js";

const valuesOf = (text: string) => parseKnob(`k=${text}`).values;

describe("values", () => {
  test.each<[string, (string | number)[]]>([
    ["1..4", [1, 2, 3, 4]],
    ["4..1", [4, 3, 2, 1]],
    ["3..3", [3]],
    ["-2..1", [-2, -1, 0, 1]],
    ["1..10:4", [1, 5, 9]],
    ["0.1..0.5:0.1", [0.1, 0.2, 0.3, 0.4, 0.5]],
    ["10ms..12ms", ["10ms", "11ms", "12ms"]],
    ["50/s..300/s:50/s", ["50/s", "100/s", "150/s", "200/s", "250/s", "300/s"]],
    ["30/min..1/s:15/min", ["0.5/s", "0.75/s", "1/s"]],
    ["500ms..2s:500ms", ["500ms", "1s", "1.5s", "2s"]],
    ["1KiB..1MiB:lin3", ["1024B", "525000B", "1048576B"]],
    ["8k..16k:4k", ["8k", "12k", "16k"]],
    ["1..64:log7", [1, 2, 4, 8, 16, 32, 64]],
    // Rounding gives 1 three times.
    ["1..4:log9", [1, 2, 3, 4]],
    ["10/s..1000/s:log5", ["10/s", "31.6/s", "100/s", "316/s", "1000/s"]],
    ["10ms..1s:log3", ["10ms", "100ms", "1s"]],
    ["1000..9000:lin5", [1000, 3000, 5000, 7000, 9000]],
    ["128,512,4096", [128, 512, 4096]],
    ["1..3,8,16..32:16", [1, 2, 3, 8, 16, 32]],
    ["sync,gthread", ["sync", "gthread"]],
    ["{exponential: 50ms},{gamma: {mean: 1s, cv: 2}}", ["{exponential: 50ms}", "{gamma: {mean: 1s, cv: 2}}"]],
    ['"a,b",[1, 2]', ['"a,b"', "[1, 2]"]],
    ["007,0x10", ["007", "0x10"]],
    ["../a.csv,b.csv", ["../a.csv", "b.csv"]],
  ])("%s are %j", (text, expected) => {
    expect(valuesOf(text)).toEqual(expected);
  });

  test.each<[string, RegExp]>([
    ["=1", /^--vary =1: expected KEY=VALUES/],
    ["k", /^--vary k: expected KEY=VALUES/],
    ["k=", /expected values, separated by commas, got an empty one/],
    ["k=1,,2", /got an empty one/],
    ["k=1,2,1", /1 is there twice/],
    ["k=1..a", /expected a number on both sides of "..", got 1..a/],
    ["k=1..2:up", /expected a step, as 1..2:STEP, or log9 or lin9, got "up"/],
    ["k=1..2:0", /expected a step above 0, got 0/],
    ["k=1ms..1s", /expected a step, as 1ms..1s:STEP, or how many values, as 1ms..1s:log9/],
    ["k=1ms..1/s:log3", /expected units that go together/],
    ["k=0..9:log3", /expected ends above 0 for equal factors/],
    ["k=1..9:log", /expected how many values, from 2 to 10000, as log9 or lin9/],
    ["k=1..1000000", /expected at most 10000 values, got 1000000; take larger steps/],
  ])("%s is refused", (text, message) => {
    expect(() => parseKnob(text)).toThrow(message);
  });

  test("of a range with equal factors lie between its ends, in their order", () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 2, max: 50 }),
      (from, to, count) => {
        const values = valuesOf(`${from}..${to}:log${count}`) as number[];
        const sorted = [...values].sort((a, b) => (from < to ? a - b : b - a));
        expect(values).toEqual(sorted);
        expect([values[0], values.at(-1)]).toEqual([from, to]);
      },
    );
    void fc.assert(property, { seed: 1, numRuns: 200 });
  });
});

describe("a knob", () => {
  test("has an order if all its values are numbers or quantities", () => {
    const texts = ["1..3", "1/s,2/s", "a,b", "1,a", "{exponential: 1s},2s"];
    expect(texts.map((text) => parseKnob(`k=${text}`).ordered)).toEqual([true, true, false, false, false]);
  });

  test("with steps takes each value in an equal part of its places, also by chance", () => {
    const { at } = parseKnob("k=1..4", { sampled: true });
    expect([0, 0.24, 0.25, 0.5, 0.99].map(at)).toEqual([1, 1, 2, 3, 4]);
    const list = parseKnob("k=a,b", { sampled: true });
    expect([0.49, 0.5].map(list.at)).toEqual(["a", "b"]);
  });

  test("without steps takes any value between its ends, by chance", () => {
    const { at, values } = parseKnob("k=10ms..1s:log", { sampled: true });
    expect(values).toEqual(["10ms", "1s"]);
    // 10 ms times 100^0.25 is 31.623 ms.
    expect([0, 0.25, 0.5].map(at)).toEqual(["10ms", "31.623ms", "100ms"]);
    expect(parseKnob("k=0/s..10/s:lin", { sampled: true }).at(0.125)).toBe("1.25/s");
  });

  test("may be files, which have no order and are there once", () => {
    expect(overlayKnob("a.yaml,b.yaml")).toMatchObject({ name: "overlay", values: ["a.yaml", "b.yaml"] });
    expect(() => overlayKnob("a.yaml,")).toThrow(/^--overlay a.yaml,: expected different files/);
    expect(() => overlayKnob("a,a")).toThrow(/expected different files/);
  });
});
