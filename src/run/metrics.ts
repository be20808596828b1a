// Metrics by name, one grammar wherever a number of a run is asked for.
//
//   502.share  502.rate  success.share           requests that ended so, of all, and a second
//   failure.share                                those that did not end with a status from 200 to 399
//   EADDRNOTAVAIL.share                          requests that met an errno, whatever they ended with
//   cause.unix-queue-full.share                  requests that failed for this cause
//   latency.p99  200.latency.mean                seconds; of all requests, as vegeta counts, or of an outcome
//   success.latency.p95                          of the statuses 200 to 399
//   throughput                                   successes a second
//   accept_queue.max  accept_queue.mean          the fullest accept queue of all
//   time_wait.max  time_wait.mean                TIME_WAIT sockets
//   workers.utilisation  wasted.share            busy worker time of all; wasted of the busy

import { ERROR_WORDS, isOutcome, isSuccess } from "../component/outcome.js";
import { type Interval, meanInterval, shareInterval } from "../stats/interval.js";
import { togetherIn } from "./clusters.js";
import type { Columns } from "./columns.js";
import type { LatencyNs, Replication } from "./replicate.js";

/** A metric of a run: what a replication says of it, and what all together do. */
export interface Metric {
  /** Of a share of requests: how many there are in each replication. */
  trials?(columns: Columns): number[];
  /** Its value in each replication; NaN where it has none: a latency of requests that there are not. */
  values(columns: Columns): number[];
  /** Its estimate with an interval of this confidence, from 0 to 1. */
  interval(columns: Columns, confidence: number): Interval;
}

/** What a metric's numbers are: a share from 0 to 1, seconds, a second, or a plain number. */
export type MetricUnit = "share" | "s" | "1/s" | "1";

/** Names of what a metric may be about, in a scenario's first replication. */
type Known = Pick<Replication, "outcomes" | "causes" | "levels">;

const MEASURES: readonly string[] = ["min", "mean", "p50", "p90", "p95", "p99", "max"] satisfies Exclude<
  keyof LatencyNs,
  "count"
>[];
/** Kinds of levels, of which a metric is about the highest. */
export const LEVELS = {
  accept_queue: /^accept queue of /,
  time_wait: /^TIME_WAIT sockets/,
} satisfies Record<string, RegExp>;
export type LevelKind = keyof typeof LEVELS;

export const FAILURE = "failure";

/** Latencies of what is not an outcome. */
const GROUPS: Record<string, string> = { "": "all", success: "successes" };

/** What a metric's name may look like, for messages. */
export const METRIC_EXPECTED =
  "a metric such as 502.share, 502.rate, failure.share, EADDRNOTAVAIL.share, cause.NAME.share, " +
  "latency.p99, 200.latency.p99, accept_queue.max, time_wait.max, workers.utilisation or wasted.share";

/** Whether a name has the form of a metric, whatever the scenario. */
export function isMetric(name: string): boolean {
  return partsOf(name) !== undefined;
}

/** The unit of a metric; undefined if the name is none. */
export function unitOf(name: string): MetricUnit | undefined {
  const parts = partsOf(name);
  return parts && UNITS[parts.what];
}

/** Words that names of metrics are made of, for suggestions. */
export const METRIC_WORDS: readonly string[] = [
  ...["share", "rate", "latency", "throughput", "workers", "utilisation", "wasted", "cause"],
  ...["success", FAILURE, ...ERROR_WORDS],
  ...MEASURES,
  ...Object.keys(LEVELS),
];

/** What a cause's metric is about that is none of these causes; undefined if all is well. */
export function unknownCause(name: string, causes: Iterable<string>): string | undefined {
  const parts = partsOf(name);
  return parts?.what === "cause" && ![...causes].includes(parts.of) ? parts.of : undefined;
}

/**
 * The metric of this name; undefined if it is none. `first` names the causes and levels that the scenario
 * has.
 */
export function metricOf(name: string, first: Known): Metric | undefined {
  const parts = partsOf(name);
  if (parts === undefined) return undefined;
  const { of, what, measure } = parts;
  if (what === "latency") return latency(GROUPS[of] ?? `outcome.${of}`, measure);
  if (what === "level") return level(of, measure, first);
  if (what === "rate") {
    return of === "success" ? mean("throughput") : ratio(`count outcome.${of}`, "duration");
  }
  if (what === "utilisation" || what === "throughput") return mean(what);
  if (what === "wasted") return ratio("wasted", "busy");
  if (what === "cause") {
    // Parts of one kind, such as the sockets of two applications, have causes of one name.
    const names = first.causes.flatMap(({ id }, index) => (id === of ? [`count cause.${index}`] : []));
    return share(() => names);
  }
  if (of === "success") return share(() => ["count successes"]);
  if (of === FAILURE) return share(failures);
  return /^E[A-Z0-9]+$/.test(of) && !first.outcomes.some(({ outcome }) => outcome === of)
    ? share(() => [`tally error.${of}`])
    : share(() => [`count outcome.${of}`]);
}

/** What a metric's name says. */
export interface MetricParts {
  what: "share" | "rate" | "latency" | "level" | "cause" | "utilisation" | "throughput" | "wasted";
  /** An outcome, `success`, an errno, a cause, a kind of level; empty for all requests. */
  of: string;
  /** `p99`, `max` ... */
  measure: string;
}

const UNITS: Record<MetricParts["what"], MetricUnit> = {
  share: "share",
  rate: "1/s",
  latency: "s",
  level: "1",
  cause: "share",
  utilisation: "share",
  throughput: "1/s",
  wasted: "share",
};

/** The parts of a metric's name; undefined if it is none. */
export function partsOf(name: string): MetricParts | undefined {
  const plain = (what: MetricParts["what"], of = "", measure = ""): MetricParts => ({ what, of, measure });
  if (name === "workers.utilisation") return plain("utilisation");
  if (name === "throughput") return plain("throughput");
  if (name === "wasted.share") return plain("wasted");
  const cause = /^cause\.([\w-]+)\.share$/.exec(name);
  if (cause) return plain("cause", cause[1]);
  const measured = /^(?:(\w[\w-]*)\.)?latency\.(\w+)$/.exec(name);
  if (measured) {
    const [, of = "", measure = ""] = measured;
    const isKnown = Object.hasOwn(GROUPS, of) || isOutcome(of);
    return isKnown && MEASURES.includes(measure) ? plain("latency", of, measure) : undefined;
  }
  const [of = "", measure = "", ...rest] = name.split(".");
  if (rest.length > 0) return undefined;
  if (Object.hasOwn(LEVELS, of))
    return measure === "max" || measure === "mean" ? plain("level", of, measure) : undefined;
  if (of === FAILURE) return measure === "share" ? plain("share", of) : undefined;
  const isCounted = measure === "share" || measure === "rate";
  return isCounted && (of === "success" || isOutcome(of)) ? plain(measure, of) : undefined;
}

/** The columns that count the requests that fail. */
export function failures(columns: Columns): string[] {
  const outcomes = columns.names("count outcome.").filter((outcome) => !isSuccess(outcome));
  return outcomes.map((outcome) => `count outcome.${outcome}`);
}

/** The requests that these columns count, of all; a replication that sent none has no share. */
function share(names: (columns: Columns) => string[]): Metric {
  const counted = (columns: Columns) => {
    const all = names(columns).map((name) => columns.of(name));
    return columns.of("sent").map((sent, index) => {
      return { sent, count: all.reduce((sum, column) => sum + (column[index] as number), 0) };
    });
  };
  return {
    trials: (columns) => columns.of("sent"),
    values: (columns) => counted(columns).map(({ count, sent }) => count / sent),
    interval(columns, confidence) {
      const some = counted(columns).filter(({ sent }) => sent > 0);
      if (some.length === 0) return NOTHING;
      const [counts, sent] = [some.map(({ count }) => count), some.map((one) => one.sent)];
      return shareInterval(counts, sent, { confidence, together: togetherIn(columns) });
    },
  };
}

/** Nothing is known. */
const NOTHING: Interval = { value: Number.NaN, low: -Infinity, high: Infinity };

function of(values: (columns: Columns) => number[]): Metric {
  return {
    values,
    interval(columns, confidence) {
      const known = values(columns).filter((value) => !Number.isNaN(value));
      return known.length === 0 ? NOTHING : meanInterval(known, false, confidence);
    },
  };
}

function mean(name: string): Metric {
  return of((columns) => columns.of(name));
}

function ratio(above: string, below: string): Metric {
  return of((columns) => {
    const divisors = columns.of(below);
    return columns
      .of(above)
      .map((value, index) => (divisors[index] ? value / (divisors[index] as number) : 0));
  });
}

/** Of the replications that have such requests. */
function latency(group: string, measure: string): Metric {
  return of((columns) => {
    const counts = columns.of(`count ${group}`);
    return columns
      .of(`${measure} ${group}`)
      .map((value, index) => ((counts[index] as number) > 0 ? value : Number.NaN));
  });
}

/** The highest of all levels of this kind in each replication. */
function level(kind: string, measure: string, { levels }: Known): Metric {
  const numbers = levels.flatMap(({ name }, index) => (LEVELS[kind as LevelKind].test(name) ? [index] : []));
  const prefix = measure === "max" ? "peak" : "average";
  return of((columns) => {
    const all = numbers.map((number) => columns.of(`${prefix} ${number}`));
    return columns.of("sent").map((_, index) => Math.max(0, ...all.map((one) => one[index] as number)));
  });
}
