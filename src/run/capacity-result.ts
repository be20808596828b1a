// What came out of a search for a capacity: plain data, the same on every machine for a scenario, seed and
// version.

import type { KnobKind } from "./knob.js";
import type { Objective } from "./objective.js";
import type { Finding } from "./probe.js";
import type { ProbedCause } from "./probed-causes.js";
import type { Estimate } from "./result.js";

/** What has been measured of an objective at one value. */
export interface ObjectiveEstimate {
  /** `null` for what has no value: latencies of requests that there are not. */
  estimate: Estimate | null;
  finding: Finding;
  /** Probability of an estimate as far on its side of the limit if the truth were the limit itself. */
  p: number;
}

/** One value that was tried. */
export interface ProbedValue {
  /** In the knob's unit: a second, seconds, bytes, ports or a number; and as a scenario has it. */
  value: number;
  text: string;
  replications: number;
  /** In the order of the objectives; `estimate` with the interval of `confidence`. */
  objectives: ObjectiveEstimate[];
  /** Of all together; `undecided` if its own replications do not tell. */
  finding: Finding;
  utilisation: number;
  /** The queue still grows when the load ends, or a load that lasts reached no steady state. */
  unsteady: boolean;
}

/** An end of a region of values that meet all objectives. */
export interface CapacityEnd extends Estimate {
  text: string;
  /** False where nothing fails up to the end of the range. */
  bounded: boolean;
  /**
   * Why not: the bounds that were given; the setting takes no more, or there is memory for no more; or it was
   * looked far enough where nobody gave bounds.
   */
  stop?: "bounds" | "setting" | "memory" | "effort";
  /** As precisely as asked for. */
  reached: boolean;
  /** Missing at the end of the range. */
  method?: "exact" | "decided" | "interpolated";
  /** Values that were tried on both sides, as in `probes`. */
  inside: number;
  beyond?: number;
  /** Objectives that fail beyond it, by number, the one that binds first. */
  failing: number[];
}

export interface Capacity {
  /** Version of this format. */
  version: 1;
  /** Version of recvq. */
  recvq: string;
  scenario: Record<string, unknown>;
  source: string;
  seed: string;
  knob: {
    key: string;
    kind: KnobKind;
    seek: "max" | "min";
    whole: boolean;
    /** What the scenario has; `null` if nothing, or more than one value. */
    current: number | null;
    from: number;
    to: number;
    from_text: string;
    to_text: string;
    /** Nobody said where to look. */
    assumed: boolean;
  };
  objectives: Objective[];
  confidence: number;
  /** Half-width of the answer's interval over the answer: asked for. */
  precision: number;
  /**
   * `found`; `beyond` if the whole way to the end of the range meets; `none` if no value that was tried does;
   * `undecided` if a limit came before the answer.
   */
  status: "found" | "beyond" | "none" | "undecided";
  /** The largest or smallest value that meets all objectives; `null` with `none`. */
  answer: CapacityEnd | null;
  /** All parts of the range that meet all objectives: more than one end if it is not monotone. */
  regions: { from: CapacityEnd; to: CapacityEnd }[];
  /** Causes of failure just beyond the answer, the most frequent first. */
  causes: ProbedCause[];
  /** Ascending. */
  probes: ProbedValue[];
  replications: number;
  /** What bisection would have made, each of its values with as many as the answer took. */
  bisection_replications: number | null;
  memory?: { worker_bytes: number; total_bytes: number | null; workers: number; needed_bytes: number };
  warnings: string[];
}
