// What a run begins with goes on if all counts as its first replication does; else it is begun anew.

import { expect, test } from "vitest";
import type { Manner, Replication } from "../../src/run/replicate.js";
import type { Replicator } from "../../src/run/replicator.js";
import { findWarmUp, following } from "../../src/run/warm-up.js";

const BURST = { expected: 100, changes: ["a burst"], isWhole: true };

/** Grows to a width of 3 once its first replication has begun; every replication is of this kind. */
function growing(kind: Partial<Replication>) {
  const asked: number[] = [];
  const state = { width: 1, wider: () => {} };
  const replicator: Replicator = {
    get width() {
      return state.width;
    },
    onWider(then) {
      state.wider = then;
    },
    async replicate(index: number, _: Manner) {
      asked.push(index);
      if (index === 0) {
        state.width = 3;
        state.wider();
      }
      return { sent: index, deterministic: false, ...kind } as Replication;
    },
  };
  return { asked, replicator };
}

const given = { isProbed: false, batches: false, progress: undefined };

test("others begin while the first one is computed, and none is computed twice", async () => {
  const { asked, replicator } = growing(BURST);
  const found = await findWarmUp(replicator, 5, { ...given, wanted: 5 });
  expect(found.warmUp.why).toBe("a burst");
  expect(asked).toEqual([0, 1, 2]);
  const numbers: number[] = [];
  for await (const { sent } of following(found, { replicator, manner: {}, wanted: 5, progress: undefined }))
    numbers.push(sent);
  expect(numbers).toEqual([0, 1, 2, 3, 4]);
  expect(asked).toEqual([0, 1, 2, 3, 4]);
});

test("only the first one is computed where nobody says how many there will be", async () => {
  const { asked, replicator } = growing(BURST);
  await findWarmUp(replicator, 5, given);
  expect(asked).toEqual([0]);
});

test("a first one that is not whole does not count, and what follows it is begun anew", async () => {
  const { asked, replicator } = growing({ ...BURST, isWhole: false });
  const found = await findWarmUp(replicator, 5, { ...given, wanted: 3 });
  expect(found.pilots).toEqual([]);
  expect(found.further).toBeUndefined();
  asked.length = 0;
  for await (const _ of following(found, { replicator, manner: {}, wanted: 3, progress: undefined }));
  expect(asked).toEqual([0, 1, 2]);
});

test("those that have begun are the further pilots, so that none is computed twice", async () => {
  const load = { expected: 200_000, changes: [], isWhole: false };
  const { asked, replicator } = growing({ ...load, levels: [], stepNs: 1, lastSentNs: 4 });
  await findWarmUp(replicator, 4, { ...given, wanted: 20 });
  expect(asked.slice(0, 4)).toEqual([0, 1, 2, 3]);
  expect(new Set(asked).size).toBe(asked.length);
});
