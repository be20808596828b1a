// The first line: what share of the requests fails, with what, and why.

import { isSuccess } from "../component/outcome.js";
import type { Cause, Regime, Result, Share } from "../run/result.js";
import { countText, halfWidth, printDuration, printShare, prose, proseDuration, spaced } from "./format.js";
import { byFrequency, shareEstimate, together } from "./outcomes.js";

/** One sentence, for somebody who reads nothing else. */
export function verdict(result: Result): string {
  const { total } = result.requests;
  if (total.value === 0) return "No request is sent.";
  const failing = together(result.outcomes, (outcome) => !isSuccess(outcome));
  const count = countText(Math.round(total.value));
  if (failing.share === 0)
    return `${everyone(count)} will succeed${doubt(failing, result)}${slowest(result)}.`;
  const noun = count === "1" ? "request" : "requests";
  const requests = `${halfWidth(total) > 0 ? "about " : ""}${count} ${noun}`;
  const whole = failing.share >= 1;
  if (result.regimes) return collapse(result.regimes, result.causes);
  const share = prose(printShare(shareEstimate(failing), " %"));
  return `${whole ? everyone(count) : `${share} of ${requests}`} will fail: ${reasons(result)}.`;
}

/** Two regimes, not a mean that no run shows. */
function collapse([good, bad]: [Regime, Regime], causes: readonly Cause[]): string {
  const probability = prose(printShare(bad.probability, " %"));
  const collapsed = prose(printShare(bad.failing, " %"));
  const others = good.failing.value === 0 ? "none does" : `${prose(printShare(good.failing, " %"))} do`;
  const [chief] = [...causes].sort((a, b) => b.share - a.share);
  const why = chief ? ` Chief cause: ${shortened(chief.text)}.` : "";
  const ends = `With probability ${probability} a run ends in collapse`;
  return `${ends}, where ${collapsed} of the requests fail; otherwise ${others}.${why}`;
}

function everyone(count: string): string {
  return count === "1" ? "The one request" : `All ${count} requests`;
}

/** What is not known about "none": the upper end of the interval, or at least how many were tried. */
function doubt({ low, high }: Share, { deterministic, replications, requests }: Result): string {
  if (deterministic) return "";
  const { spread } = printShare({ value: 0, low, high }, " %");
  if (spread !== "") return ` (failures ${spread.replace("<", "< ")})`;
  return ` (no failure in ${countText(Math.round(requests.total.value * replications))} simulated)`;
}

function slowest({ latencies, requests }: Result): string {
  const max = latencies.all?.max;
  if (!max || latencies.all?.count === 0) return "";
  const printed = printDuration(max);
  const time =
    printed.spread === ""
      ? proseDuration(max.value)
      : prose({ text: spaced(printed.text), spread: spaced(printed.spread) });
  return requests.total.value === 1 ? `; it takes ${time}` : `; the slowest takes ${time}`;
}

/**
 * One failing outcome is explained by its causes; of several, each is named with its share, then the chief
 * cause.
 */
function reasons({ outcomes, causes }: Result): string {
  const failing = byFrequency(outcomes).filter(([name, { count }]) => !isSuccess(name) && count > 0);
  const texts = [...causes]
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.share - a.share)
    .map(({ text }) => shortened(text));
  const [first] = failing;
  if (failing.length === 1 && first) {
    return texts.length === 0 ? first[0] : `${first[0]} (${listed([...new Set(texts)], 2, "cause", "; ")})`;
  }
  const names = failing.map(([name, share]) => `${name} ${prose(printShare(shareEstimate(share), " %"))}`);
  return `${listed(names, 4, "outcome", ", ")}${texts.length > 0 ? `; chief cause: ${texts[0]}` : ""}`;
}

/** A cause without its numbers and its address: they stand with the causes below. */
function shortened(cause: string): string {
  return cause.replace(/ \([^()]*\)/g, "").replace(/ at \S+$/, "");
}

/** The first few, and how many are left. */
function listed(items: readonly string[], most: number, noun: string, separator: string): string {
  const rest = items.length - most;
  const shown = items.slice(0, rest > 0 ? most : items.length).join(separator);
  return rest > 0 ? `${shown}${separator}${rest} more ${noun}${rest > 1 ? "s" : ""}` : shown;
}
