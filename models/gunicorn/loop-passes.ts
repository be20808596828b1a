// When the main loop of a gthread worker looks around.
//
// Modelled: a loop sleeps in select() for at most a second and is woken by each connection that comes while
// it accepts, by a request on a connection that it keeps and, from 24.0 on, by each request that ends
// (gunicorn/workers/gthread.py run). Only then does it close idle connections and notice that it should stop
// (measured: idle connections of 2 s are closed after 2.00 to 2.88 s, gunicorn 20.1.0, Linux 6.18, 2026-11).
// A pass takes one connection, so that after a burst the loop goes to sleep when it has accepted the last
// one; a heartbeat begins each pass. Not modelled: that a connection waits for its pass, which takes less
// than all else that is done for it.

import type { World } from "../../src/component/world.js";
import { MICROSECOND, SECOND } from "../../src/engine/time.js";

// Measured: from one accept to the next of a burst of 40, 41 to 54 us, and up to 170 us in a cold process, by
// gunicorn 20.1.0; 22 to 26 us by 26.2.0; unix and TCP, two threads, Linux 6.18, two cores, 2026-11.
const PASS_NS = 50 * MICROSECOND;

export function loopPasses({ sim, state, onReset }: World) {
  // All loops that accept are woken together: their times are kept once. A last pass may lie ahead, behind
  // those of a burst.
  const all = state({ lastNs: 0, beforeNs: 0 });
  const own: number[] = [];
  onReset(() => {
    own.length = 0;
  });

  const last = (worker: number) => Math.max(own[worker] as number, all.lastNs);
  const slept = (sinceNs: number) => sinceNs + SECOND * Math.max(0, Math.floor((sim.now - sinceNs) / SECOND));

  return {
    /** A worker's loop begins. */
    started(worker: number): void {
      while (own.length <= worker) own.push(0);
      own[worker] = sim.now;
    },
    /** A connection has woken every loop that accepts. */
    wokenAll(): void {
      const nextNs = all.lastNs + PASS_NS;
      if (sim.now >= nextNs) all.beforeNs = slept(all.lastNs);
      all.lastNs = Math.max(sim.now, nextNs);
    },
    woken(worker: number): void {
      own[worker] = sim.now;
    },
    /** When its select() ends if nothing happens. */
    nextNs: (worker: number) => slept(last(worker)) + SECOND,
    /** Now is when its select() ends: it has not been woken since that was planned. */
    isDue: (worker: number) => (sim.now - last(worker)) % SECOND === 0,
    /** Its last heartbeat, which it sent before it went to sleep. */
    beatNs(worker: number): number {
      const ownNs = own[worker] as number;
      // Woken for something else at this very instant, it has been round.
      if (ownNs === sim.now) return ownNs;
      const before = all.lastNs >= sim.now ? all.beforeNs : slept(all.lastNs);
      const beatNs = Math.max(before, slept(ownNs));
      return beatNs === sim.now ? Math.max(0, beatNs - SECOND) : beatNs;
    },
  };
}
