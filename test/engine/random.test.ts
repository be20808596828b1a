import fc from "fast-check";
import alea from "seedrandom/lib/alea.js";
import { describe, expect, test } from "vitest";
import { Block, type Source, streams } from "../../src/engine/random.js";

const NEIGHBOURS = 20_000;

function draws(source: Source, count: number): number[] {
  return Array.from({ length: count }, () => source());
}

/** Correlation of each number with the next one, in standard errors. */
function correlationZ(values: number[]): number {
  const deviations = values.map((value) => value - 0.5);
  let sum = 0;
  for (let index = 1; index < values.length; index++) {
    sum += (deviations[index - 1] as number) * (deviations[index] as number);
  }
  // The product of two uniform deviations has mean 0 and variance 1/144.
  return (sum * 12) / Math.sqrt(values.length - 1);
}

/** Chi-squared of equal bins against uniform numbers, in standard errors. */
function uniformityZ(values: number[], bins: number): number {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.floor(value * bins)]!++;
  const expected = values.length / bins;
  const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chiSquared - (bins - 1)) / Math.sqrt(2 * (bins - 1));
}

describe("a stream", () => {
  test("has the same numbers whenever seed, replication and name are the same", () => {
    const once = draws(streams("7", 3).stream("clients.service"), 100);
    const again = draws(streams("7", 3).stream("clients.service"), 100);
    expect(again).toEqual(once);
  });

  test.each([
    ["another seed", "8", 3, "clients.service"],
    ["another replication", "7", 4, "clients.service"],
    ["another name", "7", 3, "clients.patience"],
    ["digits that moved from the seed to the replication", "", 73, "clients.service"],
  ])("has other numbers for %s", (_, seed, replication, name) => {
    const numbers = new Set(draws(streams("7", 3).stream("clients.service"), 100));
    const others = draws(streams(seed, replication).stream(name), 100);
    expect(others.filter((number) => numbers.has(number))).toEqual([]);
  });

  test("does not depend on which streams were asked for before or drawn from between", () => {
    const forth = streams("1", 0);
    const [service, patience] = [forth.stream("service"), forth.stream("patience")];
    const back = streams("1", 0);
    const alone = draws(back.stream("patience"), 3);
    const interleaved = [0, 1, 2].map(() => [service(), patience()]);
    expect(interleaved.map(([, number]) => number)).toEqual(alone);
    expect(interleaved.map(([number]) => number)).toEqual(draws(back.stream("service"), 3));
  });

  test("is never shared: asking twice is an error", () => {
    const once = streams("1", 0);
    once.stream("clients.service");
    expect(() => once.stream("clients.service")).toThrow(
      'the stream "clients.service" was asked for twice: a stream is never shared',
    );
  });

  test("keeps its numbers from version to version: a result can be repeated from its seed", () => {
    // Alea's arithmetic is exact, so these numbers are the same in every engine.
    const integers = draws(streams("1", 0).stream("clients.service"), 4).map((number) => number * 2 ** 32);
    expect(integers).toMatchInlineSnapshot(`
      [
        2546372882,
        2769719107,
        2500485178,
        2670034440,
      ]
    `);
  });

  test("goes on as seedrandom's alea does from any state, over several blocks", () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((number) => number * 2 ** -32);
    const state = fc.record({ s0: word, s1: word, s2: word, c: fc.integer({ min: 0, max: 2091638 }) });
    fc.assert(
      fc.property(state, (from) => {
        const theirs = alea("", { state: { ...from } });
        const ours = new Block(from);
        for (let number = 0; number < 200; number++) expect(ours.uniform()).toBe(theirs());
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test("gives multiples of 2^-32 from 0 to below 1 that differ, for any seed and name", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.string(), (seed, replication, name) => {
        const integers = draws(streams(seed, replication).stream(name), 20).map((number) => number * 2 ** 32);
        for (const integer of integers) {
          expect(Number.isInteger(integer)).toBe(true);
          expect(integer).toBeGreaterThanOrEqual(0);
          expect(integer).toBeLessThan(2 ** 32);
        }
        expect(new Set(integers).size).toBe(20);
      }),
      { seed: 1 },
    );
  });
});

describe("the streams that were asked for", () => {
  test("are counted, so that a run without any is known to be deterministic", () => {
    const counted = streams("1", 0);
    expect(counted.used).toBe(0);
    counted.stream("a");
    counted.stream("b");
    expect(counted.used).toBe(2);
  });
});

describe("streams that begin anew for another replication", () => {
  test.each([0, 1, 63, 64, 65, 1_000])("are those of that replication, after %i numbers", (count) => {
    const reused = streams("7", 0);
    const [one, other] = [reused.stream("one"), reused.stream("other")];
    draws(one, count);
    for (let number = 0; number < count; number++) other.block.exponential();
    reused.reset(3);
    const own = streams("7", 3);
    expect(draws(one, 200)).toEqual(draws(own.stream("one"), 200));
    const expected = own.stream("other");
    for (let number = 0; number < 200; number++)
      expect(other.block.exponential()).toBe(expected.block.exponential());
  });

  test("tell whoever has drawn ahead, and give a stream that is asked for later its own numbers", () => {
    const reused = streams("7", 0);
    let told = 0;
    reused.stream("one").onReset(() => told++);
    reused.reset(1);
    reused.reset(2);
    expect(told).toBe(2);
    expect(draws(reused.stream("late"), 100)).toEqual(draws(streams("7", 2).stream("late"), 100));
  });
});

describe.each<[string, (index: number) => Source]>([
  ["names", (index) => streams("1", 0).stream(`worker-${index}.service`)],
  ["names that differ in their first characters", (index) => streams("1", 0).stream(`${index}.service`)],
  ["replications", (index) => streams("1", index).stream("clients.service")],
  ["seeds", (index) => streams(String(index), 0).stream("clients.service")],
])("20,000 streams of neighbouring %s", (_, neighbour) => {
  const all = Array.from({ length: NEIGHBOURS }, (_, index) => draws(neighbour(index), 4));

  test("have first draws that are all distinct", () => {
    // By chance, one of twenty such sets of 32-bit numbers would have two that are equal.
    expect(new Set(all.map(([first]) => first)).size).toBe(NEIGHBOURS);
  });

  test.each([0, 1, 2, 3])("are uniform and uncorrelated in draw %i (|z| < 4)", (draw) => {
    const across = all.map((numbers) => numbers[draw] as number);
    expect(Math.abs(uniformityZ(across, 100))).toBeLessThan(4);
    expect(Math.abs(correlationZ(across))).toBeLessThan(4);
  });

  test("are uncorrelated from one draw to the next (|z| < 4)", () => {
    expect(Math.abs(correlationZ(all.flat()))).toBeLessThan(4);
  });
});

test("one stream is uniform and uncorrelated over a million draws (|z| < 4)", () => {
  const numbers = draws(streams("1", 0).stream("clients.service"), 1_000_000);
  expect(Math.abs(uniformityZ(numbers, 1_000))).toBeLessThan(4);
  expect(Math.abs(correlationZ(numbers))).toBeLessThan(4);
});
