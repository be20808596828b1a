// Numbers of all replications: shares, latencies and rates with their intervals.

import { isSuccess } from "../component/outcome.js";
import { SECOND } from "../engine/time.js";
import { meanInterval, shareInterval } from "../stats/interval.js";
import { regimes } from "../stats/regimes.js";
import { requestsTogether, TOGETHER } from "./clusters.js";
import type { Columns } from "./columns.js";
import { type Estimator, MEASURES, where } from "./estimator.js";
import type { LatencyNs, Replication } from "./replicate.js";
import type { Cause, Latency, Regime, Result, Share } from "./result.js";

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
  yield [TOGETHER, requestsTogether(one)];
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
  if (one.successes) yield* latencyNumbers("successes", one.successes);
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

/** Seconds of the requests that ended in one way. */
export function* latencyNumbers(of: string, latency: LatencyNs): Generator<[name: string, value: number]> {
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
export function summary(first: Replication, columns: Columns, estimator: Estimator): Summary {
  const { total, mean } = estimator;
  const share = (name: string): Share => estimator.share(name, "sent");
  const { share: value, low, high } = share("count successes");
  const tallies = <Of>(prefix: string, of: (name: string) => Of): Record<string, Of> =>
    Object.fromEntries(
      columns.names(`tally ${prefix}.`).map((name) => [name, of(`tally ${prefix}.${name}`)]),
    );
  // nginx logs each attempt.
  const logged = (name: string): Share => estimator.share(name, "attempts");
  // Of these only one is a mean.
  const ofClients = (name: string) =>
    name === "tally clients.attempts_per_request" ? mean(name, "sent") : total(name);
  const clients = tallies("clients", ofClients);
  const routes = routesOf(first, columns, estimator);
  const outcomes = columns.names("count outcome.");
  return {
    requests: {
      total: total("sent"),
      rate: mean("rate", "attack"),
      throughput: mean("throughput", "length"),
      duration_s: total("duration"),
      attack_s: total("attack"),
      wait_s: total("wait"),
      bytes_in: total("bytesIn"),
      // No client sends any.
      bytes_out: total("bytesOut"),
      success: { value, low, high },
    },
    ...(Object.keys(clients).length > 0 && { clients }),
    ...regimesOf(columns),
    outcomes: Object.fromEntries(outcomes.map((name) => [name, share(`count outcome.${name}`)])),
    ...(routes && { routes }),
    nginx: tallies("nginx", logged),
    errors: tallies("error", share),
    causes: causes(first, columns, share),
    latencies: latencies(columns, ["all", "answered"], outcomes, estimator),
    netstat: tallies("netstat", total),
    work: {
      busy_s: total("busy"),
      wasted_s: total("wasted"),
      utilisation: mean("utilisation", "length"),
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

/** The requests of each route, if there are several; shares are of its own requests. */
function routesOf({ routes }: Replication, columns: Columns, estimator: Estimator): Result["routes"] {
  if (routes.length === 0) return undefined;
  const summaries = routes.map(({ path }, index) => {
    const prefix = `route ${index} `;
    const names = columns.names(`count ${prefix}outcome.`);
    const shares = names.map((name) => {
      return [name, estimator.share(`count ${prefix}outcome.${name}`, `count ${prefix}all`)] as const;
    });
    const route = {
      requests: estimator.total(`count ${prefix}all`),
      outcomes: Object.fromEntries(shares),
      latencies: latencies(columns, ["all"], names, estimator, prefix),
    };
    return [path, route] as const;
  });
  return Object.fromEntries(summaries);
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
  estimator: Estimator,
  prefix = "",
): Record<string, Latency> {
  const all: Record<string, Latency> = {};
  const columnsOf = [...groups, ...outcomes.map((name) => `outcome.${name}`)];
  for (const [index, name] of [...groups, ...outcomes].entries()) {
    const group = `${prefix}${columnsOf[index]}`;
    if (columns.of(`count ${group}`).some((count) => count > 0)) all[name] = estimator.latency(group);
  }
  return all;
}
