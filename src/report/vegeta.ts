// The block that is shaped as vegeta's text report (vegeta v12, lib/reporters.go, NewTextReporter): same
// labels, same columns, so that prediction and measurement can be laid side by side. Uncertainties stand on
// lines of their own, which begin with ±, so that vegeta's lines can be found and compared as they are.

import { isStatus, isSuccess } from "../component/outcome.js";
import type { Estimate, Latency, Result, Share } from "../run/result.js";
import { halfWidth, type Printed, printCount, printDuration, printRate, printShare } from "./format.js";
import { printable } from "./lines.js";
import { countEstimate, errorText, shareEstimate, together } from "./outcomes.js";

const QUANTILES = "[min, mean, 50, 90, 95, 99, max]";

/** A number in a row, with what stands before it: the status in `502:67`. */
interface Cell extends Printed {
  prefix?: string;
}

/** vegeta's own lines. Latencies are of all requests, answered or not (lib/metrics.go, Metrics.Add). */
export function vegetaLines(result: Result): string[] {
  const { requests, outcomes, latencies } = result;
  const failed = Object.keys(outcomes).filter(
    (name) => !isSuccess(name) && (outcomes[name] as Share).count > 0,
  );
  return [
    ...row("Requests", "[total, rate, throughput]", [
      printCount(requests.total),
      printRate(requests.rate),
      printRate(requests.throughput),
    ]),
    ...row("Duration", "[total, attack, wait]", [
      printDuration(requests.duration_s),
      printDuration(requests.attack_s),
      printDuration(requests.wait_s),
    ]),
    ...row("Latencies", QUANTILES, quantiles(latencies.all)),
    ...row("Bytes In", "[total, mean]", bytes(requests.bytes_in, requests.total)),
    ...row("Bytes Out", "[total, mean]", bytes(requests.bytes_out, requests.total)),
    ...row("Success", "[ratio]", [printShare(successOf(result))]),
    ...row("Status Codes", "[code:count]", codes(statuses(outcomes), requests.total), "  "),
    "Error Set:",
    ...[...new Set(failed.sort().map(errorText))].map(printable),
  ];
}

/**
 * In the same shape, what vegeta cannot see: latencies of the answered requests and by status, what nginx
 * logs, every errno that was met.
 */
export function insideLines(result: Result): string[] {
  const { latencies, outcomes, nginx, errors, clients } = result;
  const { total } = result.requests;
  const { all, answered } = latencies;
  const statuses = Object.keys(latencies).filter((name) => isStatus(name) && latencies[name]!.count > 0);
  const split = statuses.length > 1 ? statuses.sort() : [];
  // "Of the answered" would be a column wider than vegeta's labels.
  const lines =
    all && answered && differs(all, answered) ? row("Of answered", QUANTILES, quantiles(answered)) : [];
  lines.push(...split.flatMap((name) => row(`Of the ${name}s`, QUANTILES, quantiles(latencies[name]))));
  const logged = Object.keys(nginx).some((status) => differs(nginx[status], outcomes[status]));
  const answers = Object.keys(outcomes).some(
    (name) => isStatus(name) && differs(outcomes[name], nginx[name]),
  );
  if (Object.keys(nginx).length > 0 && (logged || answers)) {
    lines.push(...row("nginx logs", "[code:count]", codes(nginx, clients?.attempts ?? total), "  "));
  }
  if (Object.keys(errors).some((errno) => differs(errors[errno], outcomes[errno]))) {
    lines.push(...row("Errno met", "[errno:count]", codes(errors, total), "  "));
  }
  return lines;
}

interface Counted {
  count: number;
}

/** The clients' view as vegeta counts it: no answer is code 0. */
function statuses(outcomes: Record<string, Share>): Record<string, Share> {
  const kept = Object.entries(outcomes).filter(([name]) => isStatus(name));
  if (kept.length === Object.keys(outcomes).length) return outcomes;
  return { ...Object.fromEntries(kept), "0": together(outcomes, (name) => !isStatus(name)) };
}

/** Of all requests, answered or not, as vegeta divides (lib/metrics.go, Metrics.Close). */
function successOf({ outcomes }: Result): Estimate {
  return shareEstimate(together(outcomes, isSuccess));
}

function differs(one: Counted | undefined, other: Counted | undefined): boolean {
  const count = one?.count ?? 0;
  return Math.abs(count - (other?.count ?? 0)) > 1e-9 * count;
}

function quantiles(latency: Latency | undefined): Cell[] {
  if (!latency || latency.count === 0) return new Array<Cell>(7).fill({ text: "-", spread: "" });
  const { min, mean, p50, p90, p95, p99, max } = latency;
  return [min, mean, p50, p90, p95, p99, max].map(printDuration);
}

/**
 * The mean is of a request, as vegeta divides. The deviation of bytes - mean × requests is at most the sum of
 * both deviations, which is its ±: too wide rather than too narrow. Bytes that spread exactly as the requests
 * do, the same for each, leave nothing that varies.
 */
function bytes(total: Estimate, requests: Estimate): Cell[] {
  const each = requests.value > 0 ? 1 / requests.value : 0;
  const value = total.value * each;
  const [ofBytes, ofRequests] = [halfWidth(total) * each, value * halfWidth(requests) * each];
  const inStep = Math.abs(ofBytes - ofRequests) <= 1e-9 * ofBytes;
  const half = inStep ? 0 : ofBytes + ofRequests;
  return [printCount(total), printRate({ value, low: value - half, high: value + half })];
}

function codes(shares: Record<string, Share>, total: Estimate): Cell[] {
  return Object.keys(shares)
    .sort()
    .map((code) => ({
      ...printCount(countEstimate(shares[code] as Share, total)),
      prefix: `${printable(code)}:`,
    }));
}

/** vegeta's line and, if something varied, one with each ± right below the number it belongs to. */
function row(label: string, bracket: string, cells: readonly Cell[], separator = ", "): string[] {
  const head = label.padEnd(14) + bracket.padEnd(34);
  let values = head;
  let spreads = "  ±".padEnd(head.length);
  cells.forEach(({ prefix = "", text, spread }, index) => {
    const end = index < cells.length - 1 ? separator : "";
    const below = spread === "" ? "-" : spread;
    const beginsAt = values.length + prefix.length + Math.max(0, text.length - below.length);
    values += prefix + text + end;
    spreads = spreads.padEnd(beginsAt) + below + end;
  });
  const varies = cells.some(({ spread }) => spread !== "");
  return varies ? [values.trimEnd(), spreads.replace(/[ ,]+$/, "")] : [values.trimEnd()];
}
