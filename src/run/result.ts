// What came out of a run: plain data, the same on every machine for one scenario, seed and version.

/**
 * An estimate with its 95 % confidence interval, from the spread between replications, or between the batches
 * of a single one: see `Result.intervals`. It reaches from -Infinity to Infinity where nothing is known.
 */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** How many requests ended so. `count` is the mean of a replication; the share is of all requests. */
export interface Share {
  count: number;
  share: number;
  low: number;
  high: number;
}

/** Seconds. Quantiles are the value at rank floor(q n) of a replication's sorted latencies, averaged. */
export interface Latency {
  /** Requests measured, mean of a replication. */
  count: number;
  min: Estimate;
  mean: Estimate;
  p50: Estimate;
  p90: Estimate;
  p95: Estimate;
  p99: Estimate;
  max: Estimate;
}

/** The first part of a run that does not count. */
export interface WarmUp {
  /** Seconds from the start; requests sent before, and levels up to then, do not count. */
  left_out_s: number;
  /** Who says so, or why everything counts. */
  why: string;
  /** False if a long stationary load reached no steady state. */
  steady: boolean;
  /** Worth a sentence: of a short test nobody expects a warm-up. */
  told: boolean;
}

/**
 * How sure the numbers of a single replication are. Batches have no say in what only a whole run has: totals,
 * counters, lengths, extremes.
 */
export type Intervals =
  | {
      method: "batch means";
      batches: number;
      /** Mean length of a batch in seconds. */
      length_s: number;
      /** About the lag-1 correlation between batches of half the length: the highest of those tested. */
      correlation: number;
      /** False if the batches are still correlated: then the intervals are too narrow. */
      independent: boolean;
    }
  | {
      method: "none";
      why: string;
    };

/** What became of `run.until`. */
export interface Stopping {
  metric: string;
  /**
   * Half-width of the interval over the estimate: wanted, and reached. Infinite, and `null` in JSON, for an
   * estimate of 0, or if nothing is known.
   */
  relative_error: number;
  confidence: number;
  estimate: Estimate;
  reached: boolean;
  reached_error: number;
  /** Replications that it would take, by the spread of those that there are; infinite if the error is. */
  replications_needed: number;
}

/** One of two regimes that runs end in. */
export interface Regime {
  replications: number;
  /** Probability that a run ends in it. */
  probability: Estimate;
  /** Share of the requests that fail at its end. */
  failing: Estimate;
}

/** What became of the requests of one route of the application. */
export interface RouteResult {
  /** Requests sent, mean of a replication. */
  requests: Estimate;
  /** As those of all requests; shares are of the route's own. */
  outcomes: Record<string, Share>;
  /** `all` is every request of the route; then by outcome. */
  latencies: Record<string, Latency>;
}

/** A cause of failure, named as an SRE would. `id` is its name in metrics: `cause.<id>.share`. */
export interface Cause extends Share {
  id: string;
  /** `unix accept queue full (129 of 129)`. */
  text: string;
  /** The settings that decided, as `gunicorn.backlog = 2048`. */
  settings: string[];
  /** Second of the first failure with this cause, the earliest of all replications. */
  first_s: number;
}

/** A level over time, one number for each step of `Series.step_s`. */
export interface LevelSeries {
  /** `accept queue of unix:/run/gunicorn.sock`, `busy workers`. */
  name: string;
  /** The most that it can hold, if there is such a limit. */
  limit?: number;
  /** Mean level in the step, averaged over the replications. */
  mean: number[];
  /** Highest level in the step, averaged over the replications. */
  max: number[];
  /** The replications' lowest and highest mean level: the band. */
  low: number[];
  high: number[];
  /** The highest level of the whole run, averaged over the replications, and the time-weighted mean. */
  peak: Estimate;
  average: Estimate;
}

/** Requests that ended in each step, mean of a replication, by outcome. */
export interface OutcomeSeries {
  outcome: string;
  count: number[];
}

/** All series share one step; a step is as long as needed for at most 240 of them. */
export interface Series {
  step_s: number;
  levels: LevelSeries[];
  outcomes: OutcomeSeries[];
}

/** A limit that the configuration sets, as it came out: which setting decided, and its value. */
export interface Limit {
  /** `accept queue of unix:/run/gunicorn.sock holds 129 connections`. */
  text: string;
  /** The settings behind it, the deciding one first. */
  settings: string[];
}

/** What `--rare` adds: how rarely an accept queue refuses requests if the load goes on for ever. */
export interface RareResult {
  /** The cause that refused requests have: its name in metrics, as an SRE would say it, what decided. */
  cause: string;
  text: string;
  settings: string[];
  /** Share of all requests, with its 95 % interval. */
  share: number;
  low: number;
  high: number;
  /** Probability of a refusal from one request that finds nothing before it to the next such one. */
  busy_period?: Estimate;
  /** Where paths were split: requests in the queue and with workers; and into how many. */
  levels: number[];
  splits: number[];
  /** The interval is from so many batches; of paths, however long, there were so many in all. */
  batches: number;
  paths: number;
  /** How paths were taken up: by filling an empty system, or by repeating them from the beginning. */
  restored: "filled" | "repeated";
  /** Why they were not filled, which is faster. */
  why_repeated?: string;
  /** The interval is as narrow as wanted. */
  reached: boolean;
}

/** One quantity of the steady state. Shares are of all requests, or of those that found a place. */
export interface TheoryValue {
  /**
   * `blocked` (share of the requests that found no place), `delayed` (share of the others that waited),
   * `wait` and `sojourn` (mean seconds until and with the service), `utilisation`.
   */
  quantity: "blocked" | "delayed" | "wait" | "sojourn" | "utilisation";
  exact: number;
  simulated: Estimate;
  /** How many standard errors the simulation is off; null if nothing is known of its spread. */
  z: number | null;
}

/** The exact answer of queueing theory, where the scenario is a system that has one. */
export interface TheoryResult {
  /** In D. Kendall's notation: `M/M/4/133`. */
  system: string;
  /** Who found the answer, or how. */
  source: string;
  /** The scenario is this system and nothing else; otherwise `left_out` says what else it is. */
  exact: boolean;
  left_out: string[];
  values: TheoryValue[];
}

export interface Result {
  /** Version of this format. */
  version: 1;
  /** Version of recvq that made it. */
  recvq: string;
  /** The scenario, complete with defaults, in the units of the file. */
  scenario: Record<string, unknown>;
  /** Where it came from, as the user named it. */
  source: string;
  seed: string;
  replications: number;
  /** What of each replication does not count, because the system was filling up. */
  warm_up: WarmUp;
  /** With `run.until`: whether the metric is known well enough, and what it would take. */
  stopping?: Stopping;
  /** Why there are fewer replications than asked for; missing if there are not. */
  incomplete?: string;
  /** Nothing in the scenario is drawn at random: one replication is the exact answer. */
  deterministic: boolean;
  /** Missing if they come from several replications, or if nothing is random. */
  intervals?: Intervals;
  /** 64 bits over every request's outcome, cause and times, in hexadecimal. */
  fingerprint: string;
  requests: {
    /** Requests sent, mean of a replication. */
    total: Estimate;
    /**
     * Requests a second while they were sent, and successful answers a second of the whole run, as vegeta
     * says it.
     */
    rate: Estimate;
    throughput: Estimate;
    /** From the first request to the last answer; to the last request sent; between the two. */
    duration_s: Estimate;
    attack_s: Estimate;
    wait_s: Estimate;
    bytes_in: Estimate;
    bytes_out: Estimate;
    /** Share of answers with status 200 to 399. */
    success: Estimate;
  };
  /**
   * Of clients that try again: `attempts` (the requests, each as often as it was sent), `retries`,
   * `attempts_per_request`, and `over_budget`, retries that their budget did not allow. Of clients that keep
   * connections: `connections` (opened), `reused` (requests over one that was there) and `resent` (requests
   * whose kept connection turned out to be closed). Missing if there are neither.
   */
  clients?: Record<string, Estimate>;
  /**
   * Missing unless the replications fall into two groups with nothing between them, by the share of requests
   * that fail at the end, while the last fifth is sent: the better one first. Means over all are then numbers
   * that no run shows.
   */
  regimes?: [Regime, Regime];
  /** The clients' view, by status or error word; shares sum to 1. */
  outcomes: Record<string, Share>;
  /** By path, if the application has several routes. */
  routes?: Record<string, RouteResult>;
  /** By the status that nginx logs, of all attempts; empty without nginx. */
  nginx: Record<string, Share>;
  /** Requests that met an errno, whatever status they ended with. */
  errors: Record<string, Share>;
  causes: Cause[];
  /** `all` is every request, as vegeta counts; `answered` those with an answer; then by outcome. */
  latencies: Record<string, Latency>;
  /** Counters of the kernels as `nstat` names them: ListenOverflows, TCPSynRetrans, TWRecycled … */
  netstat: Record<string, Estimate>;
  /** Worker seconds spent, and how many of those for requests whose client, proxy or worker had gone. */
  work: { busy_s: Estimate; wasted_s: Estimate; utilisation: Estimate };
  /** Missing where theory has no answer. */
  theory?: TheoryResult;
  series: Series;
  limits: Limit[];
  /** What the user should know before believing the numbers: an address nobody listens on … */
  warnings: string[];
  /** Only with `--rare`. */
  rare?: RareResult;
}
