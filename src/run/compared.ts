// Which numbers of two scenarios are compared: those of either, in the order of their printing.

import { isSuccess } from "../component/outcome.js";
import { type Interval, meanInterval, shareInterval } from "../stats/interval.js";
import { type Counted, type PairedDifference, pairedMean, pairedShare } from "../stats/paired.js";
import { togetherIn } from "./clusters.js";
import type { Columns } from "./columns.js";
import type { Difference } from "./comparison.js";
import { metricOf } from "./metrics.js";
import type { Replication } from "./replicate.js";

/** A scenario's replications, as far as a comparison wants them. */
export interface Ran {
  numbers: Columns;
  first: Pick<Replication, "outcomes" | "causes" | "levels">;
  /** It ran once, and each further replication would be the same. */
  deterministic: boolean;
}

/** One number of both scenarios. */
export interface Compared extends Pick<Difference, "metric" | "kind" | "unit"> {
  /** Which of two values a user prefers. */
  wanted: "more" | "less" | undefined;
  /** Its value in each of so many replications, NaN where it has none; undefined if nothing has one. */
  values(ran: Ran, pairs: number): number[] | undefined;
  estimate(ran: Ran): Interval;
  /** Of so many pairs; `exact` says that nothing in them is random. */
  difference(a: Ran, b: Ran, pairs: number, exact: boolean): PairedDifference;
}

const MEASURES = ["mean", "p50", "p90", "p95", "p99"];

/** All numbers of either. */
export function comparedNumbers(a: Ran, b: Ran): Compared[] {
  const all = (of: (ran: Ran) => string[]) => [...new Set([a, b].flatMap(of))];
  const outcomes = all(({ numbers }) => outcomesOf(numbers)).sort();
  const causes = all(({ first }) => first.causes.map(({ id }) => id));
  const levels = all(({ first }) => first.levels.map(({ name }) => name));
  return [
    share("success", "outcome", ({ numbers }) => outcomesOf(numbers).filter(isSuccess).map(columnOf)),
    ...outcomes.map((name) => share(name, "outcome", () => [columnOf(name)])),
    // Parts of one kind, such as the sockets of two applications, have causes of one name.
    ...causes.map((id) =>
      share(`cause.${id}`, "cause", ({ first }) =>
        first.causes.flatMap((cause, index) => (cause.id === id ? [`count cause.${index}`] : [])),
      ),
    ),
    ...MEASURES.map((measure) => metric(`success.latency.${measure}`, "latency", "s", "less")),
    metric("throughput", "throughput", "1/s", "more"),
    metric("wasted.share", "work", "share", "less"),
    metric("workers.utilisation", "work", "share", undefined),
    ...levels.flatMap((name) => [
      ...(isBusy(name) ? [] : [level(name, "max", "peak")]),
      level(name, "mean", "average"),
    ]),
  ];
}

const outcomesOf = (numbers: Columns) => numbers.names("count outcome.");
const columnOf = (outcome: string) => `count outcome.${outcome}`;
const isBusy = (level: string) => /^busy /.test(level);
// Sockets in TIME_WAIT and busy workers are nothing that a user wants more or less of.
const isWaiting = (level: string) => /^accept queue of /.test(level);

/** The requests that these columns count, of all that were sent. */
function share(name: string, kind: "outcome" | "cause", columns: (ran: Ran) => string[]): Compared {
  const wanted = name === "success" || isSuccess(name) ? "more" : "less";
  return shareOfRequests({ metric: `${name}.share`, kind, wanted }, (ran) => {
    const all = columns(ran).map((column) => ran.numbers.of(column));
    return ran.numbers.of("sent").map((trials, index) => {
      return all.reduce((sum, one) => sum + (one[index] as number), 0) / trials;
    });
  });
}

/** A share of the requests that were sent, of which each replication has its own. */
export function shareOfRequests(
  number: Pick<Compared, "metric" | "kind" | "wanted">,
  shares: (ran: Ran) => number[],
): Compared {
  const trialsOf = ({ numbers }: Ran) => numbers.of("sent");
  return {
    ...number,
    unit: "share",
    values: (ran, pairs) => forEach(shares(ran), ran, pairs),
    estimate(ran) {
      const [each, trials] = [shares(ran), trialsOf(ran)];
      const some = [...trials.keys()].filter((index) => (trials[index] as number) > 0);
      const sent = some.map((index) => trials[index] as number);
      const counts = some.map((index) => (each[index] as number) * (trials[index] as number));
      const options = { exact: ran.deterministic, together: togetherIn(ran.numbers) };
      return some.length === 0 ? UNKNOWN : shareInterval(counts, sent, options);
    },
    difference(a, b, pairs, exact) {
      const of = (ran: Ran): Counted => ({
        shares: forEach(shares(ran), ran, pairs),
        trials: forEach(trialsOf(ran), ran, pairs),
        together: togetherIn(ran.numbers),
      });
      return pairedShare(of(a), of(b), exact);
    },
  };
}

/** A number that is no share of the requests: its mean over the replications is compared. */
export function mean(
  number: Pick<Compared, "metric" | "kind" | "unit" | "wanted">,
  values: (ran: Ran) => number[] | undefined,
): Compared {
  return {
    ...number,
    values(ran, pairs) {
      const known = values(ran);
      return known && forEach(known, ran, pairs);
    },
    estimate(ran) {
      const known = (values(ran) ?? []).filter((value) => !Number.isNaN(value));
      return known.length === 0 ? UNKNOWN : meanInterval(known, ran.deterministic);
    },
    difference(a, b, pairs, exact) {
      const [one = [], other = []] = [a, b].map((ran) => forEach(values(ran) ?? [], ran, pairs));
      return pairedMean(one, other, exact);
    },
  };
}

/** Nothing is known. */
const UNKNOWN: Interval = { value: Number.NaN, low: -Infinity, high: Infinity };

/** A scenario in which nothing is random ran once; each further replication would be the same. */
function forEach(values: readonly number[], { deterministic }: Ran, pairs: number): number[] {
  return deterministic ? new Array<number>(pairs).fill(values[0] ?? Number.NaN) : [...values];
}

function metric(
  name: string,
  kind: Difference["kind"],
  unit: Difference["unit"],
  wanted: Compared["wanted"],
): Compared {
  return mean({ metric: name, kind, unit, wanted }, ({ numbers, first }) => {
    return metricOf(name, first)?.values(numbers);
  });
}

function level(name: string, suffix: "max" | "mean", number: "peak" | "average"): Compared {
  const wanted = isWaiting(name) ? "less" : undefined;
  return mean({ metric: `${name}.${suffix}`, kind: "level", unit: "1", wanted }, ({ numbers, first }) => {
    const index = first.levels.findIndex((one) => one.name === name);
    return index < 0 ? undefined : numbers.of(`${number} ${index}`);
  });
}
