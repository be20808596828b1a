// How far a prediction is from what was measured, and how far it may be.
//
// - Outcomes: the largest difference of a share over all outcomes, in percentage points; good when at most
//   max(1.0, 1.5 x the real system's own difference).
// - Latency of the 200s: relative error of p50 and of p95, 5 ms forgiven; good when at most
//   max(5 %, 1.5 x the real system's own difference).
// What was measured is the mean of the runs of the same inputs. The own difference is the largest between two
// runs of the same inputs in the case's family: names that differ only in the trailing number.

/**
 * What became of the requests of one run: shares by outcome, seconds for the 200s (NaN if there are none).
 */
export interface Observed {
  shares: Record<string, number>;
  p50_s: number;
  p95_s: number;
}

/** Differences: shares in percentage points, latencies in percent. */
export interface Difference {
  outcomes: number;
  p50: number;
  p95: number;
}

export interface Score {
  error: Difference;
  limit: Difference;
  passed: boolean;
}

const LEAST_OUTCOMES = 1.0;
const LEAST_LATENCY = 5;
const OWN_FACTOR = 1.5;
const FORGIVEN_S = 0.005;
const NO_RESPONSE = "no-response";
/** The three ways of getting no answer that depend on who is quicker. */
const NO_RESPONSE_WORDS = new Set(["closed", "ECONNRESET", "reset"]);

/**
 * Shares and latencies of a run's requests; quantiles are the value at rank floor(q n) of the sorted
 * latencies.
 */
export function observe(requests: readonly { outcome: string; latency_s: number }[]): Observed {
  const counts: Record<string, number> = {};
  for (const { outcome } of requests) {
    const name = NO_RESPONSE_WORDS.has(outcome) ? NO_RESPONSE : outcome;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  const served = requests.filter(({ outcome }) => outcome === "200").map(({ latency_s }) => latency_s);
  const sorted = Float64Array.from(served).sort();
  const quantile = (q: number) =>
    sorted[Math.min(Math.floor(q * sorted.length), sorted.length - 1)] ?? Number.NaN;
  const shares = Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [name, count / requests.length]),
  );
  return { shares, p50_s: quantile(0.5), p95_s: quantile(0.95) };
}

/** The mean of several runs; quantiles over those that have 200s. */
export function meanOf(runs: readonly Observed[]): Observed {
  const names = new Set(runs.flatMap(({ shares }) => Object.keys(shares)));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const present = (key: "p50_s" | "p95_s") =>
    mean(runs.map((run) => run[key]).filter((value) => !Number.isNaN(value)));
  return {
    shares: Object.fromEntries(
      [...names].map((name) => [name, mean(runs.map(({ shares }) => shares[name] ?? 0))]),
    ),
    p50_s: present("p50_s"),
    p95_s: present("p95_s"),
  };
}

/** How far `one` is from `other`, in relation to `reference`. What only one of them has is infinitely far. */
export function difference(one: Observed, other: Observed, reference = other): Difference {
  const names = new Set([...Object.keys(one.shares), ...Object.keys(other.shares)]);
  const shares = [...names].map((name) => Math.abs((one.shares[name] ?? 0) - (other.shares[name] ?? 0)));
  return {
    outcomes: 100 * Math.max(0, ...shares),
    p50: relative(one.p50_s, other.p50_s, reference.p50_s),
    p95: relative(one.p95_s, other.p95_s, reference.p95_s),
  };
}

/**
 * The largest difference between two runs of the same inputs; `cases` are the runs of each case of the
 * family.
 */
export function ownDifference(cases: readonly (readonly Observed[])[]): Difference {
  const all = cases.flatMap((runs) =>
    runs.flatMap((one, index) =>
      runs.slice(0, index).map((other) => difference(one, other, meanOf([one, other]))),
    ),
  );
  const widest = (key: keyof Difference) => Math.max(0, ...all.map((pair) => pair[key]));
  return { outcomes: widest("outcomes"), p50: widest("p50"), p95: widest("p95") };
}

/** Judges a prediction by the rule above. */
export function score(predicted: Observed, measured: Observed, own: Difference): Score {
  const error = difference(predicted, measured);
  const limit = {
    outcomes: Math.max(LEAST_OUTCOMES, OWN_FACTOR * own.outcomes),
    p50: Math.max(LEAST_LATENCY, OWN_FACTOR * own.p50),
    p95: Math.max(LEAST_LATENCY, OWN_FACTOR * own.p95),
  };
  const passed = error.outcomes <= limit.outcomes && error.p50 <= limit.p50 && error.p95 <= limit.p95;
  return { error, limit, passed };
}

/** Percent of the reference, 5 ms forgiven. */
function relative(one_s: number, other_s: number, reference_s: number): number {
  if (Number.isNaN(one_s) && Number.isNaN(other_s)) return 0;
  if (Number.isNaN(one_s) || Number.isNaN(other_s)) return Number.POSITIVE_INFINITY;
  return (100 * Math.max(0, Math.abs(one_s - other_s) - FORGIVEN_S)) / reference_s;
}
