// A step of a knob as a sentence: what it turns into what, and how sure that is.

import { isSuccess } from "../component/outcome.js";
import type { ChangedSetting, Difference } from "../run/comparison.js";
import type { Step } from "../run/sensitivity-result.js";
import { nameOf, outcomesOf, sidesText, turned } from "./compare-verdict.js";
import { differenceText, plainText, relativeText, valueText } from "./difference.js";
import { prose } from "./format.js";

/** `net.core.somaxconn 128 -> 511`; several with commas. */
export function stepName({ settings }: Pick<Step, "settings">): string {
  return settings.map(settingName).join(", ");
}

function settingName({ path, a, b }: ChangedSetting): string {
  return `${shortPath(path)} ${plainText(a)} -> ${plainText(b)}`;
}

/** Sysctls are known by their own names. */
export function shortPath(path: string): string {
  return path.replace(/^kernel\.sysctl\./, "");
}

/** The whole sentence, for a step that changes something for sure. */
export function stepSentence(step: Step): string {
  const { effect, differences } = step;
  const parts = [leadOf(step), ...besidesWaiting(step, sidesText(differences))];
  const sure = effect.difference === null ? "" : ` [${effectText(effect)}]`;
  return `${parts.join("; ")}${sure}`;
}

/** `failure.share -33.5 pp ± 1.2 pp`. */
export function effectText({ metric, difference, unit }: Difference): string {
  return difference === null ? metric : `${metric} ${prose(differenceText(difference, unit))}`;
}

function leadOf(step: Step): string {
  const { differences, effect } = step;
  const name = stepName(step);
  const failing = outcomesOf(differences).filter((one) => !isSuccess(nameOf(one)));
  const fewer = failing.filter(({ finding }) => finding === "better");
  const more = failing.filter(({ finding }) => finding === "worse");
  if (fewer.length === 1 && more.length === 1) {
    const success = differences.find(({ metric }) => metric === "success.share");
    const isSwap = success?.finding === "same" || success?.finding === "undecided";
    if (isSwap)
      return `${name} turns ${plural(fewer[0])} into ${plural(more[0])} (${moves([...fewer, ...more])})`;
  }
  const removes = fewer.map((one) => `${removedText(one)} (${moves([one])})`);
  const brings = more.map((one) => `${addedText(one)} (${moves([one])})`);
  const lead = [listText("removes", removes), listText("brings", brings)].filter((part) => part !== "");
  if (lead.length > 0) return `${name} ${lead.join(" and ")}${waitingText(step, fewer)}`;
  const success = differences.find(({ metric }) => metric === "success.share");
  const isTold = success?.finding === "better" || success?.finding === "worse";
  const change = isTold ? turned(success, step, name) : undefined;
  return (
    change ?? `${name} changes ${effect.metric} from ${sideText(effect, "a")} to ${sideText(effect, "b")}`
  );
}

/** What the failures that are gone have become, if those that succeed now wait for long. */
function waitingText({ differences }: Step, fewer: readonly Difference[]): string {
  const p99 = waitingOf(differences);
  if (!p99 || fewer.length === 0) return "";
  return ` and turns them into waiting (p99 of successes ${sideText(p99, "a")} -> ${sideText(p99, "b")})`;
}

const LONGER = 0.1;

function waitingOf(differences: readonly Difference[]): Difference | undefined {
  return differences.find(
    ({ metric, finding, relative }) =>
      metric === "success.latency.p99" && finding === "worse" && (relative ?? 0) >= LONGER,
  );
}

/** The p99 is told once. */
function besidesWaiting({ differences }: Step, sides: readonly string[]): string[] {
  const isTold = outcomesOf(differences).some((one) => !isSuccess(nameOf(one)) && one.finding === "better");
  if (!isTold || !waitingOf(differences)) return [...sides];
  return sides.filter((side) => !side.startsWith("worse"));
}

function removedText(one: Difference): string {
  const { relative } = one;
  if (one.b?.value === 0 || relative === null) return `all ${plural(one)}`;
  return `${relativeText(relative).replace(/^-/, "")} of the ${plural(one)}`;
}

function addedText(one: Difference): string {
  if (one.relative === null) return plural(one);
  const size = relativeText(one.relative);
  return size.startsWith("x")
    ? `${size.replace("x ", "")} times as many ${plural(one)}`
    : `${size.replace("+", "")} more ${plural(one)}`;
}

function plural(one: Difference | undefined): string {
  const name = one ? nameOf(one) : "";
  return /^\d+$/.test(name) ? `${name}s` : `${name} failures`;
}

function moves(all: readonly Difference[]): string {
  return all
    .map((one) => {
      const values = `${sideText(one, "a")} -> ${sideText(one, "b")}`;
      return all.length > 1 ? `${nameOf(one)}: ${values}` : values;
    })
    .join(", ");
}

function sideText({ a, b, unit }: Difference, side: "a" | "b"): string {
  return valueText(side === "a" ? a : b, unit);
}

function listText(verb: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : `${verb} ${parts.join(", ")}`;
}
