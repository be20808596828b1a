import fc from "fast-check";
import { expect, test } from "vitest";
import { deferred } from "../../src/node/deferred.js";
import { ahead } from "../../src/run/ahead.js";

test("outcomes come in the order of the items, of which never more than wanted are worked at", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(9), { maxLength: 12 }),
      fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 1 }),
      async (delays, widths) => {
        let [running, most, asked] = [0, 0, 0];
        const atOnce = () => {
          const width = widths[asked++ % widths.length] as number;
          most = Math.max(most, width);
          return width;
        };
        const work = async (delay: number) => {
          running++;
          expect(running).toBeLessThanOrEqual(Math.max(1, most));
          for (let turn = 0; turn < delay; turn++) await undefined;
          running--;
          return delay;
        };
        const found: number[][] = [];
        for await (const [item, outcome] of ahead(delays, atOnce, work)) found.push([item, await outcome]);
        expect(found).toEqual(delays.map((delay) => [delay, delay]));
        expect(running).toBe(0);
      },
    ),
  );
});

test("as many are begun as there may be at once, and each that is through lets another one begin", async () => {
  const begun: number[] = [];
  const all = [0, 1, 2, 3].map(() => deferred<void>());
  const work = (item: number) => {
    begun.push(item);
    return (all[item] as (typeof all)[number]).promise;
  };
  const outcomes = ahead([0, 1, 2, 3], () => 2, work);
  const first = outcomes.next();
  expect(begun).toEqual([0, 1]);
  all[1]?.resolve();
  await new Promise(setImmediate);
  expect(begun).toEqual([0, 1, 2]);
  all[0]?.resolve();
  expect((await first).value?.[0]).toBe(0);
  expect((await outcomes.next()).value?.[0]).toBe(1);
});

test("what was thrown reaches whoever waits for that item, and nobody else", async () => {
  const work = async (item: number) => {
    if (item === 1) throw new Error("the second");
    return item;
  };
  const found: unknown[] = [];
  for await (const [, outcome] of ahead([0, 1, 2], () => 3, work)) {
    found.push(await outcome.catch((error: Error) => error.message));
  }
  expect(found).toEqual([0, "the second", 2]);
});

test("when nobody asks any more nothing more is begun", async () => {
  const begun: number[] = [];
  const second = deferred<void>();
  const work = async (item: number) => {
    begun.push(item);
    if (item === 1) await second.promise;
  };
  for await (const [, outcome] of ahead([0, 1, 2], () => 1, work)) {
    await outcome;
    break;
  }
  second.resolve();
  await new Promise(setImmediate);
  expect(begun).toEqual([0, 1]);
});

test("an outcome that nobody waits for holds nothing up", async () => {
  const found: number[] = [];
  for await (const [item] of ahead(
    [0, 1, 2],
    () => 1,
    async (item) => item,
  ))
    found.push(item);
  expect(found).toEqual([0, 1, 2]);
});
