// A check as GitHub's Markdown: for a pull request's comment and for a job's summary.

import type { Check, CheckedThreshold, ScenarioCheck, Verdict } from "../../check/check-result.js";
import {
  baselineText,
  basisOf,
  causeTexts,
  changeTexts,
  culpritTexts,
  estimateText,
  isAsked,
  needed,
  totals,
} from "./sentence.js";

const MARKS: Record<Verdict, string> = { passed: "✅", failed: "❌", undecided: "❓" };

/** The whole text, ending in a newline. What passed is folded. */
export function markdownText(check: Check): string {
  const some = check.scenarios.filter(isAsked);
  const [bad, good] = [
    some.filter(({ status }) => status !== "passed"),
    some.filter(({ status }) => status === "passed"),
  ];
  const folded =
    good.length === 0
      ? []
      : [
          `<details><summary>${good.length} passed</summary>`,
          "",
          ...good.flatMap((one) => section(one)),
          "</details>",
          "",
        ];
  return [`### ${MARKS[check.status]} recvq: ${totals(check)}`, "", ...bad.flatMap(section), ...folded].join(
    "\n",
  );
}

function section(check: ScenarioCheck): string[] {
  const { source, status, thresholds, warnings } = check;
  return [
    `**${MARKS[status]}** ${code(source)} (${basisOf(check)})`,
    "",
    ...(thresholds.length === 0
      ? []
      : ["| | expected | predicted |", "|---|---|---|", ...thresholds.map(row), ""]),
    ...(status === "passed" ? [] : causes(check)),
    ...baselineSection(check),
    ...warnings.flatMap((text) => [`> ${escaped(text)}`, ""]),
  ];
}

function row(threshold: CheckedThreshold): string {
  const { status, text } = threshold;
  const more = status === "undecided" ? `; ${needed(threshold)}` : "";
  // Of a cell's text, a bar also where it is code.
  const expected = code(text).replaceAll("|", "\\|");
  return `| ${MARKS[status]} | ${expected} | ${escaped(estimateText(threshold) + more)} |`;
}

function causes(check: ScenarioCheck): string[] {
  const lines = causeTexts(check).map(({ share, text, settings }) => {
    const of = settings.length > 0 ? ` (${settings.map(code).join(", ")})` : "";
    return `- ${share}: ${escaped(text)}${of}`;
  });
  return lines.length > 0 ? [...lines, ""] : [];
}

function baselineSection({ baseline }: ScenarioCheck): string[] {
  const text = baseline && baselineText(baseline);
  if (!baseline || text === undefined || text === null) return [];
  const isAlarm = baseline.status === "changed";
  if (!isAlarm && baseline.status !== "updated") return [escaped(text), ""];
  return [
    isAlarm ? `${MARKS.failed} ${escaped(text)}` : escaped(text),
    "",
    "| | baseline -> now | difference |",
    "|---|---|---|",
    ...changeTexts(baseline).map(
      ({ metric, values, change }) => `| ${escaped(metric)} | ${escaped(values)} | ${escaped(change)} |`,
    ),
    "",
    ...culpritTexts(baseline).map((one) => `- because of ${escaped(one)}`),
    "",
  ];
}

/** A user's text: where it is code, GitHub looks for nobody's name, number or formula in it. */
function code(text: string): string {
  const plain = text.replace(/\p{Cc}/gu, " ");
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? `${fence}${plain}${fence}` : `${fence} ${plain} ${fence}`;
}

/**
 * A sentence. What Markdown, HTML or GitHub's formulas would take for their own stands behind a backslash; a
 * comment parts @ and # from what GitHub would make a link of.
 */
function escaped(text: string): string {
  return text
    .replace(/\p{Cc}/gu, " ")
    .replace(/[\\`*_[\]<!|~&$]/g, "\\$&")
    .replace(/[@#]/g, "$&<!-- -->");
}
