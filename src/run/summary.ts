// Numbers of all replications: shares, latencies and rates with their intervals.

import { isSuccess } from "../component/outcome.js";
import { SECOND } from "../engine/time.js";
import { meanInterval, shareInterval } from "../stats/interval.js";
import { regimes } from "../stats/regimes.js";
import type { Columns } from "./columns.js";
import type { LatencyNs, Replication } from "./replicate.js";
import type { Cause, Estimate, Latency, Regime, Result, Share } from "./result.js";

type Summary = Pick<
  Result,
  | "requests"
  | "clients"
  | "regimes"
  | "outcomes"
  | "routes"
  | "nginx"
  | "errors"
  | "causes"
  | "latencies"
  | "netstat"
  | "work"
>;
type Measure = Exclude<keyof LatencyNs, "count">;

const MEASURES: readonly Measure[] = ["min", "mean", "p50", "p90", "p95", "p99", "max"];

/** The numbers of one replication that a Result is made of, by name. What is not there is 0. */
export function* numbersOf(one: Replication): Generator<[name: string, value: number]> {
  const attack = one.sent > 0 ? (one.lastSentNs - one.firstSentNs) / SECOND : 0;
  const duration = one.sent > 0 ? (one.lastEndNs - one.firstSentNs) / SECOND : 0;
  const successes = successesOf(one);
  yield ["sent", one.sent];
  yield ["rate", one.sent / (attack || 1)];
  yield ["throughput", successes / (duration || 1)];
  yield ["duration", duration];
  yield ["attack", attack];
  yield ["wait", duration - attack];
  yield ["bytesIn", one.bytesIn];
  yield ["success", successes / one.sent];
  yield ["atEnd", failingAtEnd(one)];
  yield ["busy", one.busyNs / SECOND];
  yield ["wasted", one.wastedNs / SECOND];
  yield ["utilisation", utilisation(one)];
  yield* attemptNumbers(one);
  if (one.waits) {
    yield ["waits answered", one.waits.answered];
    yield ["waits delayed", one.waits.delayed];
    yield ["waits sum", one.waits.waitNs / SECOND];
  }
  for (const [index, route] of one.routes.entries()) {
    if (route.all) yield* latencyNumbers(`route ${index} all`, route.all);
    for (const { outcome, latency } of route.outcomes) {
      yield* latencyNumbers(`route ${index} outcome.${outcome}`, latency);
    }
  }
  if (one.all) yield* latencyNumbers("all", one.all);
  if (one.answered) yield* latencyNumbers("answered", one.answered);
  for (const { outcome, latency } of one.outcomes) yield* latencyNumbers(`outcome.${outcome}`, latency);
  for (const [name, count] of Object.entries(one.tallies)) yield [`tally ${name}`, count];
  for (const [index, { count, firstNs }] of one.causes.entries()) {
    yield [`count cause.${index}`, count];
    if (count > 0) yield [`first cause.${index}`, firstNs];
  }
  for (const [index, { peak, average }] of one.levels.entries()) {
    yield [`peak ${index}`, peak];
    yield [`average ${index}`, average];
  }
}

/** How often requests were sent: each once, and once more for each retry. */
function* attemptNumbers({ sent, tallies }: Replication): Generator<[name: string, value: number]> {
  const retries = tallies["clients.retries"];
  yield ["attempts", sent + (retries ?? 0)];
  if (retries === undefined) return;
  yield ["tally clients.attempts", sent + retries];
  yield ["tally clients.attempts_per_request", sent > 0 ? 1 + retries / sent : 0];
}

function* latencyNumbers(of: string, latency: LatencyNs): Generator<[name: string, value: number]> {
  yield [`count ${of}`, latency.count];
  for (const measure of MEASURES) yield [`${measure} ${of}`, latency[measure] / SECOND];
}

/** Answers with status 200 to 399, as vegeta counts success. */
function successesOf(one: Replication): number {
  return one.outcomes
    .filter(({ outcome }) => isSuccess(outcome))
    .reduce((sum, { latency }) => sum + latency.count, 0);
}

// Of the time in which requests are sent: the state that a run ends in.
const END = 0.2;
const LEAST_STEPS = 4;

/** Share of the requests that fail, of those that end while the last fifth is sent; NaN if that is short. */
function failingAtEnd({ firstSentNs, lastSentNs, stepNs, outcomes }: Replication): number {
  const last = Math.floor(lastSentNs / stepNs);
  const first = Math.ceil((lastSentNs - END * (lastSentNs - firstSentNs)) / stepNs);
  if (!(last - first >= LEAST_STEPS)) return Number.NaN;
  let [all, failed] = [0, 0];
  for (const { outcome, ended } of outcomes) {
    const count = ended.subarray(first, last).reduce((sum, one) => sum + one, 0);
    all += count;
    if (!isSuccess(outcome)) failed += count;
  }
  return failed / all;
}

/** Busy worker time of the worker time there was until the last work was done. */
function utilisation(one: Replication): number {
  return one.workers > 0 ? one.busyNs / (one.workers * one.measuredNs) : 0;
}

/**
 * Everything of a Result that is a number for the whole run. A replication that drew no arrival counts as 0
 * requests; it has no shares and no latencies.
 */
export function summary(first: Replication, columns: Columns): Summary {
  const exact = first.deterministic;
  const sent = columns.of("sent");
  const estimate = (name: string): Estimate => meanInterval(columns.of(name), exact);
  const share = (name: string): Share => shareIn(columns.of(name), sent, exact);
  const tallies = <Of>(prefix: string, of: (name: string) => Of): Record<string, Of> =>
    Object.fromEntries(
      columns.names(`tally ${prefix}.`).map((name) => [name, of(`tally ${prefix}.${name}`)]),
    );
  // nginx logs each attempt.
  const attempts = columns.of("attempts");
  const logged = (name: string): Share => shareIn(columns.of(name), attempts, exact);
  const clients = tallies("clients", estimate);
  const routes = routesOf(first, columns, exact);
  const outcomes = columns.names("count outcome.");
  return {
    requests: {
      total: estimate("sent"),
      rate: estimate("rate"),
      throughput: estimate("throughput"),
      duration_s: estimate("duration"),
      attack_s: estimate("attack"),
      wait_s: estimate("wait"),
      bytes_in: estimate("bytesIn"),
      bytes_out: meanInterval(
        sent.map(() => 0),
        exact,
      ),
      success: success(columns.of("success"), sent, exact),
    },
    ...(Object.keys(clients).length > 0 && { clients }),
    ...regimesOf(columns),
    outcomes: Object.fromEntries(outcomes.map((name) => [name, share(`count outcome.${name}`)])),
    ...(routes && { routes }),
    nginx: tallies("nginx", logged),
    errors: tallies("error", share),
    causes: causes(first, columns, share),
    latencies: latencies(columns, ["all", "answered"], outcomes, exact),
    netstat: tallies("netstat", estimate),
    work: {
      busy_s: estimate("busy"),
      wasted_s: estimate("wasted"),
      utilisation: estimate("utilisation"),
    },
  };
}

// A collapse is not a run that is a little worse.
const LEAST_GAP = 0.3;

/** Whether the replications end well or collapsed, with nothing between. */
function regimesOf(columns: Columns): Pick<Result, "regimes"> {
  const failing = columns.of("atEnd").filter((share) => !Number.isNaN(share));
  const found = regimes(failing, LEAST_GAP);
  if (!found) return {};
  const [good, bad] = [found.low, found.high].map((group): Regime => {
    const isOf = failing.map((_, index) => (group.includes(index) ? 1 : 0));
    return {
      replications: group.length,
      probability: shareInterval(
        isOf,
        isOf.map(() => 1),
      ),
      failing: meanInterval(group.map((index) => failing[index] as number)),
    };
  }) as [Regime, Regime];
  return { regimes: [good, bad] };
}

function shareIn(counts: readonly number[], of: readonly number[], exact: boolean): Share {
  return { count: mean(counts), ...shareOf(counts, of, exact) };
}

/** The requests of each route, if there are several; shares are of its own requests. */
function routesOf({ routes }: Replication, columns: Columns, exact: boolean): Result["routes"] {
  if (routes.length === 0) return undefined;
  const summaries = routes.map(({ path }, index) => {
    const prefix = `route ${index} `;
    const names = columns.names(`count ${prefix}outcome.`);
    const sent = columns.of(`count ${prefix}all`);
    const shares = names.map((name) => {
      return [name, shareIn(columns.of(`count ${prefix}outcome.${name}`), sent, exact)] as const;
    });
    const route = {
      requests: meanInterval(sent, exact),
      outcomes: Object.fromEntries(shares),
      latencies: latencies(columns, ["all"], names, exact, prefix),
    };
    return [path, route] as const;
  });
  return Object.fromEntries(summaries);
}

/** The share of the requests of each replication that sent some; without any, nothing is known of it. */
function shareOf(counts: readonly number[], sent: readonly number[], exact: boolean): Omit<Share, "count"> {
  const [some, of] = [counts, sent].map((values) => where(values, sent)) as [number[], number[]];
  if (of.length === 0) return { share: 0, low: 0, high: 1 };
  const { value, low, high } = shareInterval(some, of, exact);
  return { share: value, low, high };
}

function success(shares: readonly number[], sent: readonly number[], exact: boolean): Estimate {
  const some = where(shares, sent);
  return some.length === 0 ? { value: 0, low: 0, high: 1 } : meanInterval(some, exact);
}

/**
 * The same causes in the order of their declaration in every replication; those that never happened are left
 * out.
 */
function causes(first: Replication, columns: Columns, share: (name: string) => Share): Cause[] {
  return first.causes
    .map(({ id, text, settings }, index): Cause => {
      const counts = columns.of(`count cause.${index}`);
      const firsts = where(columns.of(`first cause.${index}`), counts);
      return {
        id,
        text,
        settings,
        first_s: firsts.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY) / SECOND,
        ...share(`count cause.${index}`),
      };
    })
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
}

function latencies(
  columns: Columns,
  groups: readonly string[],
  outcomes: readonly string[],
  exact: boolean,
  prefix = "",
): Record<string, Latency> {
  const all: Record<string, Latency> = {};
  const columnsOf = [...groups, ...outcomes.map((name) => `outcome.${name}`)];
  for (const [index, name] of [...groups, ...outcomes].entries()) {
    const group = `${prefix}${columnsOf[index]}`;
    const counts = columns.of(`count ${group}`);
    if (counts.some((count) => count > 0)) all[name] = latency(columns, group, counts, exact);
  }
  return all;
}

/** Averages over the replications that have such requests. */
function latency(columns: Columns, group: string, counts: readonly number[], exact: boolean): Latency {
  const measures = MEASURES.map((measure) => {
    const values = where(columns.of(`${measure} ${group}`), counts);
    return [measure, meanInterval(values, exact)] as const;
  });
  return { count: mean(counts), ...(Object.fromEntries(measures) as Record<Measure, Estimate>) };
}

/** The values of the replications in which there are such requests. */
function where(values: readonly number[], counts: readonly number[]): number[] {
  return values.filter((_, index) => (counts[index] as number) > 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
