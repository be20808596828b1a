// When the main loop of a gthread worker looks around.
//
// Modelled: a loop sleeps in select() for at most a second and is woken by each connection that comes while
// it accepts, by a request on a connection that it keeps and, from 24.0 on, by each request that ends
// (gunicorn/workers/gthread.py run). Only then does it close idle connections and notice that it should stop
// (measured: idle connections of 2 s are closed after 2.00 to 2.88 s, gunicorn 20.1.0, Linux 6.18, 2026-11).
// Not modelled: the time that a pass takes.

import { SECOND } from "../../src/engine/time.js";

export function loopPasses(sim: { readonly now: number }) {
  // All loops that accept are woken together: their times are kept once.
  const all = { lastNs: 0, beforeNs: 0 };
  const own: number[] = [];

  const last = (worker: number) => Math.max(own[worker] as number, all.lastNs);
  const slept = (sinceNs: number) => sinceNs + SECOND * Math.floor((sim.now - sinceNs) / SECOND);

  return {
    /** A worker's loop begins. */
    started(worker: number): void {
      while (own.length <= worker) own.push(0);
      own[worker] = sim.now;
    },
    /** A connection has woken every loop that accepts. */
    wokenAll(): void {
      if (all.lastNs === sim.now) return;
      all.beforeNs = slept(all.lastNs);
      all.lastNs = sim.now;
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
      const before = all.lastNs === sim.now ? all.beforeNs : slept(all.lastNs);
      const beatNs = Math.max(before, slept(own[worker] as number));
      return beatNs === sim.now ? Math.max(0, beatNs - SECOND) : beatNs;
    },
  };
}
