// Replications in the order of their numbers, whoever computes them and whichever is ready first.

import type { Manner, Replication } from "./replicate.js";
import type { Replicator } from "./replicator.js";

export interface Wanted {
  replicator: Replicator;
  manner: Manner;
  wanted: number;
  /** The first ones, if they are known already. */
  done: readonly Replication[];
  /** The number of the first one that is yielded, of those that are known or not: 0 unless told. */
  first?: number;
  /** Is told how many are done, fractions included; the run waits for it. */
  progress: ((done: number) => void | Promise<void>) | undefined;
}

/** As many as are asked for of those that are wanted. */
export async function* inOrder({
  replicator,
  manner,
  wanted,
  done,
  first = 0,
  progress,
}: Wanted): AsyncGenerator<Replication> {
  // By number: while one is begun, others may be asked for.
  const pending = new Map<number, Promise<Replication>>();
  // Of those that are not yielded yet.
  const shares = new Map<number, number>();
  let yielded = first;
  for (const replication of done) {
    yielded++;
    await progress?.(yielded);
    yield replication;
  }
  let next = yielded;
  let isOver = false;

  function ask(): void {
    while (!isOver && next < wanted && (next <= yielded || next - yielded < replicator.width)) {
      const number = next++;
      const started = replicator.replicate(
        number,
        manner,
        progress &&
          ((share) => {
            shares.set(number, share);
            return progress(yielded + [...shares.values()].reduce((sum, one) => sum + one, 0));
          }),
      );
      // Whoever stops early waits for none of the others, nor for what becomes of them.
      started.catch(() => {});
      pending.set(number, started);
    }
  }

  replicator.onWider?.(ask);
  try {
    while (yielded < wanted) {
      ask();
      const replication = await (pending.get(yielded) as Promise<Replication>);
      pending.delete(yielded);
      shares.delete(yielded);
      yielded++;
      yield replication;
    }
  } finally {
    isOver = true;
    if (next > yielded) replicator.withdraw?.();
  }
}
