// A check as JUnit XML: a suite for each scenario, a case for each threshold. Nobody has written a standard;
// elements and attributes are those that Jenkins, GitLab and GitHub's reporters read
// (https://github.com/testmoapp/junitxml). There are no times: the same check gives the same bytes.

import type { Check, CheckedThreshold, ScenarioCheck } from "../../check/check-result.js";
import { basisOf, causeTexts, complaint, estimateText } from "./sentence.js";

/** The whole document, ending in a newline. */
export function junitText({ scenarios }: Check): string {
  const all = scenarios.flatMap(({ thresholds }) => thresholds);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="recvq check"${counts(all)}>`,
    ...scenarios.map(suite),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(check: ScenarioCheck): string {
  const { source, thresholds } = check;
  return [
    `  <testsuite${attributes({ name: source })}${counts(thresholds)}>`,
    ...thresholds.map((one) => testCase(one, check)),
    "  </testsuite>",
  ].join("\n");
}

function testCase(threshold: CheckedThreshold, check: ScenarioCheck): string {
  const { text, line, status } = threshold;
  // An option has no place in a file.
  const file = line === null ? null : threshold.file;
  const open = `    <testcase${attributes({ classname: check.source, name: text, file, line })}`;
  if (status === "passed") {
    const got = `${estimateText(threshold)} (${basisOf(check)})`;
    return `${open}>\n      <system-out>${escaped(got)}</system-out>\n    </testcase>`;
  }
  // What could not be decided is no failure, but no success either.
  const element = status === "failed" ? "failure" : "error";
  const message = complaint(threshold);
  const why = causeTexts(check).map(
    ({ share, text: cause, settings }) => `${share} ${cause} (${settings.join(", ")})`,
  );
  const body = escaped([message, basisOf(check), ...why].join("\n"));
  const inner = `<${element}${attributes({ type: status, message })}>${body}</${element}>`;
  return `${open}>\n      ${inner}\n    </testcase>`;
}

function counts(thresholds: readonly CheckedThreshold[]): string {
  const of = (status: string) => thresholds.filter((one) => one.status === status).length;
  return attributes({ tests: thresholds.length, failures: of("failed"), errors: of("undecided") });
}

function attributes(named: Record<string, string | number | null>): string {
  return Object.entries(named)
    .map(([name, value]) => (value === null ? "" : ` ${name}="${escaped(String(value))}"`))
    .join("");
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * Control characters have no place in XML 1.0, not even as entities, nor have half a pair and the last two of
 * the plane (https://www.w3.org/TR/xml/#charsets).
 */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (one) => ENTITIES[one] as string)
    .replace(/[^\P{Cc}\n\t]|[\p{Cs}\ufffe\uffff]/gu, "\u{fffd}");
}
