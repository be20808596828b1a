import { beforeAll, describe, expect, test } from "vitest";
import { compareText } from "../../src/report/compare.js";
import { differenceText, relativeText, valueText } from "../../src/report/difference.js";
import type { Comparison, Difference } from "../../src/run/comparison.js";
import { compared, scenarioOf } from "../support/compare.js";
import { around, burst, exact } from "./fixtures.js";

const row = (metric: string, given: Partial<Difference> = {}): Difference => ({
  metric,
  kind: metric.includes("latency") ? "latency" : metric === "throughput" ? "throughput" : "outcome",
  unit: metric.includes("latency") ? "s" : metric === "throughput" ? "1/s" : "share",
  a: exact(0),
  b: exact(0),
  difference: exact(0),
  relative: 0,
  method: "t",
  pairs: 20,
  p: 1,
  p_holm: 1,
  finding: "same",
  replications_needed: null,
  variance_ratio: null,
  ...given,
});

/** A share that goes from one value to another, give or take. */
function share(name: string, a: number, b: number, half: number, finding: Difference["finding"]): Difference {
  return row(`${name}.share`, {
    a: around(a, half),
    b: around(b, half),
    difference: around(b - a, half),
    relative: b / a - 1,
    finding,
  });
}

const comparison = (differences: Difference[], given: Partial<Comparison> = {}): Comparison => ({
  version: 1,
  recvq: "0.1.0",
  seed: "1",
  replications: 20,
  settings: [{ path: "gunicorn.workers", a: 4, b: 8 }],
  differences,
  variance_ratio: 0.25,
  a: burst(),
  b: burst(),
  warnings: [],
  ...given,
});

const verdict = (differences: Difference[], given: Partial<Comparison> = {}) =>
  compareText(comparison(differences, given), { columns: 80, colour: false, quiet: true }).trimEnd();

describe("the verdict", () => {
  test("of two outcomes says what turns into what", () => {
    const rows = [
      share("success", 0.9, 0.94, 0.003, "better"),
      share("200", 0.9, 0.94, 0.003, "better"),
      share("502", 0.1, 0.06, 0.003, "better"),
    ];
    expect(verdict(rows)).toBe(
      "B turns 4.00 pp ± 0.30 pp of the requests from 502 into 200 (502: 10.00 % -> 6.00 %).",
    );
    expect(
      verdict([
        share("success", 0.94, 0.9, 0.003, "worse"),
        share("200", 0.94, 0.9, 0.003, "worse"),
        share("504", 0.06, 0.1, 0.003, "worse"),
      ]),
    ).toBe("B turns 4.00 pp ± 0.30 pp of the requests from 200 into 504 (504: 6.00 % -> 10.00 %).");
  });

  test("of several outcomes names each that changed for sure", () => {
    const rows = [
      share("success", 0.8, 0.9, 0.01, "better"),
      share("200", 0.8, 0.9, 0.01, "better"),
      share("502", 0.18, 0.05, 0.01, "better"),
      share("504", 0.01, 0.04, 0.01, "worse"),
      share("closed", 0.01, 0.011, 0.01, "undecided"),
    ];
    expect(verdict(rows)).toBe(
      "With B 10.0 pp ± 1.0 pp fewer of the requests fail (20 % -> 10 %): 502 -13.0 pp ± 1.0 pp, 504 +3.0 pp ± 1.0 pp.",
    );
  });

  test("says how many replications would tell what is not told", () => {
    const rows = [
      { ...share("success", 0.9, 0.902, 0.004, "undecided"), replications_needed: 96 },
      { ...row("success.latency.mean", { finding: "undecided", replications_needed: 4312 }) },
      { ...row("throughput", { finding: "undecided" }) },
    ];
    expect(verdict(rows)).toBe(
      "Whether fewer requests fail with B cannot be told yet (successes +0.20 pp ± 0.40 pp; about 96 replications " +
        "would tell); cannot be told yet: mean latency of successes (about 4300 replications), throughput.",
    );
  });

  test("sorts the rest into better and worse, with relative changes", () => {
    const rows = [
      share("success", 1, 1, 0, "same"),
      row("success.latency.mean", { difference: around(-0.01, 0.001), relative: -0.234, finding: "better" }),
      row("success.latency.p99", { difference: around(3, 0.1), relative: 1.5, finding: "worse" }),
      // Told in the table only.
      row("success.latency.p50", { difference: around(3, 0.1), relative: 1.5, finding: "worse" }),
    ];
    expect(verdict(rows)).toBe(
      "With B as with A all requests succeed; better: mean latency of successes -23 %; worse: their p99 x 2.5.",
    );
    expect(verdict([share("success", 0.6, 0.6, 0, "same")])).toBe(
      "With B as many requests fail as with A (40 %).",
    );
  });

  test("of a scenario and itself says so", () => {
    expect(verdict([], { settings: [] })).toBe("A and B are the same scenario, so that nothing differs.");
  });
});

describe("the whole text", () => {
  const text = (given: Partial<Comparison>, columns = 80) =>
    compareText(comparison([share("success", 0.9, 0.94, 0.003, "better")], given), {
      columns,
      colour: false,
    });
  const flat = (given: Partial<Comparison>) => text(given).replaceAll(/\s+/g, " ");

  test("begins with the warnings of both, then the verdict", () => {
    const lines = text({
      warnings: ["run.until has no say"],
      b: { ...burst(), warnings: ["nobody listens"] },
    }).split("\n");
    expect(lines.slice(0, 2)).toEqual(["Warning: run.until has no say", "Warning: B: nobody listens"]);
    expect(lines[2]).toMatch(/^With B 4.00 pp/);
  });

  test("says by how much common random numbers have narrowed", () => {
    const rows = (variance_ratio: number) => [
      { ...share("success", 0.9, 0.94, 0.003, "better"), variance_ratio },
    ];
    expect(flat({ differences: rows(0.1) })).toContain(
      "share of successes 0.1, median of all rows 0.25; independent runs would take 10 times as many replications.",
    );
    expect(flat({ differences: rows(1.2) })).toContain("independent runs would do as well here.");
    expect(flat({ variance_ratio: null })).not.toContain("Variance");
  });

  test("names what never varies, and what is exact", () => {
    const random = { ...burst(), deterministic: false };
    expect(flat({ b: random })).toContain("A never varies.");
    expect(flat({ a: random })).toContain("B never varies.");
    expect(flat({})).toContain("Nothing here is random: exact.");
  });

  test("says where Student's t was not trusted", () => {
    const random = { ...burst(), deterministic: false };
    const few = { ...share("success", 0.9, 0.94, 0.003, "better"), method: "gained and lost" as const };
    expect(flat({ a: random, differences: [few] })).toContain("its ± is that of gained and lost ones");
    expect(flat({ a: random })).not.toContain("gained");
  });

  test("lists what differs in settings, none where one has no such key", () => {
    const settings = [
      { path: "gunicorn.timeout", a: "30s", b: null },
      { path: "clients.arrivals.0.rate", a: null, b: "200/s" },
    ];
    expect(text({ settings })).toContain(
      "Settings (A -> B)\n  gunicorn.timeout: 30s -> none\n  clients.arrivals.0.rate: none -> 200/s\n",
    );
  });

  test("marks what cannot be told with the replications that it would take", () => {
    const differences = [{ ...row("throughput", { finding: "undecided" }), replications_needed: 1234 }];
    expect(text({ differences })).toMatch(/^ {2}throughput .* \? 1200$/m);
  });
});

describe("of real comparisons", () => {
  const TEXT = `
clients: { arrivals: { process: poisson, rate: 100/s, for: 5s } }
nginx: { upstream: { servers: ["unix:/run/g.sock"] } }
gunicorn: { bind: "unix:/run/g.sock", workers: 4, backlog: 8 }
app: { sleep: { exponential: 50ms } }
run: { replications: 5 }
`;
  let found: Comparison;

  beforeAll(async () => {
    found = await compared(scenarioOf(TEXT), scenarioOf(TEXT, ["gunicorn.workers=5", "gunicorn.backlog=20"]));
  });

  test.each([80, 100, 132])("no line of the text is wider than %i columns", (columns) => {
    const lines = compareText(found, { columns, colour: false }).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    // The charts use what there is.
    expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(columns - 4);
  });

  test("charts have A and B on the same axes", () => {
    const lines = compareText(found, { columns: 100, colour: false }).split("\n");
    const title = lines.findIndex((line) =>
      line.startsWith("accept queue of unix:/run/g.sock, limit 9 in A, limit 21 in B"),
    );
    expect(title).toBeGreaterThan(0);
    const axes = lines.slice(title + 2, title + 12).filter((line) => line.includes("┤"));
    expect(axes.length).toBeGreaterThan(4);
    for (const line of axes) {
      const [left, right] = [line.slice(0, 49), line.slice(51)].map((half) => half.split("┤")[0]);
      expect(left).toBe(right);
    }
  });

  test("the table has every number of the Comparison", () => {
    const text = compareText(found, { columns: 100, colour: false });
    for (const { difference, unit } of found.differences) {
      if (difference) expect(text).toContain(differenceText(difference, unit).text);
    }
  });
});

test.each<[Difference["unit"], [number, number], string]>([
  ["share", [0.0412, 0.003], "+4.12 pp ± 0.30 pp"],
  ["share", [-0.0412, 0], "-4.12 pp"],
  ["share", [0, 0.000012], "0.0000 pp ± 0.0012 pp"],
  ["s", [-0.0187, 0.00035], "-18.70ms ± 0.35ms"],
  ["1/s", [3.01, 0.12], "+3.01 ± 0.12"],
  ["1", [-4.5e-12, 6.5e-12], "-4.50e-12 ± 6.5e-12"],
])("a difference of %s %j is printed as %s", (unit, [value, half], text) => {
  const { text: printed, spread } = differenceText(around(value, half), unit);
  expect(spread === "" ? printed : `${printed} ± ${spread}`).toBe(text);
});

test.each<[number | null, string]>([
  [-0.234, "-23 %"],
  [0.021, "+2.1 %"],
  [0, "0 %"],
  [1.5, "x 2.5"],
  [-0.9951, "-99.51 %"],
  [-1, "-100 %"],
  [null, ""],
])("a relative change of %s is %s", (relative, text) => {
  expect(relativeText(relative)).toBe(text);
});

test("a value that there is not is a dash", () => {
  expect(valueText(null, "s")).toBe("-");
});
