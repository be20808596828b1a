// Levels and outcomes over time, of all replications on one axis.

import { SECOND } from "../engine/time.js";
import type { Estimator } from "./estimator.js";
import { type JoinedSteps, joinedSteps } from "./joined-steps.js";
import type { Replication } from "./replicate.js";
import type { LevelSeries, OutcomeSeries, Series } from "./result.js";

const sum = (one: number, other: number) => one + other;
const mean = (one: number, other: number) => (one + other) / 2;

interface Levels {
  name: string;
  limit: number | undefined;
  means: JoinedSteps;
  maxima: JoinedSteps;
  lows: JoinedSteps;
  highs: JoinedSteps;
}

export interface SeriesOfAll {
  add(replication: Replication): void;
  /**
   * Series of a Result. The step is the longest of the replications': steps are powers of two of each other.
   * Peaks and averages are the numbers `peak 0`, `average 0` …
   */
  result(estimator: Estimator): Series;
}

/** Joins the replications' series, so that not one of them has to be kept. */
export function seriesOfAll(): SeriesOfAll {
  const levels: Levels[] = [];
  const outcomes = new Map<string, JoinedSteps>();
  let replications = 0;
  let stepNs = 0;
  let elapsedNs = 0;
  return {
    add(replication) {
      replications++;
      stepNs = Math.max(stepNs, replication.stepNs);
      elapsedNs = Math.max(elapsedNs, replication.elapsedNs);
      addLevels(levels, replication);
      for (const { outcome, ended } of replication.outcomes) {
        const joined = outcomes.get(outcome) ?? joinedSteps(sum, sum);
        outcomes.set(outcome, joined);
        joined.add(ended, replication.stepNs);
      }
    },
    result(estimator) {
      const steps = Math.floor(elapsedNs / stepNs) + 1;
      const plain = (joined: JoinedSteps) => Array.from(joined.at(stepNs).subarray(0, steps));
      const average = (joined: JoinedSteps) => plain(joined).map((total) => total / replications);
      return {
        step_s: stepNs / SECOND,
        levels: levels.map(
          ({ name, limit, means, maxima, lows, highs }, index): LevelSeries => ({
            name,
            ...(limit !== undefined && { limit }),
            mean: average(means),
            max: average(maxima),
            low: plain(lows),
            high: plain(highs),
            peak: estimator.total(`peak ${index}`),
            average: estimator.mean(`average ${index}`, "length"),
          }),
        ),
        outcomes: [...outcomes.keys()]
          .sort()
          .map(
            (outcome): OutcomeSeries => ({ outcome, count: average(outcomes.get(outcome) as JoinedSteps) }),
          ),
      };
    },
  };
}

/** Every replication has the same levels in the same order: they are declared by the scenario. */
function addLevels(all: Levels[], { levels, stepNs }: Replication): void {
  levels.forEach(({ name, limit, means, maxima }, index) => {
    all[index] ??= {
      name,
      limit,
      means: joinedSteps(mean, sum),
      maxima: joinedSteps(Math.max, sum),
      lows: joinedSteps(mean, Math.min),
      highs: joinedSteps(mean, Math.max),
    };
    const level = all[index] as Levels;
    level.means.add(means, stepNs);
    level.maxima.add(maxima, stepNs);
    level.lows.add(means, stepNs);
    level.highs.add(means, stepNs);
  });
}
