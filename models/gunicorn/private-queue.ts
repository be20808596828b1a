// Connections that a worker process has taken out of the kernel's queue and not yet begun.
//
// Modelled: one queue for each worker, first come, first served (a thread pool's work queue, the ready list
// of an event loop). Not modelled: memory, which is their only limit.

import type { World } from "../../src/component/world.js";
import type { Gauge } from "../../src/metrics/gauge.js";

const FIRST_CAPACITY = 16;
const NONE = -1;

export interface PrivateQueues {
  /** Makes room for this worker. */
  reserve(worker: number): void;
  put(worker: number, connection: number): void;
  /** The oldest, or -1 if there is none. */
  take(worker: number): number;
  length(worker: number): number;
  clear(worker: number): void;
}

/** A queue for each worker. */
export function privateQueues({ onReset }: World): PrivateQueues {
  const rings: Int32Array[] = [];
  const heads: number[] = [];
  const lengths: number[] = [];
  onReset(() => {
    for (const ring of rings) ring.fill(0);
    heads.fill(0);
    lengths.fill(0);
  });

  function grow(worker: number): Int32Array {
    const ring = rings[worker] as Int32Array;
    const head = heads[worker] as number;
    const larger = new Int32Array(ring.length * 2);
    larger.set(ring.subarray(head));
    larger.set(ring.subarray(0, head), ring.length - head);
    rings[worker] = larger;
    heads[worker] = 0;
    return larger;
  }

  return {
    reserve(worker) {
      while (rings.length <= worker) {
        rings.push(new Int32Array(FIRST_CAPACITY));
        heads.push(0);
        lengths.push(0);
      }
    },
    put(worker, connection) {
      const length = lengths[worker] as number;
      let ring = rings[worker] as Int32Array;
      if (length === ring.length) ring = grow(worker);
      ring[((heads[worker] as number) + length) & (ring.length - 1)] = connection;
      lengths[worker] = length + 1;
    },
    take(worker) {
      if (lengths[worker] === 0) return NONE;
      const ring = rings[worker] as Int32Array;
      const head = heads[worker] as number;
      heads[worker] = (head + 1) & (ring.length - 1);
      (lengths[worker] as number)--;
      return ring[head] as number;
    },
    length: (worker) => lengths[worker] as number,
    clear(worker) {
      lengths[worker] = 0;
    },
  };
}

/** A level over all workers: several objects of one gunicorn share it. */
export function gaugeOf(world: World, name: string, limit: number): Gauge {
  const known = world.gauges.find((gauge) => gauge.name === name);
  return known ?? world.gauge(name, Number.isFinite(limit) ? limit : undefined);
}
