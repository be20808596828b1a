// A check in the Test Anything Protocol, version 14 (https://testanything.org/tap-version-14-specification).

import type { Check, CheckedThreshold, ScenarioCheck } from "../../check/check-result.js";
import { basisOf, causeTexts, estimateText } from "./sentence.js";

/** The whole text, ending in a newline: a point for each threshold, with a YAML block if it did not pass. */
export function tapText({ scenarios }: Check): string {
  const points = scenarios.flatMap((check) => check.thresholds.map((threshold) => ({ check, threshold })));
  const lines = points.flatMap(({ check, threshold }, index) => point(index + 1, threshold, check));
  return ["TAP version 14", `1..${points.length}`, ...lines, ""].join("\n");
}

function point(number: number, threshold: CheckedThreshold, check: ScenarioCheck): string[] {
  const { text, status, file, line } = threshold;
  const name = described(`${check.source}: ${text}`);
  if (status === "passed") return [`ok ${number} - ${name}`];
  const block = {
    message: status,
    expected: text,
    got: estimateText(threshold),
    at: line === null ? file : `${file}:${line}`,
    basis: basisOf(check),
    causes: causeTexts(check).map(({ share, text: cause }) => `${share} ${cause}`),
  };
  return [
    `not ok ${number} - ${name}`,
    "  ---",
    // JSON is YAML, and quotes what YAML would take for something else.
    ...Object.entries(block).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
    "  ...",
  ];
}

/** A # would begin a directive, a backslash escapes; a description is one line. */
function described(text: string): string {
  return text.replace(/[\\#]/g, "\\$&").replace(/\p{Cc}/gu, "\u{fffd}");
}
