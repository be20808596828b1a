// What `recvq run` prints: the verdict, a block shaped as vegeta's report, the causes, the limits, the
// charts.

import pc from "picocolors";
import { isSuccess } from "../component/outcome.js";
import type { Cause, Estimate, Limit, Result } from "../run/result.js";
import { clientLines, routeLines } from "./clients.js";
import {
  countText,
  type Printed,
  percentText,
  printCount,
  printDuration,
  printShare,
  prose,
  proseDuration,
  vegetaDuration,
} from "./format.js";
import { GLUE, printable, type TextOptions, wrap } from "./lines.js";
import { countEstimate, shareEstimate } from "./outcomes.js";
import { rareLines, rareSentence } from "./rare.js";
import { runCharts } from "./run-charts.js";
import { theoryLines } from "./theory.js";
import { insideLines, vegetaLines } from "./vegeta.js";
import { verdict } from "./verdict.js";

type Paint = (text: string) => string;

/**
 * The whole text, ending in a newline. Warnings come first, since they say what the numbers cannot be trusted
 * for. The lines of vegeta's block have vegeta's width, whatever the columns are; all others keep to the
 * columns.
 */
export function runText(result: Result, options: TextOptions): string {
  const { columns, colour, quiet } = options;
  const colours = pc.createColors(colour);
  const shown = withoutIntervals(result);
  const first = verdict(shown) + (result.rare ? ` ${rareSentence(result.rare)}` : "");
  if (quiet) return `${printable(first + quietNotes(result))}\n`;
  const painted = (lines: string[], paint: Paint) => lines.map((line) => paint(line));
  const section = (title: string, lines: string[]) =>
    lines.length > 0 ? ["", colours.bold(title), ...lines] : [];
  const dimSpreads = (lines: string[]) =>
    lines.map((line) => (line.startsWith("  ±") ? colours.dim(line) : line));
  const warnings = result.warnings.flatMap((warning) => wrap(`Warning: ${warning}`, columns, 2));
  const failed = Object.entries(result.outcomes).some(([name, { count }]) => !isSuccess(name) && count > 0);
  const inside = insideLines(shown);
  const lines = [
    ...painted(warnings, colours.yellow),
    ...painted(wrap(first, columns), (line) => colours.bold((failed ? colours.red : colours.green)(line))),
    ...painted(wrap(basis(result), columns), colours.dim),
    ...warmUpLines(result, columns),
    ...stoppingLines(result, columns),
    ...regimeLines(result, columns),
    "",
    ...dimSpreads(vegetaLines(shown)),
    ...(inside.length > 0 ? ["", ...dimSpreads(inside)] : []),
    ...section("Routes", routeLines(shown, columns)),
    ...section("If this load goes on", result.rare ? rareLines(result.rare, columns) : []),
    ...section("Clients", clientLines(shown, columns)),
    ...section("Queueing theory", theoryLines(shown, columns)),
    ...section("Causes", causeLines(shown, columns)),
    ...section("Wasted work", wastedLines(shown, columns)),
    ...section(
      "Limits",
      shown.limits.flatMap((limit) => limitLines(limit, columns)),
    ),
    "",
    ...runCharts(shown, options),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** Where the numbers come from and what ± means, in one sentence. */
function basis(result: Result): string {
  const { source, seed, replications, deterministic, intervals, recvq, incomplete } = result;
  const from = `${source}, recvq ${recvq}`;
  if (deterministic) return `${from}. Nothing here is random: exact.`;
  if (intervals?.method === "batch means") {
    const { batches, length_s } = intervals;
    const batch = `${batches} batches of one run, ${proseDuration(length_s)} each`;
    return `${from}, seed ${seed}. ± is the 95 % interval from ${batch}; "-" never varied, or has none.`;
  }
  if (replications < 2) {
    // More were asked for, if a limit came first.
    const advice = incomplete === undefined ? ". run.replications of 10 would give one" : "";
    const why = intervals ? `: ${intervals.why}${advice}` : "";
    return `${from}, seed ${seed}. One replication of something random: no ± is known${why}.`;
  }
  return `${from}, seed ${seed}. ± is the 95 % interval from ${replications} replications; "-" never varied.`;
}

/** What does not count; that there is no steady state is a warning. */
function warmUpLines({ warm_up, replications }: Result, columns: number): string[] {
  const { left_out_s, why, steady, told } = warm_up;
  if (!told || !steady) return [];
  const whole = replications > 1 ? "each replication" : "the run";
  const first = `The first ${proseDuration(left_out_s)} of ${whole} do not count, as a warm-up`;
  const nothing = `Everything counts from the first request on: ${why}.`;
  return wrap(left_out_s > 0 ? `${first} (${why}).` : nothing, columns, 2);
}

function regimeLines({ regimes, replications, requests }: Result, columns: number): string[] {
  if (!regimes) return [];
  const counts = `${regimes[1].replications} of ${replications} replications end in collapse`;
  const { value, low, high } = requests.success;
  const failing = prose(printShare({ value: 1 - value, low: 1 - high, high: 1 - low }, " %"));
  return wrap(`${counts}. Over all ${failing} of the requests fail, a mean that no run shows.`, columns, 2);
}

/** Whether what was asked for is known, and what it would take. */
function stoppingLines({ stopping, incomplete, replications }: Result, columns: number): string[] {
  const lines = incomplete === undefined ? [] : wrap(`Incomplete: ${incomplete}.`, columns, 2);
  if (!stopping) return lines;
  const { metric, confidence, relative_error, reached, reached_error, replications_needed } = stopping;
  const known = Number.isFinite(reached_error)
    ? `${metric} is known to ± ${percentText(reached_error)}`
    : `${metric} is 0 so far, so that no relative error is known`;
  const how = `at ${percentText(confidence)} after ${countText(replications)} replications`;
  const wanted = `± ${percentText(relative_error)} were asked for`;
  const more = Number.isFinite(replications_needed)
    ? `about ${countText(Number(replications_needed.toPrecision(2)))} replications would do`
    : "more replications, or a rare-event run";
  return [
    ...lines,
    ...wrap(reached ? `${known} ${how}; ${wanted}.` : `${known} ${how}; ${wanted}: ${more}.`, columns, 2),
  ];
}

/** Nothing is known of the spread of one replication without batches, and an exact result has none. */
function withoutIntervals(result: Result): Result {
  const { deterministic, replications, intervals } = result;
  if (!deterministic && (replications > 1 || intervals?.method === "batch means")) return result;
  const strip = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(strip);
    if (typeof node !== "object" || node === null) return node;
    const copy = Object.fromEntries(Object.entries(node).map(([key, child]) => [key, strip(child)]));
    if ("low" in copy && !Array.isArray(copy.low)) copy.low = copy.high = copy.share ?? copy.value;
    return copy;
  };
  const { scenario, ...rest } = result;
  return { ...(strip(rest) as Omit<Result, "scenario">), scenario };
}

function quietNotes({ warnings, incomplete }: Result): string {
  const { length } = warnings;
  const notes = [
    ...(incomplete === undefined ? [] : ["incomplete"]),
    ...(length === 0 ? [] : [`${length} warning${length > 1 ? "s" : ""}`]),
  ];
  return notes.length === 0 ? "" : ` (${notes.join(", ")})`;
}

function causeLines({ causes, requests, replications }: Result, columns: number): string[] {
  const shown = causes
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.share - a.share)
    .map((cause) => ({ cause, share: prose(printShare(shareEstimate(cause), " %")) }));
  const width = Math.max(0, ...shown.map(({ share }) => share.length)) + 2;
  // Beside the shares, unless that leaves too little for the name of a setting.
  const indent = columns - width - 2 < 36 ? 4 : width + 2;
  return shown.flatMap(({ cause, share }) => {
    const facts = [
      occurrence(cause, requests.total, replications),
      settingsText(cause.settings, columns),
    ].filter((fact) => fact !== "");
    return [
      ...wrap(`${share.padStart(width - 2)}  ${cause.text}`, columns, indent, 2),
      ...facts.flatMap((fact) => wrap(fact, columns, indent + 2, indent)),
    ];
  });
}

function occurrence(cause: Cause, total: Estimate, replications: number): string {
  const printed = printCount(countEstimate(cause, total));
  const noun = printed.text === "1" ? "request" : "requests";
  const first = replications > 1 ? "first in any replication" : "first";
  return `${prose(printed)} ${noun}, ${first} at ${proseDuration(cause.first_s)}`;
}

/** Each setting stays on one line, unless the terminal is narrower than a long one. */
function settingsText(settings: readonly string[], columns: number): string {
  const texts = columns < 60 ? settings : settings.map((setting) => setting.replaceAll(" ", GLUE));
  return texts.join(", ");
}

function wastedLines({ work }: Result, columns: number): string[] {
  const { wasted_s, busy_s } = work;
  if (wasted_s.value <= 0) return [];
  const share = busy_s.value > 0 ? ` (${percentText(wasted_s.value / busy_s.value)})` : "";
  const [wasted, busy] = [prose(printedFromZero(wasted_s)), prose(printDuration(busy_s))];
  const whose = "for requests whose client, proxy or worker had gone";
  return wrap(`${wasted} of ${busy} that workers were busy${share}: ${whose}`, columns, 2, 2);
}

/** A duration whose interval reaches 0 (or beyond, as it is symmetric) has an upper end only. */
function printedFromZero(estimate: Estimate): Printed {
  const printed = printDuration(estimate);
  if (printed.spread === "" || estimate.low > 0) return printed;
  const { value, high } = estimate;
  return { text: vegetaDuration(value), spread: `<${vegetaDuration(high)}` };
}

/** A limit, and below it the settings behind it, the deciding one first. */
function limitLines({ text, settings }: Limit, columns: number): string[] {
  return [
    ...wrap(text, columns, 4, 2),
    ...(settings.length > 0 ? wrap(settingsText(settings, columns), columns, 6, 4) : []),
  ];
}
