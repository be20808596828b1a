// What came out of turning a scenario's knobs: plain data, the same on every machine and for any number of
// threads.

import type { ChangedSetting, Difference } from "./comparison.js";
import type { Estimate, Result } from "./result.js";

/** The scenario with one setting changed, or with several that bound each other. */
export interface Step {
  /** What differs from the base (`a`), in the settings that hold; complete with defaults. */
  settings: ChangedSetting[];
  /** Not one request ended otherwise than in the base, in any replication. */
  same: boolean;
  /** The setting that hides this one: the lower of several that bound one queue. */
  bound_by: string | null;
  /** Of the metric; `p_holm` is corrected for all steps of all knobs. */
  effect: Difference;
  /** As in a comparison with the base; corrected for all numbers of all steps. */
  differences: Difference[];
}

/** One of the numbers of a screening design. */
export interface Tested {
  /** With its 95 % interval, from the spread between replications. */
  difference: Estimate;
  p: number;
  /** After Holm's correction for all knobs. */
  p_holm: number;
}

/** What a knob does on average over several settings of all others: high less low. */
export interface MainEffect extends Tested {
  /** The settings of both levels; none is the base. */
  low: string[];
  high: string[];
  significant: boolean;
  /** With none of those settings of the others did a single request end otherwise. */
  same: boolean;
  /** The smallest and the largest over those settings. */
  least: number;
  most: number;
  /** High less low with all others as in the base, in the same replications. */
  alone: Estimate;
  /** The main effect less that. */
  interaction: Tested & {
    /** More than chance, and 5 % or more of the largest of all effects. */
    flagged: boolean;
  };
}

export interface KnobResult {
  /** As `--set` addresses it; several are turned together, because they bound each other. */
  paths: string[];
  /** A knob, or what comes from outside: rates, and how long the application takes. */
  role: "knob" | "environment";
  /** Its values in the base. */
  values: unknown[];
  /** A limit of the result names it. */
  binds: boolean;
  steps: Step[];
  /** Null for what is in no screening: what is outside, and several settings together. */
  main_effect: MainEffect | null;
}

/** Elementary effects: each knob is turned at several points, which are settings of all knobs. */
export interface Screening {
  factors: number;
  points: number;
  /** Scenarios that were run for it. */
  runs: number;
  replications: number;
}

export interface Sensitivity {
  /** Version of this format. */
  version: 1;
  /** Version of recvq. */
  recvq: string;
  seed: string;
  /** Pairs of each step; 1 if nothing is random. */
  replications: number;
  /** What effects are measured by, as in `run.until`. */
  metric: string;
  unit: Difference["unit"];
  /** Its value in the base. */
  value: Estimate | null;
  /** Those with the largest effects first. */
  knobs: KnobResult[];
  /** Null if there was none, and why. */
  screening: Screening | null;
  no_screening: string | null;
  /** Steps that are none, since the scenario is refused or beyond a limit with them. */
  left_out: { settings: string[]; why: string }[];
  base: Result;
  warnings: string[];
}

/** A step as soon as it is known; its `p_holm` is corrected for nothing but itself. */
export interface Turned extends Pick<KnobResult, "paths" | "role"> {
  step: Step;
}
