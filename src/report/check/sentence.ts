// What every report of a check says in the same words.

import type {
  BaselineFinding,
  Check,
  CheckedThreshold,
  ScenarioCheck,
  Verdict,
} from "../../check/check-result.js";
import type { Estimate } from "../../run/result.js";
import { version } from "../../version.js";
import { metricText } from "../capacity-values.js";
import { differenceText, plainText, valueText } from "../difference.js";
import { countText, percentText, prose } from "../format.js";
import { printable } from "../lines.js";

/** `33.5 % ± 1.2 %`; of what has no value, or no spread to judge by, that. */
export function estimateText({ estimate, unit }: Pick<CheckedThreshold, "estimate" | "unit">): string {
  if (estimate === null) return "no such requests";
  const text = prose(metricText(estimate, unit));
  return isBounded(estimate) ? text : `${text} (in one replication only)`;
}

/** False of what a single replication has, so that it may be anything. */
function isBounded({ low, high }: Estimate): boolean {
  return Number.isFinite(low) && Number.isFinite(high);
}

/** `expected 502.share < 1%, got 33.5 % ± 1.2 %`. */
export function complaint(threshold: CheckedThreshold): string {
  const got = `expected ${printable(threshold.text)}, got ${estimateText(threshold)}`;
  return threshold.status === "undecided" ? `${got}, undecided; ${needed(threshold)}` : got;
}

/** How an undecided threshold might be decided. */
export function needed({ replications_needed: count, estimate }: CheckedThreshold): string {
  if (count !== null) return `about ${countText(count)} replications would decide (--max-replications)`;
  return estimate && !isBounded(estimate)
    ? "more replications would tell (--max-replications)"
    : "no number of replications would decide, so close is the limit";
}

/** `20 replications`, or that one says it all. */
export function basisOf({ replications, exact }: Pick<ScenarioCheck, "replications" | "exact">): string {
  return exact ? "exact" : `${countText(replications)} replications`;
}

/** `67.0 %  the accept queue of unix:... is full`. */
export function causeTexts({ causes }: ScenarioCheck): { share: string; text: string; settings: string[] }[] {
  return causes.map(({ share, text, settings }) => ({ share: percentText(share), text, settings }));
}

/** What is said of the baseline in a line; undefined if all is as it was, or there is none. */
export function baselineText({
  status,
  recvq,
  paired,
  replications,
  resolution,
}: BaselineFinding): string | undefined {
  if (status === "new") return "not in the baseline yet (--update-baseline)";
  if (status === "added") return "new in the baseline";
  if (status === "chance") {
    const below =
      resolution > 0 ? `; less than ${percentText(resolution).replace("%", "pp")} may be missed` : "";
    return `another run than that of the baseline, but not by more than chance${below}`;
  }
  if (status === "unchanged") return undefined;
  const pairs = `${countText(replications)} ${replications === 1 ? "run" : "runs"}`;
  const seeds = paired ? "the same random numbers" : "another seed";
  const basis = `(of recvq ${printable(recvq ?? "")}, ${pairs} with ${seeds})`;
  return status === "updated"
    ? `not what the baseline said ${basis}; it says so from now on`
    : `not what the baseline says ${basis}`;
}

/** `502.share`, `5.01 % -> 5.21 %`, `+0.20 pp ± 0.03 pp`. */
export function changeTexts({
  differences,
}: BaselineFinding): { metric: string; values: string; change: string }[] {
  return differences.map(({ metric, unit, a, b, difference }) => ({
    metric: printable(metric),
    values: `${valueText(a, unit)} -> ${valueText(b, unit)}`,
    change: difference === null ? "" : prose(differenceText(difference, unit)),
  }));
}

/** `gunicorn.backlog 15 -> 14 (by itself 502.share +0.20 pp ± 0.03 pp)`. */
export function culpritTexts({ culprits, recvq }: BaselineFinding): string[] {
  return culprits.map(({ kind, name, a, b, effect, note }) => {
    const what =
      kind === "setting"
        ? `${name} ${plainText(a)} -> ${plainText(b)}`
        : kind === "file"
          ? `the contents of ${name}`
          : `recvq ${version}, which predicts something else than ${recvq} did for the same settings`;
    const change = effect && prose(differenceText(effect.difference, effect.unit));
    const more = [note, change === null ? undefined : `${effect?.metric} ${change}`].filter(Boolean);
    return printable(more.length > 0 ? `${what} (${more.join("; ")})` : what);
  });
}

/** `27 scenarios: 25 passed, 1 failed, 1 undecided`. */
export function totals({ scenarios }: Pick<Check, "scenarios">): string {
  const some = scenarios.filter(isAsked);
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

/** It expects something, or was compared with a baseline. */
export function isAsked({ thresholds, baseline }: ScenarioCheck): boolean {
  return thresholds.length > 0 || baseline !== null;
}
