// Small points for tests of whoever computes them.

import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { computePoint, type Point, pointOf } from "../../src/run/point.js";
import { scenarioOf } from "./compare.js";

const SMALL = `
clients: { arrivals: { process: poisson, rate: 90/s, for: 5s } }
gunicorn: { workers: 4, backlog: 10 }
app: { sleep: { exponential: 50ms } }
run: { replications: 2 }
`;

/** 90 million requests: whoever computes it is ended before it is through. */
export const ENDLESS = ["clients.arrivals.for=1000000s", "run.replications=1"];

export function pointFor(...set: string[]): Promise<Point> {
  const table = () => {
    throw new Error("no files");
  };
  const changes = set.map((value) => ({ knob: "set", value }));
  return pointOf(scenarioOf(SMALL, set), { components, table, changes });
}

/** With seeds from `first` on. */
export function pointsFor(first: number, count: number): Promise<Point[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => pointFor(`run.seed=${first + index}`)));
}

/** The bytes of its result, computed in this process. */
export async function computedHere(point: Point): Promise<string> {
  return JSON.stringify(await computePoint(point, { components, system: queueingSystem }));
}

/** What a promise rejects with; undefined if it fulfils. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
