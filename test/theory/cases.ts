// The values of values.json that the simulation has to meet, each with its queue and what is measured, and the reasons
// why the others are not here.

import { readFileSync } from "node:fs";
import { portSystem } from "./ports.js";
import {
  blocked,
  blockedAtFirst,
  delayed,
  finds,
  numberInSystem,
  orbit,
  quantile,
  sojourn,
  sojournOf,
  throughput,
  wait,
} from "./quantities.js";
import {
  bimodal,
  constant,
  exponential,
  gamma,
  hyperexponential,
  mixture,
  type Queue,
  queueSystem,
  type Service,
} from "./queue.js";
import type { Quantity, System } from "./sample.js";

/** A value from outside: a closed form, or a Markov chain solved numerically. */
export interface TheoryValue {
  id: string;
  model: string;
  params: string;
  quantity: string;
  value: number;
  formula: string;
}

export const values: TheoryValue[] = JSON.parse(
  readFileSync(new URL("values.json", import.meta.url), "utf8"),
);

export function theoryValue(id: string): TheoryValue {
  const found = values.find((value) => value.id === id);
  if (!found) throw new Error(`values.json has no ${id}`);
  return found;
}

export interface Case {
  id: string;
  system: System;
  quantity: Quantity;
  /** For one of several laws of service times that have the same value. */
  law?: string;
  /** The value is one that the quantity never exceeds. */
  isBound?: boolean;
  /** Relative half-width of the ordinary run, if the usual one takes too long. */
  ordinaryHalfWidth?: number;
}

const UNLIMITED = Number.POSITIVE_INFINITY;

/** Poisson arrivals. `places` are servers and waiting places together. */
function poisson(ratePerSecond: number, service: Service, servers: number, places = UNLIMITED): Queue {
  return { arrivals: "poisson", ratePerSecond, service, servers, places };
}

/** Poisson arrivals to servers that take exactly one second: their utilisation is `rho`. */
function constantService(rho: number, servers: number, places = UNLIMITED): Queue {
  return poisson(Number((rho * servers).toFixed(6)), constant(1), servers, places);
}

/** Requests of a Poisson process share the cores, each of which is enough for one request only. */
function sharing(ratePerSecond: number, service: Service, cores: number): Queue {
  return { ...poisson(ratePerSecond, service, WORKERS), cores };
}
/** With a load of 0.7, two hundred requests at once have a probability of 0.7^200 = 1e-31. */
const WORKERS = 200;

/** Who finds all servers busy comes again at this rate. */
function retrial(ratePerSecond: number, servers: number, retrialsPerSecond: number): Queue {
  return { ...poisson(ratePerSecond, exponential(1), servers, servers), retrialsPerSecond };
}

/** 40/s for 9 s and 200/s for 1 s on average, to four workers of 20/s each. */
const modulated: Queue = {
  ...poisson(56, exponential(0.05), 4, 133),
  arrivals: "mmpp",
  states: [
    { ratePerSecond: 40, meanS: 9 },
    { ratePerSecond: 200, meanS: 1 },
  ],
};

/** 50 clients who think for a second; with nobody waiting each sends a request every 1.05 s. */
const machineRepair: Queue = {
  ...poisson(50 / 1.05, exponential(0.05), 4),
  arrivals: "closed",
  closed: { clients: 50, thinkS: 1 },
};

const fourWorkers = (ratePerSecond: number) => poisson(ratePerSecond, exponential(0.05), 4, 133);
const threeLengths = [
  { weight: 0.75, of: 1 },
  { weight: 0.125, of: 2 },
  { weight: 0.125, of: 6 },
];
const p99 = theoryValue("B8").value;

/** M/M/1/3, which the test of the test takes too. */
export const smallQueue = poisson(0.8, exponential(1), 1, 3);

const queues: (Omit<Case, "system"> & { queue: Queue })[] = [
  { id: "A1", queue: poisson(10, exponential(0.25), 3), quantity: wait },
  { id: "A3", queue: poisson(1, exponential(2.5), 3), quantity: delayed },
  { id: "A4", law: "constant", queue: poisson(4, constant(1), 5, 5), quantity: blocked },
  { id: "A4", law: "exponential", queue: poisson(4, exponential(1), 5, 5), quantity: blocked },
  { id: "A4", law: "H2, cv 4", queue: poisson(4, hyperexponential(1, 4), 5, 5), quantity: blocked },
  { id: "A6", queue: poisson(3.6, exponential(1), 4), quantity: delayed },
  { id: "B1", queue: smallQueue, quantity: blocked },
  { id: "B2", queue: poisson(3, exponential(0.25), 2, 3), quantity: blocked },
  { id: "B2b", queue: poisson(3, exponential(0.25), 2, 3), quantity: numberInSystem },
  { id: "B3", queue: poisson(0.9, exponential(1), 1, 10), quantity: blocked },
  // One request in a thousand is dropped, in rare bursts: 2.5 % would take 40 s.
  { id: "B4@78", queue: fourWorkers(78), quantity: blocked, ordinaryHalfWidth: 0.05 },
  { id: "B4@80", queue: fourWorkers(80), quantity: blocked },
  { id: "B4@88", queue: fourWorkers(88), quantity: blocked },
  { id: "B4@120", queue: fourWorkers(120), quantity: blocked },
  { id: "B5", queue: fourWorkers(80), quantity: sojourn },
  // The sojourn is exponential with the rate mu - lambda = 0.1/s, so 1 % above x have the density 0.1/s of 1 %.
  { id: "B8", queue: poisson(0.9, exponential(1), 1), quantity: quantile(p99, 0.01, 0.1 * 0.01) },
  { id: "C1r0.9", queue: constantService(0.9, 1), quantity: wait },
  { id: "C1r0.9d", queue: constantService(0.9, 1), quantity: delayed },
  { id: "C2r0.8d", queue: constantService(0.8, 2), quantity: delayed },
  { id: "C2r0.9", queue: constantService(0.9, 2), quantity: wait },
  { id: "C2r0.9d", queue: constantService(0.9, 2), quantity: delayed },
  { id: "C5r0.8", queue: constantService(0.8, 5), quantity: wait },
  { id: "C5r0.8d", queue: constantService(0.8, 5), quantity: delayed },
  { id: "C10r0.9", queue: constantService(0.9, 10), quantity: wait },
  { id: "D5r0.8", queue: constantService(0.8, 1, 5), quantity: blocked },
  { id: "D5r1.0", queue: constantService(1, 1, 5), quantity: blocked },
  { id: "D10r0.9", queue: constantService(0.9, 1, 10), quantity: blocked },
  { id: "D10r1.1", queue: constantService(1.1, 1, 10), quantity: blocked },
  { id: "D20r1.0", queue: constantService(1, 1, 20), quantity: blocked },
  { id: "E1", queue: poisson(50, bimodal(0.01, 0.5, 0.01), 1), quantity: wait },
  { id: "E4", queue: poisson(0.5, hyperexponential(1, 4), 1), quantity: wait },
  { id: "F1", queue: { ...poisson(0.8, exponential(1), 1), arrivals: "constant" }, quantity: wait },
  {
    id: "F3",
    isBound: true,
    queue: { ...poisson(0.8, gamma(1, 0.5), 1), arrivals: "gamma", gapCv: 0.5 },
    quantity: wait,
  },
  { id: "I1n0.1", queue: retrial(2, 3, 0.1), quantity: blockedAtFirst },
  { id: "I1n0.1o", queue: retrial(2, 3, 0.1), quantity: orbit(2) },
  { id: "I1n10.0", queue: retrial(2, 3, 10), quantity: blockedAtFirst },
  { id: "I1n10.0o", queue: retrial(2, 3, 10), quantity: orbit(2) },
  { id: "I2", queue: retrial(0.7, 1, 0.5), quantity: orbit(0.7) },
  { id: "I2n", queue: retrial(0.7, 1, 0.5), quantity: orbit(0.7) },
  { id: "J1", queue: modulated, quantity: blocked },
  { id: "L3", law: "constant", queue: sharing(0.4, bimodal(1, 4, 0.25), 1), quantity: sojournOf(1) },
  {
    id: "L3",
    law: "class 2 of 2 s or 6 s",
    queue: sharing(0.4, mixture(threeLengths), 1),
    quantity: sojournOf(1),
  },
  { id: "L4", queue: sharing(10, exponential(0.083333333), 3), quantity: finds(0) },
  { id: "L4b", queue: sharing(10, exponential(0.083333333), 3), quantity: finds(4) },
  { id: "L6", queue: machineRepair, quantity: throughput },
  { id: "L6R", queue: machineRepair, quantity: sojourn },
  { id: "L7", queue: { ...poisson(0.8, exponential(1), 1), batch: 10 }, quantity: sojourn },
];

export const cases: Case[] = [
  ...queues.map(({ queue, ...rest }): Case => ({ ...rest, system: queueSystem(queue) })),
  { id: "M@500", system: portSystem("poisson", 500), quantity: blocked },
  { id: "M@600", system: portSystem("poisson", 600), quantity: blocked },
  { id: "M5", system: portSystem("constant", 500), quantity: blocked },
];

const ABANDONMENT =
  "abandonment: here the work of a client who has left keeps its place and is executed, which is the point";
const PRIORITIES =
  "priorities: a listen queue is first come, first served, and the scheduler treats all processes alike";

/** Why the other values are not met here: by id, by the first two characters of several, or by a section's letter. */
export const leftOut: Record<string, string> = {
  G: ABANDONMENT,
  H: ABANDONMENT,
  K: "breakdowns: the values name no parameters; and a worker that dies takes its request with it, at a given time",
  L1: PRIORITIES,
  L2: PRIORITIES,
  "M@460":
    "two connections in a million find no port, 45 of them after each other, which takes 2e11 connections for 5 %; " +
    "split paths need a tenth of that, still hours of one core, since each one repeats the 27,600 connections of a " +
    "minute whose ports are held before it can go on; --rare is for accept queues, which forget sooner",
};

/** The reason why a value is left out, if it is. */
export function reasonLeftOut({ id }: TheoryValue): string | undefined {
  return leftOut[id] ?? leftOut[id.slice(0, 2)] ?? leftOut[id[0] as string];
}
