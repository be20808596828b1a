// What came out of a comparison: plain data, the same on every machine for two scenarios, seed and version.

import type { Estimate, Result } from "./result.js";

/** A setting that the two scenarios have not in common; `null` where one has none. */
export interface ChangedSetting {
  path: string;
  a: unknown;
  b: unknown;
}

/** One number of both scenarios, and by how much it differs. */
export interface Difference {
  /** As in `run.until`: `502.share`, `success.latency.p99`; of levels their name with `.max` or `.mean`. */
  metric: string;
  kind: "outcome" | "cause" | "latency" | "throughput" | "work" | "level";
  unit: "share" | "s" | "1/s" | "1";
  /** Missing where a scenario has no such thing: latencies of successes that there are not. */
  a: Estimate | null;
  b: Estimate | null;
  /** B - A with its 95 % interval, from the differences between paired replications. */
  difference: Estimate | null;
  /** The difference over A's value; missing where that is 0. */
  relative: number | null;
  /** Where the interval comes from; `none` if too few pairs have the number. */
  method: "exact" | "t" | "gained and lost" | "none";
  /** Pairs of replications that have the number. */
  pairs: number;
  /** Of no difference: of this number alone, and after Holm's correction for all of them. */
  p: number | null;
  p_holm: number | null;
  /**
   * `same` if no pair differs, `undecided` if the difference may be chance; else what is better for a user,
   * or `more` or `less` of what is neither good nor bad.
   */
  finding: "better" | "worse" | "more" | "less" | "same" | "undecided";
  /**
   * About so many replications would decide, if the difference is what it seems to be; `null` if decided, or
   * if it takes more than a million.
   */
  replications_needed: number | null;
  /** Variance of the difference over that of independent runs; missing if nothing varies. */
  variance_ratio: number | null;
}

export interface Comparison {
  /** Version of this format. */
  version: 1;
  /** Version of recvq. */
  recvq: string;
  seed: string;
  /** Pairs; 1 if nothing in either is random. */
  replications: number;
  /** Settings that differ, but for the seed and the number of replications, which are A's in both. */
  settings: ChangedSetting[];
  /** In the order of their printing; what never happened in either is left out. */
  differences: Difference[];
  /** Median of the variance ratios; missing if nothing varies. */
  variance_ratio: number | null;
  a: Result;
  b: Result;
  warnings: string[];
}

/** What is known after so many pairs of replications. */
export interface ComparedPairs {
  pairs: number;
  /** As many there will be at the end; 1 if nothing in either scenario is random. */
  wanted: number;
  /** Of these pairs, as if there were no more: `comparison.replications` is `pairs`. */
  comparison: Comparison;
}
