// What came out of a check: plain data, the same on every machine for scenarios, seed and version.

import type { Objective } from "../run/objective.js";
import type { ProbedCause } from "../run/probed-causes.js";
import type { Estimate } from "../run/result.js";

/** `undecided`: a limit came before the evidence. */
export type Verdict = "passed" | "failed" | "undecided";

export interface CheckedThreshold extends Objective {
  status: Verdict;
  /** With the check's confidence; `null` for what has no value: latencies of requests that there are not. */
  estimate: Estimate | null;
  /**
   * Probability of an estimate as far on its side of the limit, or farther, if the truth were the limit; `null`
   * without an estimate, and where nothing is random.
   */
  p: number | null;
  /** About so many replications would decide, if the estimate is right; `null` if decided or never. */
  replications_needed: number | null;
  /** Where it is written; `null` for an option, which has no line. */
  file: string;
  line: number | null;
  column: number | null;
}

export interface ScenarioCheck {
  /** The name that it was loaded by. */
  source: string;
  seed: string;
  /** 0 if the scenario expects nothing, and was not run. */
  replications: number;
  /** Nothing in it is random. */
  exact: boolean;
  /** Failed if any of its thresholds is, else undecided if any is. */
  status: Verdict;
  /** In the order of their writing. */
  thresholds: CheckedThreshold[];
  /** What its requests failed for, most frequent first. */
  causes: ProbedCause[];
  warnings: string[];
}

export interface Check {
  /** Version of this format. */
  version: 1;
  /** Version of recvq. */
  recvq: string;
  /** Of intervals; what is claimed of a threshold errs with half of 1 - confidence at most. */
  confidence: number;
  status: Verdict;
  scenarios: ScenarioCheck[];
}
