// How rarely an accept queue refuses requests, in words.

import type { RareResult } from "../run/result.js";
import { wrap } from "./lines.js";

const TOO_WIDE = "; it is wider than wanted: a limit came first";

/** `3.1e-9 of all requests will be refused (2.8e-9 to 3.4e-9), by splitting over 14 levels.` */
export function rareSentence({ share, low, high, levels, reached }: RareResult): string {
  const over = levels.length === 1 ? "one level" : `${levels.length} levels`;
  return (
    `If this load goes on, ${shareText(share)} of all requests will be refused ` +
    `(${shareText(low)} to ${shareText(high)}${reached ? "" : TOO_WIDE}), by splitting over ${over}.`
  );
}

/** The cause and what it takes to see it. */
export function rareLines(rare: RareResult, columns: number): string[] {
  const { text, settings, share, busy_period, paths, reached, why_repeated } = rare;
  const lines = [
    `${shareText(share)}  ${text}: one request in ${countOf(share)}`,
    ...settings,
    ...(busy_period ? [`one busy period in ${countOf(busy_period.value)} sees a refusal`] : []),
    `95 % interval from ${paths} paths${reached ? "" : TOO_WIDE}`,
    ...(why_repeated ? [`paths were repeated from the beginning, which is slow: ${why_repeated}`] : []),
  ];
  return lines.flatMap((line) => wrap(line, columns - 2, 4).map((part) => `  ${part}`));
}

/** Two digits: intervals are no narrower than some percent. */
function shareText(share: number): string {
  return share >= 0.001 ? `${Number((share * 100).toPrecision(2))} %` : share.toExponential(1);
}

const WORDS = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
] as const;

/** `8.7 million` */
function countOf(share: number): string {
  const count = Number((1 / share).toPrecision(2));
  if (count >= 1e15) return count.toExponential(1);
  const [unit, word] = WORDS.find(([unit]) => count >= unit) ?? [1, ""];
  return [String(Math.round((count / unit) * 10) / 10), word].join(" ").trim();
}
