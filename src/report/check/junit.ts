// A check as JUnit XML: a suite for each scenario, a case for each threshold. Nobody has written a standard;
// elements and attributes are those that Jenkins, GitLab and GitHub's reporters read
// (https://github.com/testmoapp/junitxml). There are no times: the same check gives the same bytes.

import type { BaselineFinding, Check, CheckedThreshold, ScenarioCheck } from "../../check/check-result.js";
import {
  baselineText,
  basisOf,
  causeTexts,
  changeTexts,
  complaint,
  culpritTexts,
  estimateText,
} from "./sentence.js";

/** The whole document, ending in a newline. */
export function junitText({ scenarios }: Check): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="recvq check"${counts(scenarios)}>`,
    ...scenarios.map(suite),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(check: ScenarioCheck): string {
  const { source, thresholds } = check;
  return [
    `  <testsuite${attributes({ name: source })}${counts([check])}>`,
    ...thresholds.map((one) => testCase(one, check)),
    ...(check.baseline ? [baselineCase(check, check.baseline)] : []),
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

/** One more for each scenario that was compared with a baseline. */
function baselineCase({ source }: ScenarioCheck, baseline: BaselineFinding): string {
  const open = `    <testcase${attributes({ classname: source, name: "baseline", file: source })}`;
  const text = baselineText(baseline) ?? "as in the baseline";
  if (baseline.status !== "changed") {
    return `${open}>\n      <system-out>${escaped(text)}</system-out>\n    </testcase>`;
  }
  const changes = changeTexts(baseline).map(({ metric, values, change }) => `${metric} ${values} ${change}`);
  const body = escaped(
    [text, ...changes, ...culpritTexts(baseline).map((one) => `because of ${one}`)].join("\n"),
  );
  const failure = `<failure${attributes({ type: "baseline", message: text })}>${body}</failure>`;
  return `${open}>\n      ${failure}\n    </testcase>`;
}

function counts(checks: readonly ScenarioCheck[]): string {
  const statuses = checks.flatMap(({ thresholds, baseline }) => [
    ...thresholds.map(({ status }) => status),
    ...(baseline ? [baseline.status === "changed" ? "failed" : "passed"] : []),
  ]);
  const of = (status: string) => statuses.filter((one) => one === status).length;
  return attributes({ tests: statuses.length, failures: of("failed"), errors: of("undecided") });
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
