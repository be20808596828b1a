// When the master's loop comes round.
//
// Modelled (gunicorn/arbiter.py; measured: gunicorn 20.1.0 and 26.1.0, Linux 6.18, two cores, 2026-11): a
// round comes a second after the last one has ended, so that one that was woken early moves all that follow;
// the pauses between the forks of a round. Not modelled: the time that a round takes besides.

import { once } from "../../src/component/once.js";
import type { World } from "../../src/component/world.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";
import type { GunicornSettings } from "./settings.js";

/** gunicorn/arbiter.py sleep, wait_for_signals: the pause of the loop. */
export const TICK_NS = SECOND;
/** gunicorn/arbiter.py spawn_workers: the longest pause after a fork. */
export const PAUSE_NS = 100 * MILLISECOND;
/** Measured: from the start of the master to its first fork. */
export const START_NS = 60 * MILLISECOND;

export function ticks(world: World, { settings, path }: { settings: GunicornSettings; path: string }) {
  const { sim } = world;
  const earlier = once(() => world.random(`${path}.tick`));
  /** Any of the ticks, from which the others follow; NaN as long as nobody wants to know it. */
  const some = { ns: Number.NaN };
  world.onReset(() => {
    some.ns = Number.NaN;
  });

  /** A tick before the run, since which nobody has died. */
  function earlierNs(): number {
    const draw = earlier();
    const { started_ago: agoNs, workers } = settings;
    if (agoNs === undefined) return -Math.floor(draw() * TICK_NS);
    let pausesNs = 0;
    for (let worker = 0; worker < workers; worker++) pausesNs += Math.floor(draw() * PAUSE_NS);
    return START_NS + pausesNs - agoNs;
  }

  return {
    /** A round has ended. */
    settled(): void {
      some.ns = sim.now;
    },
    /** The first tick after a time, in nanoseconds. */
    after(timeNs: number): number {
      if (Number.isNaN(some.ns)) some.ns = earlierNs();
      return some.ns + TICK_NS * (Math.floor((timeNs - some.ns) / TICK_NS) + 1);
    },
  };
}
