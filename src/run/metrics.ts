// Metrics by name, one grammar wherever a number of a run is asked for.
//
//   502.share  502.rate  success.share           requests that ended so, of all, and a second
//   EADDRNOTAVAIL.share                          requests that met an errno, whatever they ended with
//   cause.unix-queue-full.share                  requests that failed for this cause
//   latency.p99  200.latency.mean                seconds; of all requests, as vegeta counts, or of an outcome
//   success.latency.p95                          of the statuses 200 to 399
//   throughput                                   successes a second
//   accept_queue.max  accept_queue.mean          the fullest accept queue of all
//   time_wait.max  time_wait.mean                TIME_WAIT sockets
//   workers.utilisation  wasted.share            busy worker time of all; wasted of the busy

import { type Interval, meanInterval, shareInterval } from "../stats/interval.js";
import { togetherIn } from "./clusters.js";
import type { Columns } from "./columns.js";
import type { LatencyNs, Replication } from "./replicate.js";

/** A metric of a run: what a replication says of it, and what all together do. */
export interface Metric {
  /** Its value in each replication; NaN where it has none: a latency of requests that there are not. */
  values(columns: Columns): number[];
  /** Its estimate with an interval of this confidence, from 0 to 1. */
  interval(columns: Columns, confidence: number): Interval;
}

/** Names of what a metric may be about, in a scenario's first replication. */
type Known = Pick<Replication, "outcomes" | "causes" | "levels">;

const MEASURES: readonly string[] = ["min", "mean", "p50", "p90", "p95", "p99", "max"] satisfies Exclude<
  keyof LatencyNs,
  "count"
>[];
const LEVELS: Record<string, RegExp> = {
  accept_queue: /^accept queue of /,
  time_wait: /^TIME_WAIT sockets/,
};

/** Latencies of what is not an outcome. */
const GROUPS: Record<string, string> = { "": "all", success: "successes" };

/** What a metric's name may look like, for messages. */
export const METRIC_EXPECTED =
  "a metric such as 502.share, 502.rate, EADDRNOTAVAIL.share, cause.NAME.share, latency.p99, " +
  "200.latency.p99, " +
  "accept_queue.max, time_wait.max, workers.utilisation or wasted.share";

/** Whether a name has the form of a metric, whatever the scenario. */
export function isMetric(name: string): boolean {
  return parsed(name) !== undefined;
}

/**
 * The metric of this name; undefined if it is none. `first` names the causes and levels that the scenario
 * has.
 */
export function metricOf(name: string, first: Known): Metric | undefined {
  const parts = parsed(name);
  if (parts === undefined) return undefined;
  const { of, what, measure } = parts;
  if (what === "latency") return latency(GROUPS[of] ?? `outcome.${of}`, measure);
  if (what === "level") return level(of, measure, first);
  if (what === "rate") return ratio(`count outcome.${of}`, "duration");
  if (what === "utilisation" || what === "throughput") return mean(what);
  if (what === "wasted") return ratio("wasted", "busy");
  if (what === "cause") {
    // Parts of one kind, such as the sockets of two applications, have causes of one name.
    return share(...first.causes.flatMap(({ id }, index) => (id === of ? [`count cause.${index}`] : [])));
  }
  if (of === "success") return share("count successes");
  return /^E[A-Z0-9]+$/.test(of) && !first.outcomes.some(({ outcome }) => outcome === of)
    ? share(`tally error.${of}`)
    : share(`count outcome.${of}`);
}

interface Parts {
  what: "share" | "rate" | "latency" | "level" | "cause" | "utilisation" | "throughput" | "wasted";
  of: string;
  measure: string;
}

function parsed(name: string): Parts | undefined {
  const plain = (what: Parts["what"], of = "", measure = ""): Parts => ({ what, of, measure });
  if (name === "workers.utilisation") return plain("utilisation");
  if (name === "throughput") return plain("throughput");
  if (name === "wasted.share") return plain("wasted");
  const cause = /^cause\.([\w-]+)\.share$/.exec(name);
  if (cause) return plain("cause", cause[1]);
  const measured = /^(?:(\w[\w-]*)\.)?latency\.(\w+)$/.exec(name);
  if (measured) {
    const [, of = "", measure = ""] = measured;
    return MEASURES.includes(measure) ? plain("latency", of, measure) : undefined;
  }
  const [of = "", measure = "", ...rest] = name.split(".");
  if (rest.length > 0 || of === "cause" || !/^\w[\w-]*$/.test(of)) return undefined;
  if (Object.hasOwn(LEVELS, of))
    return measure === "max" || measure === "mean" ? plain("level", of, measure) : undefined;
  return measure === "share" || measure === "rate" ? plain(measure, of) : undefined;
}

/** The requests that these columns count, of all; a replication that sent none has no share. */
function share(...names: string[]): Metric {
  const counted = (columns: Columns) => {
    const all = names.map((name) => columns.of(name));
    return columns.of("sent").map((sent, index) => {
      return { sent, count: all.reduce((sum, column) => sum + (column[index] as number), 0) };
    });
  };
  return {
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
  const numbers = levels.flatMap(({ name }, index) => ((LEVELS[kind] as RegExp).test(name) ? [index] : []));
  const prefix = measure === "max" ? "peak" : "average";
  return of((columns) => {
    const all = numbers.map((number) => columns.of(`${prefix} ${number}`));
    return columns.of("sent").map((_, index) => Math.max(0, ...all.map((one) => one[index] as number)));
  });
}
