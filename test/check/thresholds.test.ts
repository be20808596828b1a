import { describe, expect, test } from "vitest";
import { thresholdsOf } from "../../src/check/thresholds.js";
import { load, ScenarioError } from "../../src/index.js";

const CLIENTS = "clients: { arrivals: { process: burst, requests: 3 } }\n";

describe("thresholds have the place at which they are written", () => {
  test("in a list of lines or in brackets", () => {
    const lines = load(`${CLIENTS}expect:\n  - 502.share < 1%\n  - latency.p99 <= 2s\n`);
    expect(thresholdsOf(lines)).toEqual([
      {
        objective: { text: "502.share < 1%", metric: "502.share", op: "<", limit: 0.01, unit: "share" },
        index: 0,
        place: { file: "scenario.yaml", line: 3, column: 5 },
      },
      {
        objective: { text: "latency.p99 <= 2s", metric: "latency.p99", op: "<=", limit: 2, unit: "s" },
        index: 1,
        place: { file: "scenario.yaml", line: 4, column: 5 },
      },
    ]);
    const [, second] = thresholdsOf(load(`${CLIENTS}expect: ["502.share < 1%", "throughput > 3/s"]\n`));
    expect(second?.place).toEqual({ file: "scenario.yaml", line: 2, column: 28 });
  });

  test("in the base that a scenario extends, until it says something else", () => {
    const files = { "base.yaml": `${CLIENTS}expect:\n  - 502.share < 1%\n  - 504.share < 1%\n` };
    const places = (text: string) => thresholdsOf(load(text, { files })).map(({ place }) => place);
    expect(places("extends: base.yaml\n")).toEqual([
      { file: "base.yaml", line: 3, column: 5 },
      { file: "base.yaml", line: 4, column: 5 },
    ]);
    expect(places("extends: base.yaml\nexpect: [throughput > 3/s]\n")).toEqual([
      { file: "scenario.yaml", line: 2, column: 10 },
    ]);
    expect(places("extends: base.yaml\nexpect: []\n")).toEqual([]);
  });

  test("in an option, which has no line", () => {
    const option = 'expect=["502.share < 2%"]';
    const [threshold] = thresholdsOf(load(CLIENTS, { set: [option] }));
    expect(threshold).toMatchObject({ index: 0, objective: { limit: 0.02 } });
    expect(threshold?.place).toEqual({ file: `--set ${option}`, path: "expect" });
  });
});

test("a scenario that expects nothing has none", () => {
  expect(thresholdsOf(load(CLIENTS))).toEqual([]);
});

describe("what is wrong is told at its line, whoever loads it:", () => {
  const problems = (text: string, set: string[] = []) => {
    try {
      load(CLIENTS + text, { set });
    } catch (error) {
      if (error instanceof ScenarioError) return error.message.split("\n");
      throw error;
    }
    return [];
  };

  test("all thresholds at once", () => {
    expect(problems("expect:\n  - 502.shar < 1%\n  - 504.share < 1%\n  - throughput\n")).toEqual([
      expect.stringMatching(
        /^scenario.yaml:3:5 expect.0: expected a metric such as .*, got "502.shar"; did you mean "502.share"\?$/,
      ),
      expect.stringMatching(
        /^scenario.yaml:5:5 expect.2: expected METRIC OP VALUE such as .*, got "throughput"$/,
      ),
    ]);
  });

  test.each([
    ["expect: 502.share < 1%\n", /^scenario.yaml:2:9 expect: expected a list of thresholds such as /],
    ["expect: [502]\n", /^scenario.yaml:2:10 expect.0: expected a threshold such as .*, got 502$/],
    ['expect: [""]\n', /^scenario.yaml:2:10 expect.0: expected a threshold such as /],
    ["expect: { a: 1 }\n", /^scenario.yaml:2:9 expect: expected a list of thresholds/],
    ["expects: [502.share < 1%]\n", /^scenario.yaml:2:1 expects: unknown key; did you mean "expect"\?/],
  ])("%j", (text, message) => {
    expect(problems(text)).toEqual([expect.stringMatching(message)]);
  });

  test("an option that breaks one", () => {
    expect(problems("expect: [502.share < 1%]\n", ["expect.0=502.share = 1%"])).toEqual([
      '--set expect.0=502.share = 1%: expected <, <=, > or >=, got "="; no estimate is ever exactly a number',
    ]);
  });
});
