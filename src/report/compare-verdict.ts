// The first line of a comparison: what B turns into what, what else is better or worse, what cannot be told.

import { isSuccess } from "../component/outcome.js";
import type { Comparison, Difference } from "../run/comparison.js";
import { differenceText, relativeText, valueText } from "./difference.js";
import { countText, percentText, prose } from "./format.js";

/** One sentence, for somebody who reads nothing else. */
export function compareVerdict(comparison: Comparison): string {
  const { differences, settings } = comparison;
  const isSame = settings.length === 0 && differences.every(({ finding }) => finding === "same");
  if (isSame) return "A and B are the same scenario, so that nothing differs.";
  const success = differences.find(({ metric }) => metric === "success.share");
  const parts = [
    failuresText(success, comparison),
    ...sidesText(differences),
    listed("cannot be told yet", named(differences, "undecided", untold)),
  ].filter((part) => part !== "");
  return `${parts.join("; ")}.`;
}

/** `better: throughput +2.1 %` and `worse: mean latency of successes +18 %`, as far as there is something. */
export function sidesText(differences: readonly Difference[]): string[] {
  const change = (one: Difference) => `${NAMES[one.metric]} ${sizeText(one)}`;
  const findings = ["better", "worse"] as const;
  return findings
    .map((finding) => listed(finding, named(differences, finding, change)))
    .filter((part) => part !== "");
}

function named(
  differences: readonly Difference[],
  finding: Difference["finding"],
  text: (one: Difference) => string,
): string[] {
  return differences
    .filter(({ metric }) => Object.hasOwn(NAMES, metric))
    .filter((one) => one.finding === finding && one.difference !== null)
    .map(text);
}

/** What the sentence tells of besides the outcomes; the rest is in the table. */
const NAMES: Record<string, string> = {
  "success.latency.mean": "mean latency of successes",
  "success.latency.p99": "their p99",
  throughput: "throughput",
  "wasted.share": "wasted work",
};

function sizeText({ relative, difference, unit }: Difference): string {
  const { text } = differenceText(difference as NonNullable<typeof difference>, unit);
  return relative === null ? text : relativeText(relative);
}

function untold({ metric, replications_needed: needed }: Difference): string {
  return `${NAMES[metric]}${needed === null ? "" : ` (about ${replicationsText(needed)})`}`;
}

/** `4,300 replications`, to two digits. */
function replicationsText(needed: number): string {
  return `${countText(Number(needed.toPrecision(2)))} replications`;
}

function listed(what: string, texts: readonly string[]): string {
  return texts.length === 0 ? "" : `${what}: ${texts.join(", ")}`;
}

function failuresText(success: Difference | undefined, comparison: Comparison): string {
  if (!success?.difference || !success.a || !success.b) return "With one of both no request is sent";
  const { finding, difference, replications_needed: needed } = success;
  const [before, after] = [success.a.value, success.b.value].map((share) => percentText(1 - share));
  const by = prose(differenceText(difference, "share"));
  if (finding === "same") {
    if (success.a.value === 1) return "With B as with A all requests succeed";
    return `With B as many requests fail as with A (${before})`;
  }
  if (finding === "undecided") {
    const more = needed === null ? "" : `; about ${replicationsText(needed)} would tell`;
    return `Whether fewer requests fail with B cannot be told yet (successes ${by}${more})`;
  }
  return turned(success, comparison) ?? changed(success, `${before} -> ${after}`, comparison);
}

/** Where one outcome gains what another one loses: `B turns 2 pp of the requests from 502 into 200 (...)`. */
export function turned(
  { difference }: Difference,
  { differences }: Pick<Comparison, "differences">,
  who = "B",
): string | undefined {
  const outcomes = outcomesOf(differences).filter((one) => one.finding !== "same");
  const gaining = outcomes.filter((one) => (one.difference?.value ?? 0) > 0);
  const losing = outcomes.filter((one) => (one.difference?.value ?? 0) < 0);
  const [gains, loses] = [gaining[0], losing[0]];
  if (outcomes.length !== 2 || !gains || !loses || !difference) return undefined;
  const by = prose(differenceText(difference, "share")).replace(/^[+-]/, "");
  const failing = isSuccess(nameOf(gains)) ? loses : gains;
  const values = `${valueText(failing.a, "share")} -> ${valueText(failing.b, "share")}`;
  const change = `${who} turns ${by} of the requests from ${nameOf(loses)} into ${nameOf(gains)}`;
  return `${change} (${nameOf(failing)}: ${values})`;
}

/** Several outcomes: the failures together, then each that has changed for sure. */
function changed(
  { difference, finding }: Difference,
  values: string,
  { differences }: Pick<Comparison, "differences">,
): string {
  const by = prose(differenceText(difference as NonNullable<typeof difference>, "share")).replace(
    /^[+-]/,
    "",
  );
  const each = outcomesOf(differences)
    .filter((one) => !isSuccess(nameOf(one)) && (one.finding === "better" || one.finding === "worse"))
    .map(
      (one) =>
        `${nameOf(one)} ${prose(differenceText(one.difference as NonNullable<typeof difference>, "share"))}`,
    );
  const which = finding === "better" ? "fewer" : "more";
  const detail = each.length === 0 ? "" : `: ${each.join(", ")}`;
  return `With B ${by} ${which} of the requests fail (${values})${detail}`;
}

export function outcomesOf(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ kind, metric }) => kind === "outcome" && metric !== "success.share");
}

export function nameOf({ metric }: Difference): string {
  return metric.replace(/\.share$/, "");
}
