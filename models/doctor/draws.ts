// What is only known of a distribution by drawing from it.
//
// Modelled: shares and means of so many draws from a stream of their own, so that they are the same each
// time: a share of 1 % is known to ± 0.2 percentage points. Constants are exact. Not modelled: rarer shares.

import { type Distribution, isRandom, sampler } from "../../src/engine/distribution.js";
import { streams } from "../../src/engine/random.js";
import type { RouteTimes } from "./parts.js";

const DRAWS = 10_000;

/** The share of the requests that take longer than `ns`, `besidesNs` included. */
export function shareAbove(times: readonly RouteTimes[], ns: number, besidesNs = 0): number {
  let share = 0;
  for (const { weight, sleep, cpu } of times) {
    const draws = isRandom(sleep) || isRandom(cpu) ? DRAWS : 1;
    const [sleepNs, cpuNs] = [drawing(sleep), drawing(cpu)];
    let above = 0;
    for (let draw = 0; draw < draws; draw++) if (sleepNs() + cpuNs() + besidesNs > ns) above++;
    share += (weight * above) / draws;
  }
  return share;
}

export function meanOfDraws(distribution: Distribution): number {
  const drawNs = drawing(distribution);
  let total = 0;
  for (let draw = 0; draw < DRAWS; draw++) total += drawNs();
  return total / DRAWS;
}

function drawing(distribution: Distribution): () => number {
  return sampler(distribution, streams("doctor", 0).stream("draws"));
}
