// A check in the Test Anything Protocol, version 14 (https://testanything.org/tap-version-14-specification).

import type { BaselineFinding, Check, CheckedThreshold, ScenarioCheck } from "../../check/check-result.js";
import { baselineText, basisOf, causeTexts, changeTexts, culpritTexts, estimateText } from "./sentence.js";

/**
 * The whole text, ending in a newline: a point for each threshold and one for a scenario's baseline, with a
 * YAML block if it did not pass.
 */
export function tapText({ scenarios }: Check): string {
  const points = scenarios.flatMap((check) => [
    ...check.thresholds.map((threshold) => ofThreshold(threshold, check)),
    ...(check.baseline ? [ofBaseline(check, check.baseline)] : []),
  ]);
  const lines = points.flatMap(({ name, block }, index) => [
    `${block ? "not ok" : "ok"} ${index + 1} - ${described(name)}`,
    ...(block ? yaml(block) : []),
  ]);
  return ["TAP version 14", `1..${points.length}`, ...lines, ""].join("\n");
}

interface Point {
  name: string;
  /** What is said of one that is not ok. */
  block: Record<string, unknown> | undefined;
}

function ofThreshold(threshold: CheckedThreshold, check: ScenarioCheck): Point {
  const { text, status, file, line } = threshold;
  const block = {
    message: status,
    expected: text,
    got: estimateText(threshold),
    at: line === null ? file : `${file}:${line}`,
    basis: basisOf(check),
    causes: causeTexts(check).map(({ share, text: cause }) => `${share} ${cause}`),
  };
  return { name: `${check.source}: ${text}`, block: status === "passed" ? undefined : block };
}

function ofBaseline({ source }: ScenarioCheck, baseline: BaselineFinding): Point {
  const block = {
    message: baselineText(baseline),
    changes: changeTexts(baseline).map(({ metric, values, change }) => `${metric} ${values} ${change}`),
    because_of: culpritTexts(baseline),
  };
  return { name: `${source}: baseline`, block: baseline.status === "changed" ? block : undefined };
}

/** JSON is YAML, and quotes what YAML would take for something else. */
function yaml(block: Record<string, unknown>): string[] {
  const lines = Object.entries(block).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`);
  return ["  ---", ...lines, "  ..."];
}

/** A # would begin a directive, a backslash escapes; a description is one line. */
function described(text: string): string {
  return text.replace(/[\\#]/g, "\\$&").replace(/\p{Cc}/gu, "\u{fffd}");
}
