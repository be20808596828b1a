// Who gets connections that come at one instant.
//
// Modelled: all event loops that wait are woken by the first of them. A loop that accepts whatever is there
// when it wakes (asyncio/selector_events.py _accept_connection, up to `backlog` times; tornado/netutil.py
// add_accept_handler, up to 128) leaves nothing to those that wake after it, up to that number (measured: 50
// connections within 0.3 to 0.8 ms, gunicorn 20.1.0: uvicorn 49 or 50 for one of four workers in 8 of 8
// bursts and for one of two in 7 of 8; within 1.5 to 7 ms of TCP 31 to 49 for one of four; tornado 32 and 18,
// 32 and 18, 34 and 16, 47, 50, 50; Linux 6.18, two busy cores, 2026-11).
// Not modelled: that gevent and eventlet, which accept one connection in each turn of their loop, share a
// burst among as many workers as there are cores (measured in the same way: two of four, with .52 to 1 for
// the first of them): here all take turns. That a second loop wakes while the first still accepts.

import type { World } from "../../src/component/world.js";
import type { Split } from "./split.js";

/**
 * Answers who accepts the next connection: as `who` decides, but one goes on for `most` connections of the
 * same instant as long as it `mayTake` them.
 */
export function acceptBursts(
  { sim, onReset }: Pick<World, "sim" | "onReset">,
  who: Split,
  { most, mayTake }: { most: number; mayTake(worker: number): boolean },
): () => number {
  if (most === 1) return who.choose;
  const burst = { atNs: -1, worker: 0, left: 0 };
  onReset(() => {
    burst.atNs = -1;
    burst.worker = 0;
    burst.left = 0;
  });
  return () => {
    if (burst.atNs !== sim.now || burst.left === 0 || !mayTake(burst.worker)) {
      burst.atNs = sim.now;
      burst.worker = who.choose();
      burst.left = most;
    }
    burst.left--;
    return burst.worker;
  };
}
