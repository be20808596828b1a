// A first look at a system: which queue is the one to watch, and whether refusals are rare at all.

import type { Watched } from "./watched-world.js";

export interface Survey {
  /** Number of the queue that came closest to its limit. */
  queue: number;
  /** Share of the time of the second half in which workers were busy. */
  utilisation: number;
  /** Share of the requests that some queue refused. */
  refused: number;
  /** Requests that found the system empty. */
  cycles: number;
}

/** Requests that are watched. */
const SURVEYED = 20_000;

/** Watches the next requests, and finds which queue is to be watched. */
export function survey({ world, hooks, isEmpty }: Watched): Survey {
  const at = { births: 0, cycles: 0, halfBusy: 0, halfNs: 0 };
  const { born } = hooks;
  hooks.born = (requested) => {
    at.births++;
    if (isEmpty()) at.cycles++;
    born(requested);
  };
  const { sim, bounded, work, recorder } = world;
  const busy = () => {
    for (const gauge of work.busy) gauge.finish();
    return work.busy.reduce((sum, { area }) => sum + area, 0);
  };
  const until = (births: number) => {
    while (at.births < births) sim.run(undefined, 64);
  };
  until(SURVEYED / 2);
  at.halfBusy = busy();
  at.halfNs = sim.now;
  until(SURVEYED);
  hooks.born = born;
  const workers = work.busy.reduce((sum, { limit }) => sum + (limit ?? 0), 0);
  const closeness = bounded.map(({ gauge }) => gauge.peak / (gauge.limit ?? Number.POSITIVE_INFINITY));
  const refused = bounded.reduce((sum, { cause }) => sum + (recorder.causes[cause]?.count ?? 0), 0);
  return {
    queue: closeness.indexOf(Math.max(...closeness)),
    utilisation: (busy() - at.halfBusy) / (sim.now - at.halfNs) / workers,
    refused: refused / at.births,
    cycles: at.cycles,
  };
}
