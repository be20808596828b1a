// Reports of a check that people read, on a terminal or a page of GitHub's.

import { describe, expect, test } from "vitest";
import type { CheckedThreshold } from "../../../src/check/check-result.js";
import { githubText } from "../../../src/report/check/github.js";
import { markdownText } from "../../../src/report/check/markdown.js";
import { checkText } from "../../../src/report/check/text.js";
import { CHANGED, check, failed, GOOD, MIXED, NASTY, scenario, threshold } from "./fixtures.js";

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
