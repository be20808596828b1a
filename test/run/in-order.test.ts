// Replications come in the order of their numbers, whenever they are asked for and whichever is ready first.

import { expect, test } from "vitest";
import { inOrder } from "../../src/run/in-order.js";
import type { Replication } from "../../src/run/replicate.js";
import type { Replicator } from "../../src/run/replicator.js";

const given = { manner: {}, done: [], progress: undefined };
const numbered = (index: number) => ({ sent: index }) as Replication;

/** Grows to a width of 3 as soon as its first replication has begun; the later ones are ready first. */
function growing() {
  const asked: number[] = [];
  const state = { width: 1, wider: () => {} };
  const replicator: Replicator = {
    get width() {
      return state.width;
    },
    onWider(then) {
      state.wider = then;
    },
    async replicate(index) {
      asked.push(index);
      if (index === 0) {
        state.width = 3;
        state.wider();
      }
      for (let turn = index; turn < 5; turn++) await undefined;
      return numbered(index);
    },
  };
  return { asked, replicator, state };
}

test("also when others are asked for before the first one has begun to wait", async () => {
  const { asked, replicator } = growing();
  const numbers: number[] = [];
  for await (const { sent } of inOrder({ ...given, replicator, wanted: 6 })) {
    // The first three were asked for at once.
    if (numbers.length === 0) expect(asked).toEqual([0, 1, 2]);
    numbers.push(sent);
  }
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5]);
  expect(asked).toEqual([0, 1, 2, 3, 4, 5]);
});

test("and none is asked for any more once nobody wants the next one", async () => {
  const { asked, replicator, state } = growing();
  for await (const { sent } of inOrder({ ...given, replicator, wanted: 100 })) if (sent === 1) break;
  state.width = 50;
  state.wider();
  expect(asked).toEqual([0, 1, 2, 3]);
});

test("nor is what has been asked for and not begun, unless nothing is", async () => {
  const { replicator } = growing();
  let withdrawn = 0;
  const withdraw = () => withdrawn++;
  const asked = { ...given, replicator: Object.assign(replicator, { withdraw }), wanted: 6 };
  for await (const _ of inOrder(asked));
  expect(withdrawn).toBe(0);
  for await (const _ of inOrder(asked)) break;
  expect(withdrawn).toBe(1);
});

test("when the time is over those that are ready are taken, and nobody waits for the others", async () => {
  const answers = new Map<number, () => void>();
  const replicator: Replicator = {
    width: 4,
    replicate: (index) => new Promise((resolve) => answers.set(index, () => resolve(numbered(index)))),
  };
  let isOver = false;
  const numbers: number[] = [];
  const all = (async () => {
    for await (const { sent } of inOrder({ ...given, replicator, wanted: 9, isOver: () => isOver })) {
      numbers.push(sent);
      // While the first one was computed, the time went by, and two more became ready.
      isOver = true;
    }
  })();
  await new Promise(setImmediate);
  for (const index of [1, 2, 0]) answers.get(index)?.();
  await all;
  expect(numbers).toEqual([0, 1, 2]);
  // Number 3 is under way, and none was asked for after the end.
  expect([...answers.keys()]).toEqual([0, 1, 2, 3]);
});
