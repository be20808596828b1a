// What every report of a check says in the same words.

import type { Check, CheckedThreshold, ScenarioCheck, Verdict } from "../../check/check-result.js";
import { metricText } from "../capacity-values.js";
import { countText, percentText, prose } from "../format.js";
import { printable } from "../lines.js";

/** `33.5 % ± 1.2 %`; of what has no value, that. */
export function estimateText({ estimate, unit }: Pick<CheckedThreshold, "estimate" | "unit">): string {
  return estimate === null ? "no such requests" : prose(metricText(estimate, unit));
}

/** `expected 502.share < 1%, got 33.5 % ± 1.2 %`. */
export function complaint(threshold: CheckedThreshold): string {
  const got = `expected ${printable(threshold.text)}, got ${estimateText(threshold)}`;
  return threshold.status === "undecided" ? `${got}, undecided; ${needed(threshold)}` : got;
}

/** How an undecided threshold might be decided. */
export function needed({ replications_needed: count }: CheckedThreshold): string {
  return count === null
    ? "no number of replications would decide, so close is the limit"
    : `about ${countText(count)} replications would decide (--max-replications)`;
}

/** `20 replications`, or that one says it all. */
export function basisOf({ replications, exact }: Pick<ScenarioCheck, "replications" | "exact">): string {
  return exact ? "exact" : `${countText(replications)} replications`;
}

/** `67.0 %  the accept queue of unix:... is full`. */
export function causeTexts({ causes }: ScenarioCheck): { share: string; text: string; settings: string[] }[] {
  return causes.map(({ share, text, settings }) => ({ share: percentText(share), text, settings }));
}

/** `27 scenarios: 25 passed, 1 failed, 1 undecided`. */
export function totals({ scenarios }: Pick<Check, "scenarios">): string {
  const some = scenarios.filter(({ thresholds }) => thresholds.length > 0);
  const counted = (status: Verdict) => some.filter((one) => one.status === status).length;
  const none = scenarios.length - some.length;
  const parts = [
    `${counted("passed")} passed`,
    ...(["failed", "undecided"] as const).flatMap((status) =>
      counted(status) > 0 ? [`${counted(status)} ${status}`] : [],
    ),
    ...(none > 0 ? [`${none} expect${none === 1 ? "s" : ""} nothing`] : []),
  ];
  return `${scenarios.length} scenario${scenarios.length === 1 ? "" : "s"}: ${parts.join(", ")}`;
}
