// Chapter 2: one queue, simulated a thousand times. Its replications are dealt out in groups, and each group
// becomes an interval, as if it were all that somebody had simulated.

import { load, predict } from "../../src/index.js";
import { type Interval, shareInterval } from "../../src/stats/interval.js";
import { exact, holds, type Queue, scenarioOf } from "./queue.js";
import type { Pause } from "./runs.js";

export const QUEUE: Queue = { workers: 4, utilisation: 0.9, backlog: 7 };
/** The share that gets a 502, exactly. */
export const TRUTH = exact(QUEUE).blocked;

/** Of each replication so many requests count, after the first ones that found the queue still filling up. */
export const MEASURED = 600;
const LEFT_OUT = 150;

export const BATCHES = 20;
const REPLICATIONS_A_BATCH = 50;

/** 502s among the requests that count, of each replication of a batch. */
export async function refusedIn(batch: number, pause: Pause): Promise<number[]> {
  const text = scenarioOf(QUEUE, {
    requests: LEFT_OUT + MEASURED,
    settings: `replications: ${REPLICATIONS_A_BATCH}, warmup: 0s`,
  });
  const refused = new Array<number>(REPLICATIONS_A_BATCH).fill(0);
  await predict(load(text, { seed: `batch ${batch}` }), {
    progress: pause,
    ended(replication, { id, outcome }) {
      if (id >= LEFT_OUT && outcome === "502") refused[replication] = (refused[replication] as number) + 1;
    },
  });
  return refused;
}

export interface Experiment extends Interval {
  number: number;
  holdsTruth: boolean;
}

/** The intervals of the first `count` groups of `size` replications each. */
export function experiments(
  refused: readonly number[],
  { size, count, confidence }: { size: number; count: number; confidence: number },
): Experiment[] {
  const groups = Math.min(count, Math.floor(refused.length / size));
  return Array.from({ length: groups }, (_, index) => {
    const group = refused.slice(index * size, (index + 1) * size);
    const interval = intervalOf(group, confidence);
    return { number: index + 1, ...interval, holdsTruth: holds(interval, TRUTH) };
  });
}

function intervalOf(refused: readonly number[], confidence?: number): Interval {
  return shareInterval(
    refused,
    refused.map(() => MEASURED),
    { ...(confidence !== undefined && { confidence }) },
  );
}

export interface HalfWidth {
  path: number;
  replications: number;
  halfWidth: number;
}

/** Equal steps on a logarithmic axis. */
const STEP = 1.25;

/** How the half-width of a 95 % interval shrinks while replications come in, for disjoint paths of them. */
export function halfWidths(refused: readonly number[], paths: number): HalfWidth[] {
  const length = Math.floor(refused.length / paths);
  const found: HalfWidth[] = [];
  for (let path = 0; path < paths; path++) {
    const own = refused.slice(path * length, (path + 1) * length);
    for (let exactly = 2; exactly < length * STEP; exactly *= STEP) {
      const replications = Math.min(Math.round(exactly), length);
      if (found.at(-1)?.replications === replications) continue;
      const { low, high } = intervalOf(own.slice(0, replications));
      found.push({ path, replications, halfWidth: (high - low) / 2 });
    }
  }
  return found;
}

/** 1.96 s / sqrt(n), with the spread s of the shares of all replications. */
export function squareRootLaw(refused: readonly number[], replications: number): number {
  const shares = refused.map((count) => count / MEASURED);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
  return 1.96 * Math.sqrt(squares / (shares.length - 1) / replications);
}

/**
 * How many of `count` right intervals miss the truth in an ordinary picture: fewer than the first number and
 * more than the second have each a probability of 2.5 % at most (the binomial law).
 */
export function ordinaryMisses(count: number, confidence: number): [fewest: number, most: number] {
  const miss = 1 - confidence;
  let [probability, below, fewest] = [confidence ** count, 0, 0];
  for (let misses = 0; misses < count; misses++) {
    if (below + probability > 0.025 && below <= 0.025) fewest = misses;
    below += probability;
    if (below >= 0.975) return [fewest, misses];
    probability *= ((count - misses) / (misses + 1)) * (miss / confidence);
  }
  return [fewest, count];
}
