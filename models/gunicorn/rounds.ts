// A sync worker that waits on several sockets at once.
//
// Modelled: a round is a heartbeat, a select(), and one accept from each socket that was ready then, in the
// order of the binds; the next round begins at the first again (gunicorn/workers/sync.py run_for_multiple).
// So there is no heartbeat between select() and accept: an idle worker's is as old as its select(), which
// ends after half the timeout at the latest, and whenever any connection comes, since all idle workers wake.
// Not modelled: the time that waking takes.

import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import { SECOND } from "../../src/engine/time.js";
import type { AcceptQueue } from "../linux/accept-queue.js";
import type { Employment } from "./worker-class.js";

type Queue = Pick<AcceptQueue, "take" | "length">;

export interface Rounds {
  /** Makes room for a worker that has just booted. */
  started(worker: number): void;
  /** An idle worker is woken by a connection: its round goes on with what is ready. */
  woken(worker: number): void;
  /** The next connection of its round or of the next one; -1 if nothing is ready. */
  next(worker: number): number;
  /** Its last heartbeat. */
  beatNs(worker: number): number;
}

/** The time-out of select(): gunicorn/arbiter.py spawn_worker, gunicorn/workers/sync.py run. */
export function selectNs({ timeout: timeoutNs }: Pick<Employment["settings"], "timeout">): number {
  return timeoutNs === 0 ? SECOND / 2 : Math.ceil(timeoutNs / 2);
}

export function rounds(
  world: World,
  { settings, path, of }: Pick<Employment, "settings" | "path" | "of">,
  queues: readonly Queue[],
): Rounds {
  const { sim } = world;
  const longestNs = selectNs(settings);
  // The phase of those who wait since before the run.
  const draw = settings.timeout === 0 ? () => 0 : world.random(`${path}.select${of}`);
  let beats = new Float64Array(0);
  let positions = new Int32Array(0);
  // By worker and socket: it was ready when the round began, and has not been tried yet.
  let ready = new Uint8Array(0);
  const woke = { lastNs: Number.NEGATIVE_INFINITY };
  world.onReset(() => {
    beats.fill(0);
    positions.fill(0);
    ready.fill(0);
    woke.lastNs = Number.NEGATIVE_INFINITY;
  });

  function started(worker: number): void {
    if (worker >= beats.length) {
      const capacity = Math.max(2 * beats.length, worker + 1);
      beats = grown(beats, new Float64Array(capacity));
      positions = grown(positions, new Int32Array(capacity));
      const more = new Uint8Array(capacity * queues.length);
      more.set(ready);
      ready = more;
    }
    beats[worker] = sim.now === 0 ? -Math.floor(draw() * longestNs) : sim.now;
    positions[worker] = queues.length;
  }

  function look(worker: number): void {
    const first = worker * queues.length;
    for (let index = 0; index < queues.length; index++) {
      ready[first + index] = (queues[index] as Queue).length.value > 0 ? 1 : 0;
    }
    positions[worker] = 0;
  }

  function take(worker: number): number {
    const first = worker * queues.length;
    for (let index = positions[worker] as number; index < queues.length; index++) {
      if (ready[first + index] === 0) continue;
      const connection = (queues[index] as Queue).take();
      positions[worker] = index + 1;
      if (connection >= 0) return connection;
    }
    positions[worker] = queues.length;
    return -1;
  }

  return {
    started,
    woken(worker) {
      const lastNs = Math.max(beats[worker] as number, woke.lastNs);
      beats[worker] = lastNs + longestNs * Math.floor((sim.now - lastNs) / longestNs);
      woke.lastNs = sim.now;
      look(worker);
    },
    next(worker) {
      const connection = take(worker);
      if (connection >= 0) return connection;
      beats[worker] = sim.now;
      look(worker);
      return take(worker);
    },
    beatNs: (worker) => beats[worker] as number,
  };
}
