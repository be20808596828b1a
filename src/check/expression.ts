// METRIC OP VALUE: what a number of a run has to be. One grammar for `--slo`, and for thresholds.
//
//   502.share < 0.1%      200.latency.p99 <= 1s      throughput > 180/s      accept_queue.max < 100
//
// Shares are percentages or numbers from 0 to 1, latencies durations with a unit, rates have theirs, levels
// are plain numbers. Besides, as k6 writes thresholds
// (https://grafana.com/docs/k6/latest/using-k6/thresholds/):
//
//   p(95) < 200, http_req_duration: p(95) < 200      milliseconds, of all requests; also avg, med, min, max
//   p99(latency) < 250ms, p95(200.latency) < 1s
//   http_req_failed: rate < 0.01                      the share of requests that do not succeed

import { distance } from "fastest-levenshtein";
import { exceeded, parseDurationNs, parseRatePerSecond } from "../component/units.js";
import { MILLISECOND, SECOND } from "../engine/time.js";
import { isMetric, METRIC_EXPECTED, METRIC_WORDS, type MetricUnit, unitOf } from "../run/metrics.js";
import type { Objective } from "../run/objective.js";

/** What was understood, or what is wrong, as a sentence without its place. */
export type Parsed = { objective: Objective } | { wrong: string };

/** Reads one expression. */
export function parseExpression(written: string): Parsed {
  const text = written.trim();
  const [, left = "", op = "", right = ""] = /^(.*?)\s*([<>=!]+)\s*(.*)$/.exec(text) ?? [];
  if (left === "") return { wrong: `${EXPECTED}, got "${text}"` };
  if (!isOperator(op)) return { wrong: `expected <, <=, > or >=, got "${op}"${spacing(op)}` };
  if (right === "") return { wrong: `expected a value after "${op}", got nothing` };
  const k6 = ofK6(left, op, right);
  if (k6) return "wrong" in k6 ? k6 : { objective: { text, ...k6 } };
  const metric = named(left);
  const unit = unitOf(metric);
  if (unit === undefined) return { wrong: notAMetric(left) };
  const limit = limitOf(right, unit);
  if (typeof limit === "string") return { wrong: limit };
  return { objective: { text, metric, op, limit, unit } };
}

const EXPECTED = 'expected METRIC OP VALUE such as "502.share < 0.1%" or "200.latency.p99 < 1s"';
const OPERATORS = ["<", "<=", ">", ">="] as const;
type Operator = (typeof OPERATORS)[number];

function isOperator(text: string): text is Operator {
  return (OPERATORS as readonly string[]).includes(text);
}

function spacing(op: string): string {
  if (op === "=<" || op === "=>") return `; did you mean "${op === "=<" ? "<=" : ">="}"?`;
  return op === "=" || op === "==" ? "; no estimate is ever exactly a number" : "";
}

type Rest = Omit<Objective, "text">;

const TURNED: Record<Operator, Operator> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };
const K6_MEASURES: Record<string, string> = { avg: "mean", med: "p50", min: "min", max: "max" };

/** Undefined if it is not written as k6 does. */
function ofK6(left: string, op: Operator, right: string): Rest | { wrong: string } | undefined {
  const [, name, what = ""] = /^(?:(http_req_\w+|http_reqs|checks)\s*:\s*)?(.*)$/.exec(left) ?? [];
  const percentile = /^p\((\d+(?:\.\d+)?)\)$/.exec(what)?.[1];
  const measure = percentile === undefined ? K6_MEASURES[what] : `p${percentile}`;
  if (measure !== undefined && (name ?? "http_req_duration") === "http_req_duration") {
    const metric = `latency.${measure}`;
    if (!isMetric(metric)) return { wrong: `expected p(50), p(90), p(95) or p(99), got "${what}"` };
    if (!NUMBER.test(right))
      return { wrong: `expected milliseconds without a unit, as in k6, got "${right}"` };
    return { metric, op, limit: (Number(right) * MILLISECOND) / SECOND, unit: "s" };
  }
  if (what === "rate" && name === "http_req_failed") {
    const failed = limitOf(right, "share");
    if (typeof failed === "string") return { wrong: failed };
    return { metric: "success.share", op: TURNED[op], limit: 1 - failed, unit: "share" };
  }
  if (name !== undefined) {
    return { wrong: `of k6's metrics http_req_duration and http_req_failed are known, got "${left}"` };
  }
  if (what !== "rate") return undefined;
  return {
    wrong: 'expected what the rate is of, as "http_req_failed: rate < 0.01" or "502.share < 1%", got "rate"',
  };
}

/** `p99(200.latency)` as `200.latency.p99`. */
function named(left: string): string {
  const [, measure, of] = /^(p\d+)\(\s*([\w.-]*latency)\s*\)$/.exec(left) ?? [];
  return measure === undefined ? left : `${of}.${measure}`;
}

/** The limit in the metric's unit, or what is wrong with it. */
function limitOf(text: string, unit: MetricUnit): number | string {
  const limit = PARSERS[unit](text);
  if (limit !== undefined) return limit;
  const beyond = exceeded(text);
  if (beyond) return `expected ${beyond.what} of ${beyond.limit}, got "${text}"`;
  const meant = NUMBER.test(text) ? `; did you mean "${text}${SUFFIXES[unit]}"?` : "";
  return `expected ${VALUES[unit]}, got "${text}"${meant}`;
}

const NUMBER = /^\d+(\.\d+)?(e[+-]?\d+)?$/;
const SUFFIXES: Record<MetricUnit, string> = { share: "%", s: "s", "1/s": "/s", "1": "" };
const VALUES: Record<MetricUnit, string> = {
  share: 'a share such as "0.1%", or a number from 0 to 1',
  s: 'a duration with a unit such as "250ms" or "1s"',
  "1/s": 'a rate such as "20/s"',
  "1": 'a number such as "100"',
};

const PARSERS: Record<MetricUnit, (text: string) => number | undefined> = {
  share(text) {
    const [, number, percent] = /^(\S+?)\s*(%?)$/.exec(text) ?? [];
    const share = plain(number ?? "");
    if (share === undefined) return undefined;
    const value = percent === "%" ? Number((share / 100).toPrecision(15)) : share;
    return value <= 1 ? value : undefined;
  },
  s(text) {
    const ns = parseDurationNs(text);
    return ns === undefined ? undefined : ns / SECOND;
  },
  "1/s": parseRatePerSecond,
  "1": plain,
};

function plain(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

function notAMetric(name: string): string {
  const near = nearest(name);
  return `expected ${METRIC_EXPECTED}, got "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
}

/** A metric that is made of words near those that are written, or of the same in another order. */
function nearest(name: string): string | undefined {
  const mended = name.split(".").map((part) => {
    if (METRIC_WORDS.includes(part) || /^\d/.test(part)) return part;
    // A word of a letter or two is another word after as many slips.
    const most = Math.min(2, part.length - 1);
    const distances = METRIC_WORDS.map((word) => distance(part.toLowerCase(), word.toLowerCase()));
    const least = Math.min(...distances);
    return least <= most ? (METRIC_WORDS[distances.indexOf(least)] as string) : part;
  });
  const [first = "", ...rest] = mended;
  return [mended, [...rest, first], mended.slice(0, -1)].map((parts) => parts.join(".")).find(isMetric);
}
