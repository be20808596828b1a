// When there are enough replications: sequential stopping by the relative half-width of a metric's interval.
//
// After each replication, in their order, the interval of all so far is looked at (Law, Simulation Modeling
// and Analysis, 9.4.1, the sequential procedure for a relative error). With many it is looked at when there
// are 5 % more of them, so that the looking costs nothing; which ones are looked at depends on their number
// only, and not on threads.

import type { Columns } from "./columns.js";
import type { Metric } from "./metrics.js";
import type { Stopping } from "./result.js";

export interface StoppingRule {
  metric: string;
  /** Half-width of the interval over the estimate. */
  relative_error: number;
  confidence: number;
}

// Student's interval needs some replications before its own spread can be believed.
const NO_SOONER = 10;
const EVERY = 1.05;

export interface Stop {
  /** About as many replications will be enough, as far as is known. */
  readonly needed: number;
  /** Whether it is enough after this many replications. */
  isEnough(columns: Columns, replications: number): boolean;
  /** What has come of it after all. */
  outcome(columns: Columns, replications: number): Stopping;
}

/** `least` replications are made in any case. */
export function stopping(rule: StoppingRule, metric: Metric, least: number): Stop {
  const { confidence, relative_error: wanted } = rule;
  let next = Math.max(NO_SOONER, least);

  function errorOf(columns: Columns): number {
    const { value, low, high } = metric.interval(columns, confidence);
    const half = Math.max(high - value, value - low);
    return value === 0 || Number.isNaN(value) ? Number.POSITIVE_INFINITY : half / Math.abs(value);
  }

  /** The half-width falls with the square root of their number. */
  const neededFor = (replications: number, error: number) =>
    error <= wanted ? replications : Math.ceil(replications * (error / wanted) ** 2);

  const stop = {
    needed: Number.POSITIVE_INFINITY,
    isEnough(columns: Columns, replications: number) {
      if (replications < next) return false;
      next = Math.max(replications + 1, Math.ceil(replications * EVERY));
      const error = errorOf(columns);
      stop.needed = neededFor(replications, error);
      return error <= wanted;
    },
    outcome(columns: Columns, replications: number): Stopping {
      const { value, low, high } = metric.interval(columns, confidence);
      const error = errorOf(columns);
      const isReached = replications >= NO_SOONER && error <= wanted;
      return {
        ...rule,
        estimate: { value: Number.isNaN(value) ? 0 : value, low, high },
        reached: isReached,
        reached_error: error,
        replications_needed: neededFor(replications, error),
      };
    },
  };
  return stop;
}
