// Reports of a check, read back by parsers of other people's where there are some.

import { XMLParser, XMLValidator } from "fast-xml-parser";
import { Parser as TapParser } from "tap-parser";
import { describe, expect, test } from "vitest";
import type {
  BaselineFinding,
  Check,
  CheckedThreshold,
  ScenarioCheck,
} from "../../src/check/check-result.js";
import { parseExpression } from "../../src/check/expression.js";
import { githubText } from "../../src/report/check/github.js";
import { junitText } from "../../src/report/check/junit.js";
import { markdownText } from "../../src/report/check/markdown.js";
import { tapText } from "../../src/report/check/tap.js";
import { checkText } from "../../src/report/check/text.js";
import { around } from "./fixtures.js";

const HOSTILE = "a <b> & \"c\" 'd'\u001b[2J\u0000\n::error::x,y:z%0A|`e`` @team #1 $x$ \\ ]]> \ud800.yaml";
const CAUSE = {
  id: "unix-accept-queue-full",
  text: "unix accept queue full (5 of 5) at unix:/run/g.sock",
  settings: ["gunicorn.backlog = 4", "net.core.somaxconn = 4096"],
  share: 0.0398,
};

function threshold(text: string, status: CheckedThreshold["status"], more: Partial<CheckedThreshold> = {}) {
  const parsed = parseExpression(text);
  if ("wrong" in parsed) throw new Error(parsed.wrong);
  return {
    ...parsed.objective,
    ...{ status, estimate: around(0.039, 0.02), p: 0.3, replications_needed: null },
    ...{ file: "s/a.yaml", line: 4, column: 5 },
    ...more,
  };
}

function scenario(source: string, thresholds: CheckedThreshold[], more: Partial<ScenarioCheck> = {}) {
  const statuses = thresholds.map(({ status }) => status);
  const status = (["failed", "undecided"] as const).find((one) => statuses.includes(one)) ?? "passed";
  return {
    ...{ source, seed: "1", replications: 20, exact: false, status, thresholds, baseline: null },
    ...{ causes: [CAUSE], warnings: [] },
    ...more,
  } satisfies ScenarioCheck;
}

function check(...scenarios: ScenarioCheck[]): Check {
  const statuses = scenarios.map(({ status }) => status);
  const status = (["failed", "undecided"] as const).find((one) => statuses.includes(one)) ?? "passed";
  return { version: 1, recvq: "0.1.0", confidence: 0.95, status, scenarios };
}

const passed = threshold("502.share < 90%", "passed");
const failed = threshold("EAGAIN.share < 1%", "failed");
const undecided = threshold("EAGAIN.share < 4.3%", "undecided", { replications_needed: 800, line: 5 });
const changed: BaselineFinding = {
  ...{
    status: "changed",
    recvq: "0.0.9",
    replications: 20,
    paired: true,
    fingerprint: "b",
    was: "a",
    resolution: 0.001,
  },
  differences: [
    {
      ...{
        metric: "EAGAIN.share",
        kind: "outcome",
        unit: "share",
        a: around(0.02, 0.01),
        b: around(0.04, 0.01),
      },
      ...{ difference: around(0.02, 0.001), relative: 1, method: "t", pairs: 20, p: 1e-9, p_holm: 1e-8 },
      ...{ finding: "worse", replications_needed: null, variance_ratio: 0.1 },
    },
  ],
  culprits: [{ kind: "setting", name: "gunicorn.backlog", a: 9, b: 4, effect: null }],
};
const MIXED = check(
  scenario("s/good.yaml", [passed]),
  scenario("s/a.yaml", [passed, failed, undecided], { warnings: ["the load has no steady state"] }),
  scenario("s/none.yaml", [], { causes: [], replications: 0, warnings: ["expects nothing"] }),
);
const GOOD = check(scenario("s/good.yaml", [passed]));
const NASTY = check(
  scenario(HOSTILE, [failed, threshold("EAGAIN.share < 2%", "failed", { file: HOSTILE })], {
    causes: [{ ...CAUSE, text: HOSTILE, settings: [HOSTILE] }],
    warnings: [HOSTILE],
  }),
);
const CHANGED = check(scenario("s/a.yaml", [passed], { status: "failed", baseline: changed }));

describe("JUnit", () => {
  const read = (of: Check) => {
    const text = junitText(of);
    expect(XMLValidator.validate(text)).toBe(true);
    const isArray = (name: string) => ["testsuite", "testcase"].includes(name);
    const options = { ignoreAttributes: false, attributeNamePrefix: "", isArray, htmlEntities: true };
    return new XMLParser({ ...options, trimValues: false }).parse(text).testsuites;
  };

  test("has a suite for each scenario and a case for each threshold, counted", () => {
    const suites = read(MIXED);
    expect([suites.tests, suites.failures, suites.errors]).toEqual(["4", "1", "1"]);
    const [good, bad, none] = suites.testsuite;
    expect([good.name, good.tests, good.failures, good.errors]).toEqual(["s/good.yaml", "1", "0", "0"]);
    expect([bad.tests, bad.failures, bad.errors, none.tests]).toEqual(["3", "1", "1", "0"]);
    expect(bad.testcase.map(({ name }: { name: string }) => name)).toEqual([
      "502.share < 90%",
      "EAGAIN.share < 1%",
      "EAGAIN.share < 4.3%",
    ]);
  });

  test("says what was expected, predicted, and why; an undecided one is an error", () => {
    const [good, fails, open] = read(MIXED).testsuite[1].testcase;
    expect(good).toMatchObject({ classname: "s/a.yaml", file: "s/a.yaml", line: "4" });
    expect(good["system-out"]).toBe("3.9 % ± 2.0 % (20 replications)");
    expect(fails.failure.message).toBe("expected EAGAIN.share < 1%, got 3.9 % ± 2.0 %");
    expect(fails.failure["#text"]).toContain("3.98 % unix accept queue full (5 of 5)");
    expect(open.error.type).toBe("undecided");
    expect(open.error.message).toMatch(/undecided; about 800 replications would decide/);
  });

  test("a baseline is one more case", () => {
    const suites = read(CHANGED);
    expect([suites.tests, suites.failures]).toEqual(["2", "1"]);
    const { failure } = suites.testsuite[0].testcase[1];
    expect(failure.message).toMatch(/^not what the baseline says/);
    expect(failure["#text"]).toContain("because of gunicorn.backlog 9 -> 4");
  });

  test("holds any name, without what XML forbids", () => {
    const [suite] = read(NASTY).testsuite;
    expect(suite.name.replace(/\s/g, " ")).toBe(
      HOSTILE.replace(/[^\P{C}\n]/gu, "\ufffd").replace(/\s/g, " "),
    );
  });

  test("an option has no file", () => {
    const option = threshold("EAGAIN.share < 1%", "failed", {
      file: "--set expect=…",
      line: null,
      column: null,
    });
    const [one] = read(check(scenario("a.yaml", [option]))).testsuite[0].testcase;
    expect(Object.keys(one)).not.toContain("file");
  });
});

describe("TAP", () => {
  interface Point {
    ok: boolean;
    name: string;
    diag?: Record<string, unknown>;
  }
  const read = (of: Check): Point[] => {
    const text = tapText(of);
    expect(text).toMatch(/^TAP version 14\n1\.\.\d+\n/);
    const events = TapParser.parse(text) as unknown as [string, Point & { plan?: object }][];
    const [, complete] = events.find(([name]) => name === "complete") as unknown as [
      string,
      { plan: object },
    ];
    const points = events.flatMap(([name, point]) => (name === "assert" ? [point] : []));
    expect(complete.plan).toMatchObject({ start: 1, end: points.length });
    expect(events.filter(([name]) => name === "extra" || name === "bailout")).toEqual([]);
    return points;
  };

  test("has a point for each threshold, with what is to be known of one that did not pass", () => {
    const points = read(MIXED);
    expect(points.map(({ ok }) => ok)).toEqual([true, true, false, false]);
    expect(points[2]).toMatchObject({
      name: "s/a.yaml: EAGAIN.share < 1%",
      diag: {
        ...{ message: "failed", expected: "EAGAIN.share < 1%", got: "3.9 % ± 2.0 %", at: "s/a.yaml:4" },
        causes: ["3.98 % unix accept queue full (5 of 5) at unix:/run/g.sock"],
      },
    });
    expect(points[3]?.diag).toMatchObject({ message: "undecided" });
    expect(points[0]?.diag).toBeFalsy();
  });

  test("a baseline is one more point", () => {
    const [, baseline] = read(CHANGED);
    expect(baseline).toMatchObject({ ok: false, name: "s/a.yaml: baseline" });
    expect(baseline?.diag).toMatchObject({ because_of: ["gunicorn.backlog 9 -> 4"] });
  });

  test("no name is a directive, or breaks its line", () => {
    const skipping = read(check(scenario("a # SKIP \\ # TODO.yaml", [failed])));
    expect(skipping[0]).toMatchObject({ ok: false, name: "a # SKIP \\ # TODO.yaml: EAGAIN.share < 1%" });
    expect(skipping[0]).toMatchObject({ skip: false, todo: false });
    const nasty = read(NASTY);
    expect(nasty.map(({ ok }) => ok)).toEqual([false, false]);
    expect(nasty[1]?.diag).toMatchObject({ at: `${HOSTILE}:4` });
  });

  test("of nothing is a plan of nothing", () => {
    expect(tapText(check())).toBe("TAP version 14\n1..0\n");
  });
});

describe("GitHub", () => {
  test("annotates what did not pass, at its place, with the first cause", () => {
    expect(githubText(MIXED)).toBe(
      "::error file=s/a.yaml,line=4,col=5,title=s/a.yaml%3A failed::" +
        "expected EAGAIN.share < 1%25, got 3.9 %25 ± 2.0 %25%0A" +
        "3.98 %25: unix accept queue full (5 of 5) at unix:/run/g.sock " +
        "(gunicorn.backlog = 4, net.core.somaxconn = 4096)\n" +
        "::warning file=s/a.yaml,line=5,col=5,title=s/a.yaml%3A undecided::" +
        "expected EAGAIN.share < 4.3%25, got 3.9 %25 ± 2.0 %25, undecided; " +
        "about 800 replications would decide (--max-replications)%0A" +
        "3.98 %25: unix accept queue full (5 of 5) at unix:/run/g.sock " +
        "(gunicorn.backlog = 4, net.core.somaxconn = 4096)\n" +
        "::warning file=s/a.yaml,title=s/a.yaml::the load has no steady state\n",
    );
  });

  test("says nothing if all is well", () => {
    expect(githubText(GOOD)).toBe("");
  });

  test("an option's threshold is the scenario's", () => {
    const option = threshold("EAGAIN.share < 1%", "failed", { file: "--set x", line: null, column: null });
    expect(githubText(check(scenario("a.yaml", [option])))).toMatch(/^::error file=a.yaml,title=/);
  });

  test("a change is annotated in its scenario", () => {
    expect(githubText(CHANGED)).toMatch(
      /^::error file=s\/a.yaml,title=s\/a.yaml%3A baseline::not what .*\n$/,
    );
  });

  test("no name ends its property, begins another command or a line", () => {
    const lines = githubText(NASTY).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const [, properties = ""] = /^::(?:error|warning) ([^:]*)::/.exec(line) ?? [];
      // file, line, column and title, or file and title: the name's comma is none of theirs.
      expect([2, 4]).toContain(properties.split(",").length);
      expect(properties).toContain("%3A%3Aerror%3A%3Ax%2Cy%3Az%250A");
    }
  });
});

describe("Markdown", () => {
  test("shows what did not pass first, and folds the rest", () => {
    expect(markdownText(MIXED)).toMatchInlineSnapshot(`
      "### ❌ recvq: 3 scenarios: 1 passed, 1 failed, 1 expects nothing

      **❌** \`s/a.yaml\` (20 replications)

      | | expected | predicted |
      |---|---|---|
      | ✅ | \`502.share < 90%\` | 3.9 % ± 2.0 % |
      | ❌ | \`EAGAIN.share < 1%\` | 3.9 % ± 2.0 % |
      | ❓ | \`EAGAIN.share < 4.3%\` | 3.9 % ± 2.0 %; about 800 replications would decide (--max-replications) |

      - 3.98 %: unix accept queue full (5 of 5) at unix:/run/g.sock (\`gunicorn.backlog = 4\`, \`net.core.somaxconn = 4096\`)

      > the load has no steady state

      <details><summary>1 passed</summary>

      **✅** \`s/good.yaml\` (20 replications)

      | | expected | predicted |
      |---|---|---|
      | ✅ | \`502.share < 90%\` | 3.9 % ± 2.0 % |

      </details>
      "
    `);
  });

  test("has a table of what changed since the baseline", () => {
    expect(markdownText(CHANGED)).toContain("| EAGAIN.share | 2.0 % -> 4.0 % | +2.00 pp ± 0.10 pp |");
  });

  test("a user's text is code that no backquote ends, and no bar parts a cell", () => {
    const text = markdownText(NASTY);
    // Two backquotes in a row are the most that there are, so three are the fence.
    expect(text).toContain('**❌** ``` a <b> & "c"');
    expect(text).not.toContain("\u001b");
    const rows = text.split("\n").filter((line) => line.startsWith("| ❌"));
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(4);
    // Outside of code no one is called, no issue linked, no formula set and no tag opened.
    const plain = text.replace(/```[\s\S]*?```/g, "").replace(/`[^`\n]*`/g, "");
    expect(plain).not.toMatch(/@team|#1\b|(?<!\\)\$|(?<!\\)<b>/);
  });

  test("bars in a threshold stay in its cell", () => {
    const one = check(scenario("a.yaml", [{ ...failed, text: "a|b < 1%" }]));
    expect(markdownText(one)).toContain("| ❌ | `a\\|b < 1%` |");
  });
});

describe("the terminal's", () => {
  const plain = { columns: 80, colour: false };

  test("has a line for each scenario and threshold; of what did not pass where and why", () => {
    expect(checkText(MIXED, plain)).toMatchInlineSnapshot(`
      "✓ s/good.yaml (20 replications)
          ✓ 502.share < 90%  3.9 % ± 2.0 %
      ✗ s/a.yaml (20 replications)
          ✓ 502.share < 90%      3.9 % ± 2.0 %
          ✗ EAGAIN.share < 1%    3.9 % ± 2.0 %
              s/a.yaml:4:5
          ? EAGAIN.share < 4.3%  3.9 % ± 2.0 %
              about 800 replications would decide (--max-replications)
              s/a.yaml:5:5
          Causes of failure
            3.98 %  unix accept queue full (5 of 5) at unix:/run/g.sock
                    gunicorn.backlog = 4, net.core.somaxconn = 4096
          Warning: the load has no steady state
      - s/none.yaml: expects nothing

      3 scenarios: 1 passed, 1 failed, 1 expects nothing
      "
    `);
  });

  test("with --quiet has only what did not pass", () => {
    expect(checkText(MIXED, { ...plain, quiet: true })).not.toContain("good.yaml");
    expect(checkText(GOOD, { ...plain, quiet: true })).toBe("1 scenario: 1 passed\n");
  });

  test("keeps to the columns, and to what does not steer a terminal", () => {
    for (const of of [MIXED, NASTY, CHANGED]) {
      for (let columns = 50; columns < 120; columns++) {
        const lines = checkText(of, { columns, colour: false }).split("\n");
        expect(lines.filter((line) => line.length > columns)).toEqual([]);
      }
    }
    expect(checkText(NASTY, plain)).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test("in colour says what it says without", () => {
    const coloured = checkText(MIXED, { columns: 80, colour: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for.
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(checkText(MIXED, plain));
    expect(coloured).toContain("\u001b[31m");
  });

  test.each<[string, Partial<CheckedThreshold>, string]>([
    ["no number of replications", { replications_needed: null }, "so close is the limit"],
    [
      "one replication only",
      { estimate: { value: 0.1, low: -Infinity, high: Infinity } },
      "more replications would tell (--max-replications)",
    ],
  ])("says of an undecided one with %s that", (_, more, text) => {
    const one = threshold("EAGAIN.share < 4.3%", "undecided", more);
    expect(checkText(check(scenario("a.yaml", [one])), plain)).toContain(text);
  });
});
