import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { capacityText } from "../../src/report/capacity.js";
import type { Capacity, CapacityEnd, ProbedValue } from "../../src/run/capacity-result.js";

const PROBE: ProbedValue = {
  ...{ value: 180, text: "180/s", replications: 40, finding: "meets", utilisation: 0.9, unsteady: false },
  objectives: [
    { estimate: { value: 0.0008, low: 0.0006, high: 0.001 }, finding: "meets", p: 0.01 },
    { estimate: { value: 0.4, low: 0.39, high: 0.41 }, finding: "meets", p: 0 },
  ],
};
const BEYOND: ProbedValue = {
  ...PROBE,
  ...{ value: 190, text: "190/s", finding: "fails" },
  objectives: [
    { estimate: { value: 0.002, low: 0.0017, high: 0.0023 }, finding: "fails", p: 1e-5 },
    { estimate: { value: 0.5, low: 0.49, high: 0.51 }, finding: "meets", p: 0 },
  ],
};
const END: CapacityEnd = {
  ...{ value: 185.2, low: 183.8, high: 186.6, text: "185.2/s", bounded: true, reached: true },
  ...{ method: "interpolated", inside: 180, beyond: 190, failing: [0] },
};
const START: CapacityEnd = {
  ...{
    value: 100,
    low: 100,
    high: 100,
    text: "100/s",
    bounded: false,
    reached: true,
    inside: 100,
    failing: [],
  },
};
const FOUND: Capacity = {
  ...{ version: 1, recvq: "0.1.0", scenario: {}, source: "app.yaml", seed: "1" },
  knob: {
    ...{ key: "rate", kind: "rate", seek: "max", whole: false, current: 150, from: 100, to: 300 },
    ...{ from_text: "100/s", to_text: "300/s", assumed: false },
  },
  objectives: [
    { text: "502.share < 0.1%", metric: "502.share", op: "<", limit: 0.001, unit: "share" },
    { text: "200.latency.p99 < 1s", metric: "200.latency.p99", op: "<", limit: 1, unit: "s" },
  ],
  ...{ confidence: 0.95, precision: 0.01, status: "found", answer: END, regions: [{ from: START, to: END }] },
  causes: [
    {
      id: "unix-queue-full",
      text: "unix accept queue full",
      settings: ["gunicorn.backlog = 64"],
      share: 0.002,
    },
  ],
  ...{ probes: [PROBE, BEYOND], replications: 80, bisection_replications: 400, warnings: [] },
};
const quiet = (changes: Partial<Capacity>) =>
  capacityText({ ...FOUND, ...changes }, { columns: 80, colour: false, quiet: true });
const whole = (value: number, key = "gunicorn.workers"): Partial<Capacity> => ({
  knob: { ...FOUND.knob, key, kind: "count", seek: "min", whole: true, from: 1, to: 64 },
  answer: { ...END, value, low: value, high: value, method: "decided", inside: value, beyond: value - 1 },
});

describe("the verdict says", () => {
  test("the value with its interval, what fails beyond, and why", () => {
    expect(quiet({})).toBe(
      "185.2/s ± 1.4/s is the largest rate that meets both objectives; beyond that 502.share < 0.1% fails: unix accept queue full.\n",
    );
  });

  test("of whole numbers how sure the neighbour fails", () => {
    const probes = [
      { ...BEYOND, value: 6 },
      { ...PROBE, value: 7 },
    ];
    const [{ to: last }] = FOUND.regions as [(typeof FOUND.regions)[number]];
    const regions = [{ from: END, to: { ...last, bounded: false } }];
    expect(quiet({ ...whole(7), probes, regions })).toMatch(
      /^7 is the smallest gunicorn.workers that meets both objectives; with 6, 502.share < 0.1% fails \(0.200 % ± 0.030 %, p < 0.001\): /,
    );
  });

  test("where else they are met, and what fails there", () => {
    const upper = { ...END, value: 400, low: 390, high: 410, failing: [1] };
    const regions = [{ from: END, to: upper }];
    expect(quiet({ ...whole(185, "gunicorn.backlog"), regions })).toContain(
      " Not every larger one does: larger than 400 ± 10 200.latency.p99 < 1s fails.",
    );
    const two = [
      ...regions,
      { from: { ...END, value: 500, low: 490, high: 510 }, to: { ...START, value: 600 } },
    ];
    expect(quiet({ ...whole(185), regions: two })).toContain(
      "there are those from 185 ± 1 to 400 ± 10, and from 500 ± 10 to 600.",
    );
  });

  test("that all of the range meets, none of it does, or that it is not decided", () => {
    const all = [{ from: START, to: { ...START, value: 300 } }];
    expect(quiet({ status: "beyond", answer: { ...START, value: 300 }, regions: all })).toMatch(
      /^Both objectives hold as far as 300\/s, so that the largest rate is 300\/s or lies above it; --within looks/,
    );
    expect(quiet({ status: "none", answer: null, regions: [], probes: [BEYOND, BEYOND] })).toBe(
      "No rate from 100/s to 300/s meets both objectives, of 2 that were tried: 502.share < 0.1% fails at all of them.\n",
    );
    expect(quiet({ status: "undecided" })).toBe(
      "Undecided: the largest rate that meets both objectives is between 183.8/s and 186.6/s as far as 80 " +
        "replications tell; run.max_replications and run.time_limit are the limits.\n",
    );
  });
});

describe("below it", () => {
  test("stand both sides of the answer, causes, the values tried and a chart, no wider than the terminal", () => {
    const memory = {
      worker_bytes: 150 * 2 ** 20,
      total_bytes: 2 ** 32,
      workers: 27,
      needed_bytes: 27 * 150 * 2 ** 20,
    };
    const text = capacityText({ ...FOUND, memory }, { columns: 80, colour: false });
    expect(text).toContain("27 workers of 150 MiB need 3.955 GiB, of 4 GiB.");
    expect(text).toMatch(
      /^502.share < 0.1% .*0.080 % ± 0.020 % meets .* 0.200 % ± 0.030 % fails {2}<- binds$/m,
    );
    expect(text).toMatch(/^0.2 % {2}unix accept queue full$/m);
    expect(text).toMatch(/^> 180\/s +40 .*meets$/m);
    expect(text).toMatch(/^0.100 ┤┄*[╭╮╰╯─]/m);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const coloured = capacityText({ ...FOUND, memory }, { columns: 80, colour: true });
    expect(coloured).toContain("\u001b");
    expect(stripVTControlCharacters(coloured)).toBe(text);
  });

  test("what could not be shown has a sign of its own", () => {
    const none = { ...BEYOND, finding: "undecided" as const, unsteady: true };
    const probes = [
      PROBE,
      { ...none, objectives: BEYOND.objectives.map((one) => ({ ...one, estimate: null })) },
    ];
    const text = capacityText({ ...FOUND, probes, warnings: ["it grows"] }, { columns: 80, colour: false });
    expect(text).toMatch(/^Warning: it grows\n/);
    expect(text).toMatch(/^ {2}190\/s +40 +- +- {2}\?, unsteady$/m);
  });
});
