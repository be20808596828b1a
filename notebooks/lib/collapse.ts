// Chapter 3: one scenario under fifty seeds. Each run is what `recvq run --seed N --replications 1` gives.

import { load, predict, type Result } from "../../src/index.js";
import { type Interval, meanInterval, shareInterval } from "../../src/stats/interval.js";
import type { Pause } from "./runs.js";

export const SEEDS = 50;

/** A run has collapsed if more than this share of the requests fail that end in its last fifth. */
export const COLLAPSED = 0.1;

export interface Run {
  seed: number;
  /** Share of all requests that fail; of those that end in the last fifth of the load. */
  failing: number;
  failingAtEnd: number;
  hasCollapsed: boolean;
  /** How often a request was sent, on average. */
  attempts: number;
  /** Connections in gunicorn's accept queue: the mean of each step of so many seconds. */
  queue: number[];
  stepS: number;
}

/** What the reader may change of the scenario. */
export interface Changes {
  workers: number;
  /** So often a request is sent at most. */
  attempts: number;
}

/** As the scenario stands. */
export const UNCHANGED: Changes = { workers: 8, attempts: 3 };

/** What differs from the scenario, as `--set` takes it. */
export function overrides({ workers, attempts }: Changes): string[] {
  return [
    ...(workers === UNCHANGED.workers ? [] : [`gunicorn.workers=${workers}`]),
    ...(attempts === UNCHANGED.attempts ? [] : [`clients.retries.attempts=${attempts}`]),
  ];
}

export async function runOf(text: string, changes: Changes, seed: number, pause: Pause): Promise<Run> {
  const scenario = load(text, { seed, replications: 1, set: overrides(changes) });
  const result = await predict(scenario, { progress: pause });
  const failingAtEnd = failingInLastFifth(result);
  const queue = result.series.levels.find(({ name }) => name.startsWith("accept queue of unix:"));
  return {
    seed,
    failing: 1 - result.requests.success.value,
    failingAtEnd,
    hasCollapsed: failingAtEnd > COLLAPSED,
    attempts: result.clients?.attempts_per_request?.value ?? 1,
    queue: queue?.mean ?? [],
    stepS: result.series.step_s,
  };
}

/** A step counts where its middle lies. */
function failingInLastFifth({ series, requests }: Result): number {
  const { value: attackS } = requests.attack_s;
  let [all, good] = [0, 0];
  for (const { outcome, count } of series.outcomes) {
    for (const [step, requests] of count.entries()) {
      const middleS = (step + 0.5) * series.step_s;
      if (middleS < 0.8 * attackS || middleS > attackS) continue;
      all += requests;
      if (outcome === "200") good += requests;
    }
  }
  return all === 0 ? 0 : 1 - good / all;
}

export interface Regimes {
  collapsed: number;
  /** Probability that a run collapses. */
  probability: Interval;
  /** Mean share of failures with its interval, and how many runs lie within that. */
  mean: Interval;
  within: number;
  /** Mean share of failures of the runs that hold, and of those that collapse; NaN without any. */
  good: number;
  bad: number;
}

export function regimesOf(runs: readonly Run[]): Regimes {
  const [bad, good] = [runs.filter((run) => run.hasCollapsed), runs.filter((run) => !run.hasCollapsed)];
  const mean = meanInterval(runs.map(({ failing }) => failing));
  const average = (some: Run[]) => some.reduce((sum, { failing }) => sum + failing, 0) / some.length;
  return {
    collapsed: bad.length,
    probability: shareInterval(
      runs.map(({ hasCollapsed }) => (hasCollapsed ? 1 : 0)),
      runs.map(() => 1),
    ),
    mean,
    within: runs.filter(({ failing }) => mean.low <= failing && failing <= mean.high).length,
    good: average(good),
    bad: average(bad),
  };
}
