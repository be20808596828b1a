import { describe, expect, test } from "vitest";
import { runText } from "../../src/report/text.js";
import { theoryLines } from "../../src/report/theory.js";
import type { Result, TheoryResult, WarmUp } from "../../src/run/result.js";
import { around, burst, exact } from "./fixtures.js";

const theory: TheoryResult = {
  system: "M/M/4/133",
  source: "birth and death (A. Erlang, 1917)",
  exact: true,
  left_out: [],
  values: [
    { quantity: "blocked", exact: 0.00756322, simulated: around(0.0075, 0.0004), z: -0.329 },
    { quantity: "delayed", exact: 0.98309, simulated: exact(1), z: null },
    { quantity: "wait", exact: 0.7987616, simulated: around(0.8012, 0.021), z: 0.243 },
    { quantity: "utilisation", exact: 0.99243678, simulated: around(0.9931, 0.0011), z: 1.26 },
  ],
};
const SETTLED: WarmUp = { left_out_s: 1.5, why: "MSER of pilot replications", steady: true, told: true };
const lines = (given: Partial<TheoryResult> = {}, columns = 80, warm_up = SETTLED) =>
  `\n${theoryLines({ ...burst(), warm_up, theory: { ...theory, ...given } }, columns).join("\n")}\n`;

test("exact and simulated values stand in one table, five digits beside what the simulation knows", () => {
  expect(lines()).toMatchInlineSnapshot(`
    "
      exactly M/M/4/133 in its steady state: birth and death (A. Erlang, 1917)
                         exact          simulated     z
      find no place  0.75632 %  0.750 % ± 0.040 %  -0.3
      have to wait    98.309 %              100 %
      mean wait      798.76 ms     801 ms ± 21 ms   0.2
      utilisation     99.244 %   99.31 % ± 0.11 %   1.3
    "
  `);
});

test("what the exact answer leaves out is said", () => {
  const left_out = ["nginx's own queue (request_cpu of 70us)"];
  expect(lines({ exact: false, left_out, values: theory.values.slice(2, 3) }, 50)).toMatchInlineSnapshot(`
    "
      nearly M/M/4/133 in its steady state: birth and
        death (A. Erlang, 1917), without nginx's own
        queue (request_cpu of 70us)
                     exact       simulated    z
      mean wait  798.76 ms  801 ms ± 21 ms  0.2
    "
  `);
});

describe("that z is not chance alone is said", () => {
  const short = { left_out_s: 0, why: "a test of fewer than 10000 requests counts whole", told: false };
  const unsteady = { left_out_s: 0, why: "no steady state was reached", steady: false, told: true };
  const certain = { values: theory.values.slice(1, 2) };

  test("of a run that counts from its empty start", () => {
    expect(lines({}, 80, { ...short, steady: true })).toMatch(
      /1\.3\n {2}z is not chance alone: the run counts from its empty start to its end\n$/,
    );
  });

  test("of one without a steady state", () => {
    expect(lines({}, 80, unsteady)).toMatch(
      /\n {2}z is not chance alone: the run reached no steady state\n$/,
    );
  });

  test.each([
    ["a load that holds from the start", { ...SETTLED, left_out_s: 0 }, {}],
    ["a table without any z", unsteady, certain],
  ])("not of %s", (_, warm_up, given) => {
    expect(lines(given, 80, warm_up)).not.toContain("chance");
  });
});

test("where theory has no answer nothing is said of it", () => {
  expect(theoryLines(burst(), 80)).toEqual([]);
  expect(runText(burst(), { columns: 80, colour: false })).not.toContain("Queueing theory");
  const known: Result = { ...burst(), theory };
  expect(runText(known, { columns: 80, colour: false })).toContain("Queueing theory\n  exactly M/M/4/133");
});
