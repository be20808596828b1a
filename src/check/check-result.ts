// What came out of a check: plain data, the same on every machine for scenarios, seed and version.

import type { Difference } from "../run/comparison.js";
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
   * Probability of an estimate as far on its side of the limit, or farther, if the truth were the limit;
   * `null` without an estimate, and where nothing is random.
   */
  p: number | null;
  /** About so many replications would decide, if the estimate is right; `null` if decided or never. */
  replications_needed: number | null;
  /** Where it is written; `null` for an option, which has no line. */
  file: string;
  line: number | null;
  column: number | null;
}

/** What did it, or had a part in it. */
export interface Culprit {
  /** `model`: another version of recvq gives something else for the baseline's own settings. */
  kind: "setting" | "file" | "model";
  /** As `--set` takes it; the file's name; `recvq`. */
  name: string;
  /** Of a setting, in the baseline and now; `null` where it is not set. */
  a: unknown;
  b: unknown;
  /** What it changes by itself in the number that changed most clearly; `null` where that is not known. */
  effect: { metric: string; unit: Difference["unit"]; difference: Estimate } | null;
  note?: string;
}

export interface BaselineFinding {
  /**
   * `chance`: it is another run, but no number differs by more than chance; `new`: it has no baseline;
   * `updated` and `added`: changed and new, and the baseline says so from now on, which is no failure.
   */
  status: "unchanged" | "chance" | "changed" | "new" | "updated" | "added";
  /** Version of recvq that made the baseline. */
  recvq: string | null;
  /** Of both runs. */
  replications: number;
  /** Both have the same seed, so that what did not change is the same to the last digit. */
  paired: boolean;
  fingerprint: string;
  was: string | null;
  /** Half-width of the most uncertain difference of an outcome's share: a smaller change may be missed. */
  resolution: number;
  /** Those that are more than chance. */
  differences: Difference[];
  culprits: Culprit[];
}

export interface ScenarioCheck {
  /** The name that it was loaded by. */
  source: string;
  seed: string;
  /** 0 if the scenario expects nothing, and was not run. */
  replications: number;
  /** Nothing in it is random. */
  exact: boolean;
  /** Failed if any of its thresholds is, or if it differs from its baseline; else undecided if any is. */
  status: Verdict;
  /** In the order of their writing. */
  thresholds: CheckedThreshold[];
  /** `null` if there is none to compare with. */
  baseline: BaselineFinding | null;
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
