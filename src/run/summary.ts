// Numbers of all replications: shares, latencies and rates with their intervals.

import { SECOND } from "../engine/time.js";
import { meanInterval, shareInterval } from "../stats/interval.js";
import { isStatus, type LatencyNs, type Replication } from "./replicate.js";
import type { Cause, Estimate, Latency, Result, Share } from "./result.js";

type Summary = Pick<
  Result,
  "requests" | "outcomes" | "nginx" | "errors" | "causes" | "latencies" | "netstat" | "work"
>;

/** Everything of a Result that is a number for the whole run. */
export function summary(done: readonly Replication[]): Summary {
  const exact = (done[0] as Replication).deterministic;
  const estimate = (of: (replication: Replication) => number): Estimate => meanInterval(done.map(of), exact);
  const share = (count: (replication: Replication) => number): Share => {
    const counts = done.map(count);
    const { value, low, high } = shareInterval(
      counts,
      done.map(({ sent }) => sent),
      exact,
    );
    return { count: mean(counts), share: value, low, high };
  };
  return {
    requests: requests(estimate),
    outcomes: shares(outcomeNames(done), (name) => share((one) => outcomeOf(one, name)?.latency.count ?? 0)),
    nginx: shares(tallyNames(done, "nginx."), (name) => share((one) => one.tallies[`nginx.${name}`] ?? 0)),
    errors: shares(tallyNames(done, "error."), (name) => share((one) => one.tallies[`error.${name}`] ?? 0)),
    causes: causes(done, share),
    latencies: latencies(done, exact),
    netstat: Object.fromEntries(
      tallyNames(done, "netstat.").map((name) => [
        name,
        estimate((one) => one.tallies[`netstat.${name}`] ?? 0),
      ]),
    ),
    work: {
      busy_s: estimate(({ busyNs }) => busyNs / SECOND),
      wasted_s: estimate(({ wastedNs }) => wastedNs / SECOND),
      utilisation: estimate((one) => utilisation(one)),
    },
  };
}

function requests(estimate: (of: (replication: Replication) => number) => Estimate): Result["requests"] {
  return {
    total: estimate(({ sent }) => sent),
    rate: estimate((one) => one.sent / (attackS(one) || 1)),
    throughput: estimate((one) => successes(one) / (durationS(one) || 1)),
    duration_s: estimate(durationS),
    attack_s: estimate(attackS),
    wait_s: estimate((one) => durationS(one) - attackS(one)),
    bytes_in: estimate(({ bytesIn }) => bytesIn),
    bytes_out: estimate(() => 0),
    success: estimate((one) => successes(one) / one.sent),
  };
}

function attackS(one: Replication): number {
  return (one.lastSentNs - one.firstSentNs) / SECOND;
}

function durationS(one: Replication): number {
  return (one.lastEndNs - one.firstSentNs) / SECOND;
}

/** Answers with status 200 to 399, as vegeta counts success. */
function successes(one: Replication): number {
  return one.outcomes
    .filter(({ outcome }) => isStatus(outcome) && Number(outcome) >= 200 && Number(outcome) < 400)
    .reduce((sum, { latency }) => sum + latency.count, 0);
}

/** Busy worker time of the worker time there was until the last work was done. */
function utilisation(one: Replication): number {
  return one.workers > 0 ? one.busyNs / (one.workers * one.elapsedNs) : 0;
}

/**
 * The same causes in the order of their declaration in every replication; those that never happened are left
 * out.
 */
function causes(
  done: readonly Replication[],
  share: (count: (one: Replication) => number) => Share,
): Cause[] {
  const [first] = done as [Replication];
  return first.causes
    .map(({ id, text, settings }, index): Cause => {
      const firsts = done.map(({ causes: all }) => all[index]?.firstNs ?? Number.POSITIVE_INFINITY);
      return {
        id,
        text,
        settings,
        first_s: Math.min(...firsts) / SECOND,
        ...share((one) => one.causes[index]?.count ?? 0),
      };
    })
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
}

function latencies(done: readonly Replication[], exact: boolean): Record<string, Latency> {
  const all = latency(
    done.map((one) => one.all),
    done.length,
    exact,
  );
  const answered = latency(
    done.map((one) => one.answered),
    done.length,
    exact,
  );
  const byOutcome = outcomeNames(done).map((name): [string, Latency] => [
    name,
    latency(
      done.map((one) => outcomeOf(one, name)?.latency),
      done.length,
      exact,
    ) as Latency,
  ]);
  return { ...(all && { all }), ...(answered && { answered }), ...Object.fromEntries(byOutcome) };
}

/** Averages over the replications that have such requests. */
function latency(
  of: readonly (LatencyNs | undefined)[],
  replications: number,
  exact: boolean,
): Latency | undefined {
  const present = of.filter((one): one is LatencyNs => one !== undefined && one.count > 0);
  if (present.length === 0) return undefined;
  const seconds = (key: Exclude<keyof LatencyNs, "count">) =>
    meanInterval(
      present.map((one) => one[key] / SECOND),
      exact,
    );
  return {
    count: present.reduce((sum, { count }) => sum + count, 0) / replications,
    min: seconds("min"),
    mean: seconds("mean"),
    p50: seconds("p50"),
    p90: seconds("p90"),
    p95: seconds("p95"),
    p99: seconds("p99"),
    max: seconds("max"),
  };
}

function outcomeOf(one: Replication, name: string) {
  return one.outcomes.find(({ outcome }) => outcome === name);
}

/** Statuses by number, then error words. */
function outcomeNames(done: readonly Replication[]): string[] {
  const names = new Set(done.flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome)));
  return [...names].sort();
}

function tallyNames(done: readonly Replication[], prefix: string): string[] {
  const names = new Set(done.flatMap(({ tallies }) => Object.keys(tallies)));
  return [...names]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .sort();
}

function shares(names: readonly string[], of: (name: string) => Share): Record<string, Share> {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
