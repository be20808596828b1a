// The values of values.json that the simulation has to meet, each with its queue and what is measured, and the reasons
// why the others are not here.

import { readFileSync } from "node:fs";
import { blocked, delayed, finds, numberInSystem, quantile, sojourn, sojournOf, wait } from "./quantities.js";
import {
  bimodal,
  constant,
  exponential,
  hyperexponential,
  mixture,
  type Queue,
  type Service,
} from "./queue.js";
import type { Quantity } from "./sample.js";

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
  queue: Queue;
  quantity: Quantity;
  /** For one of several laws of service times that have the same value. */
  law?: string;
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

const fourWorkers = (ratePerSecond: number) => poisson(ratePerSecond, exponential(0.05), 4, 133);
const threeLengths = [
  { weight: 0.75, of: 1 },
  { weight: 0.125, of: 2 },
  { weight: 0.125, of: 6 },
];
const p99 = theoryValue("B8").value;

export const cases: Case[] = [
  { id: "A1", queue: poisson(10, exponential(0.25), 3), quantity: wait },
  { id: "A3", queue: poisson(1, exponential(2.5), 3), quantity: delayed },
  { id: "A4", law: "constant", queue: poisson(4, constant(1), 5, 5), quantity: blocked },
  { id: "A4", law: "exponential", queue: poisson(4, exponential(1), 5, 5), quantity: blocked },
  { id: "A4", law: "H2, cv 4", queue: poisson(4, hyperexponential(1, 4), 5, 5), quantity: blocked },
  { id: "A6", queue: poisson(3.6, exponential(1), 4), quantity: delayed },
  { id: "B1", queue: poisson(0.8, exponential(1), 1, 3), quantity: blocked },
  { id: "B2", queue: poisson(3, exponential(0.25), 2, 3), quantity: blocked },
  { id: "B2b", queue: poisson(3, exponential(0.25), 2, 3), quantity: numberInSystem },
  { id: "B3", queue: poisson(0.9, exponential(1), 1, 10), quantity: blocked },
  { id: "B4@78", queue: fourWorkers(78), quantity: blocked },
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
  { id: "L3", law: "constant", queue: sharing(0.4, bimodal(1, 4, 0.25), 1), quantity: sojournOf(1) },
  {
    id: "L3",
    law: "class 2 of 2 s or 6 s",
    queue: sharing(0.4, mixture(threeLengths), 1),
    quantity: sojournOf(1),
  },
  { id: "L4", queue: sharing(10, exponential(0.083333333), 3), quantity: finds(0) },
  { id: "L4b", queue: sharing(10, exponential(0.083333333), 3), quantity: finds(4) },
];

const PRIORITIES =
  "nobody has priority: a listen queue is first come, first served, and the scheduler treats all processes alike";

/** Why the other values are not met here: by id, or by the letter of a section. */
export const leftOut: Record<string, string> = {
  "B4@72": "rarer than 1e-4: ten million requests bring one drop, so it needs methods for rare events",
  F3: "a bound, not a value: to be below it proves little",
  G: "exponential patience: clients that give up are not modelled yet",
  H: "constant patience that leaves the queue: clients that give up are not modelled yet",
  I: "retrials: clients that try again are not modelled yet",
  J1: "MMPP arrivals are not modelled yet",
  J1p: "rarer than 1e-20: no simulation meets it, it shows what a Poisson process hides",
  K: "breakdowns: workers that restart are not modelled yet",
  L1: PRIORITIES,
  L1b: PRIORITIES,
  L2: PRIORITIES,
  L2b: PRIORITIES,
  L6: "closed loops are not modelled yet",
  L6R: "closed loops are not modelled yet",
  L7: "batches at random times: neither a burst nor a trace of given times is one",
  M: "ephemeral ports and TIME_WAIT are not modelled yet",
  N: "rarer than 1e-6: it needs methods for rare events",
};

/** The reason why a value is left out, if it is. */
export function reasonLeftOut({ id }: TheoryValue): string | undefined {
  return leftOut[id] ?? leftOut[id[0] as string];
}
