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
  /** When it says so after the first one, those that are ready are yielded, and nobody waits for others. */
  isOver?: (() => boolean) | undefined;
}

/** As many as are asked for of those that are wanted. */
export async function* inOrder({
  replicator,
  manner,
  wanted,
  done,
  first = 0,
  progress,
  isOver,
}: Wanted): AsyncGenerator<Replication> {
  // By number: while one is begun, others may be asked for.
  const pending = new Map<number, Promise<Replication>>();
  const ready = new Set<number>();
  // Of those that are not yielded yet.
  const shares = new Map<number, number>();
  let yielded = first;
  for (const replication of done) {
    yielded++;
    await progress?.(yielded);
    yield replication;
  }
  let next = yielded;
  let hasEnded = false;
  const isLate = () => yielded > 0 && isOver?.() === true;

  function ask(): void {
    while (
      !hasEnded &&
      !isLate() &&
      next < wanted &&
      (next <= yielded || next - yielded < replicator.width)
    ) {
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
      const settled = () => void ready.add(number);
      started.then(settled, settled);
      pending.set(number, started);
    }
  }

  replicator.onWider?.(ask);
  try {
    while (yielded < wanted) {
      ask();
      // What was not asked for any more is not waited for either.
      if (!pending.has(yielded) || (isLate() && !ready.has(yielded))) return;
      const replication = await (pending.get(yielded) as Promise<Replication>);
      pending.delete(yielded);
      shares.delete(yielded);
      yielded++;
      yield replication;
    }
  } finally {
    hasEnded = true;
    if (next > yielded) replicator.withdraw?.();
  }
}
