// The formulas against the values of test/theory/values.json, which come from outside, and against each other.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { machineRepair, mg1k, mmppmck, stationary } from "../../src/stats/chains.js";
import {
  batches,
  dm1,
  erlangB,
  erlangC,
  kingmanBoundS,
  mdc,
  mg1,
  mm1SojournS,
  mmck,
  sharedSojournS,
} from "../../src/stats/queues.js";

const values: { id: string; value: number }[] = JSON.parse(
  readFileSync(new URL("../theory/values.json", import.meta.url), "utf8"),
);
const exact = (id: string) => (values.find((one) => one.id === id) as { value: number }).value;
const UNLIMITED = Number.POSITIVE_INFINITY;

/** n arrivals during a constant service: Poisson. */
function poisson(load: number, count: number): number[] {
  const found = [Math.exp(-load)];
  for (let n = 1; n < count; n++) found.push(((found[n - 1] as number) * load) / n);
  return found;
}
const md1k = (rho: number, places: number) => mg1k(rho, 1, places, poisson(rho, places + 40)).blocked;
const fourWorkers = (perSecond: number) => mmck(perSecond, 0.05, 4, 133);
const states = [
  { arrivalsPerSecond: 40, meanS: 9 },
  { arrivalsPerSecond: 200, meanS: 1 },
];

const found: Record<string, () => number> = {
  A1: () => mmck(10, 0.25, 3, UNLIMITED).waitS,
  A3: () => erlangC(3, 2.5),
  A4: () => erlangB(5, 4),
  A6: () => erlangC(4, 3.6),
  B1: () => mmck(0.8, 1, 1, 3).blocked,
  B2: () => mmck(3, 0.25, 2, 3).blocked,
  B2b: () => mmck(3, 0.25, 2, 3).number,
  B3: () => mmck(0.9, 1, 1, 10).blocked,
  "B4@72": () => fourWorkers(72).blocked,
  "B4@78": () => fourWorkers(78).blocked,
  "B4@80": () => fourWorkers(80).blocked,
  "B4@88": () => fourWorkers(88).blocked,
  "B4@120": () => fourWorkers(120).blocked,
  B5: () => fourWorkers(80).waitS + 0.05,
  B8: () => mm1SojournS(0.9, 1, 0.99),
  "C1r0.9": () => mdc(0.9, 1, 1).waitS,
  "C1r0.9d": () => mdc(0.9, 1, 1).delayed,
  "C2r0.8d": () => mdc(1.6, 1, 2).delayed,
  "C2r0.9": () => mdc(1.8, 1, 2).waitS,
  "C2r0.9d": () => mdc(1.8, 1, 2).delayed,
  "C5r0.8": () => mdc(4, 1, 5).waitS,
  "C5r0.8d": () => mdc(4, 1, 5).delayed,
  "C10r0.9": () => mdc(9, 1, 10).waitS,
  "D5r0.8": () => md1k(0.8, 5),
  "D5r1.0": () => md1k(1, 5),
  "D10r0.9": () => md1k(0.9, 10),
  "D10r1.1": () => md1k(1.1, 10),
  "D20r1.0": () => md1k(1, 20),
  // 10 ms and, once in a hundred times, 500 ms; the variance of an H2 of mean 1 and cv 4 is 16.
  E1: () => mg1(50, { meanS: 0.0149, squareS2: 0.99 * 0.01 ** 2 + 0.01 * 0.5 ** 2 }).waitS,
  E4: () => mg1(0.5, { meanS: 1, squareS2: 17 }).waitS,
  F1: () => dm1(0.8, 1).waitS,
  F3: () => kingmanBoundS(0.8, { meanS: 1, varianceS2: 0.25 }, 0.25 / 0.8 ** 2),
  J1: () => mmppmck(states, 0.05, 4, 133).blocked,
  J1p: () => mmck(56, 0.05, 4, 133).blocked,
  L3: () => sharedSojournS(0.7, 1),
  L4: () => law(3, 10 / 12, 0),
  L4b: () => law(3, 10 / 12, 4),
  L6: () => machineRepair(50, 1, 0.05, 4).requestsPerSecond,
  L6R: () => machineRepair(50, 1, 0.05, 4).waitS + 0.05,
  L7: () => batches(0.8, 10, 1).waitS + 1,
  "M@460": () => erlangB(28_232, 460 * 60),
  "M@500": () => erlangB(28_232, 500 * 60),
  "M@600": () => erlangB(28_232, 600 * 60),
  N20: () => mmck(0.5, 1, 1, 20).blocked,
  N129: () => mmck(0.9, 1, 1, 129).blocked,
  "N4@60": () => fourWorkers(60).blocked,
  "N4@72": () => fourWorkers(72).blocked,
};

/** P(n) of M/M/c as a Markov chain with more states than ever matter. */
function law(servers: number, load: number, n: number): number {
  return stationary(200, 1, (from, to) => (to > from ? load : Math.min(from, servers)))[n] as number;
}

describe("values from outside, to eight digits", () => {
  test.each(Object.keys(found))("%s", (id) => {
    const value = exact(id);
    expect(Math.abs((found[id] as () => number)() / value - 1)).toBeLessThan(1e-8);
  });
});

describe("one formula against another", () => {
  const same = (one: object, other: object, digits = 9) => {
    for (const [name, value] of Object.entries(one)) {
      expect((other as Record<string, number>)[name], name).toBeCloseTo(value, digits);
    }
  };
  // Ratios on both sides of the ways in which the sums are taken, and beyond what a power can hold.
  const queues: [rho: number, servers: number, places: number][] = [
    [0.3, 1, 1],
    [0.7, 4, 4],
    [0.95, 3, 40],
    [0.999, 2, 3000],
    [1, 4, 133],
    [1.0001, 1, 500],
    [1.5, 8, 4105],
  ];

  test.each(queues)("M/M/c/K at rho %d, c %d, K %d is a birth-death chain", (rho, servers, places) => {
    const load = rho * servers;
    const chain = mmppmck([{ arrivalsPerSecond: load, meanS: 1 }], 1, servers, places);
    same(chain, mmck(load, 1, servers, places));
  });

  test("M/M/c/K with room for all is M/M/c: what waits is Erlang's C over the servers' spare rate", () => {
    const [endless, large] = [UNLIMITED, 2 ** 31].map((places) => mmck(3.6, 1, 4, places));
    same(endless as object, large as object);
    expect(endless?.waitS).toBeCloseTo(erlangC(4, 3.6) / 0.4, 12);
  });

  test("M/G/1/K with exponential service is M/M/1/K: n arrivals come with probability rho^n / (1 + rho)^(n+1)", () => {
    for (const rho of [0.5, 1, 2]) {
      const during = Array.from({ length: 400 }, (_, n) => (rho / (1 + rho)) ** n / (1 + rho));
      same(mg1k(rho, 1, 30, during), mmck(rho, 1, 1, 30), 8);
    }
  });

  test("M/D/1/K with room for all is M/D/1, and M/D/1 what Pollaczek and Khinchine say", () => {
    same(mg1k(0.8, 1, 400, poisson(0.8, 440)), mdc(0.8, 1, 1));
    same(mg1(0.8, { meanS: 1, squareS2: 1 }), mdc(0.8, 1, 1));
  });

  // P(wait > 0) = 1 - exp(-sum P(S_n > 0) / n), E[wait] = sum E[max(0, S_n)] / n, where S_n = n D less n c gaps, so
  // that S_n > 0 if n c arrivals or more come in n D.
  test.each([
    [2, 0.7],
    [8, 0.9],
    [50, 0.95],
  ])("M/D/%d at rho %d is Spitzer's sum over a random walk", (servers, rho) => {
    const load = rho * servers;
    let [sum, waitS] = [0, 0];
    for (let n = 1; n <= 400; n++) {
      const tail = (least: number) => poissonTail(n * load, least);
      sum += tail(n * servers) / n;
      waitS += tail(n * servers) - (servers / load) * tail(n * servers + 1);
    }
    const { delayed, waitS: found } = mdc(load, 1, servers);
    expect(delayed).toBeCloseTo(1 - Math.exp(-sum), 9);
    expect(found).toBeCloseTo(waitS, 9);
  });

  test("batches of one are M/M/1; arrivals at even gaps wait less", () => {
    same(batches(0.8, 1, 1), mmck(0.8, 1, 1, UNLIMITED));
    expect(dm1(0.8, 1).waitS).toBeLessThan(mmck(0.8, 1, 1, UNLIMITED).waitS);
  });

  test("one client of a closed queue never waits: it sends a request every think time and service", () => {
    const { requestsPerSecond, waitS, delayed } = machineRepair(1, 3, 1, 1);
    expect([requestsPerSecond, waitS, delayed]).toEqual([0.25, 0, 0]);
  });
});

/** P(Poisson >= least), from the top down. */
function poissonTail(mean: number, least: number): number {
  let term = 0;
  for (let n = 1; n <= least; n++) term += Math.log(mean / n);
  let [power, sum] = [Math.exp(term - mean), 0];
  for (let n = least; power > 1e-20 * sum; n++) {
    sum += power;
    power *= mean / (n + 1);
  }
  return sum;
}
