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
    `**${MARKS[status]} ${escaped(source)}** (${basisOf(check)})`,
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
  return `| ${MARKS[status]} | ${escaped(text)} | ${escaped(estimateText(threshold) + more)} |`;
}

function causes(check: ScenarioCheck): string[] {
  const lines = causeTexts(check).map(({ share, text, settings }) => {
    const of = settings.length > 0 ? ` (${settings.map(escaped).join(", ")})` : "";
    return `- ${share}: ${escaped(text)}${of}`;
  });
  return lines.length > 0 ? [...lines, ""] : [];
}

function baselineSection({ baseline }: ScenarioCheck): string[] {
  const text = baseline && baselineText(baseline);
  if (!baseline || text === undefined || text === null) return [];
  if (baseline.status !== "changed") return [escaped(text), ""];
  return [
    `${MARKS.failed} ${escaped(text)}`,
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

/** Characters that Markdown or HTML would take for their own; each may stand behind a backslash. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&]/g, "\\$&").replace(/\p{Cc}/gu, " ");
}
