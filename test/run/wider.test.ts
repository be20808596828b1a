// How far a range goes on that nobody gave.

import { expect, test } from "vitest";
import { load } from "../../src/index.js";
import type { Looking } from "../../src/run/bracket.js";
import { knobOf } from "../../src/run/knob.js";
import type { Probe } from "../../src/run/probe.js";
import { wider } from "../../src/run/wider.js";

const SCENARIO = load(`
clients: { arrivals: { process: poisson, rate: 100/s, for: 20s } }
gunicorn: { bind: "unix:/run/g.sock", workers: 8 }
app: { sleep: 20ms }
`);

/** So many requests in a replication at the last values, each of which meets all objectives. */
const looking = (key: string, seek: "max" | "min", sent: (value: number) => number): Looking => {
  const knob = knobOf(key, SCENARIO, { seek });
  const probes = [knob.from, knob.at(0.5), knob.to].map((value) => {
    return { value, seemsMet: true, of: () => [sent(value), sent(value)] } as unknown as Probe;
  });
  return { knob, probes, first: 5, isOver: () => false } as unknown as Looking;
};

test("four times as far, by half as many values as before", () => {
  const rate = looking("rate", "max", (value) => 20 * value);
  expect(wider(rate, { seek: "max", step: 0 })).toEqual([565.685, 800, 1131.37, 1600]);
  expect([rate.knob.from, rate.knob.to]).toEqual([25, 1600]);
  const workers = looking("gunicorn.workers", "min", () => 2000);
  expect(wider(workers, { seek: "min", step: 0 })).toEqual([1]);
});

test("not where that takes more than ten million requests", () => {
  // 400/s for t seconds, 5 times at sqrt 2, 2, 2 sqrt 2 and 4 times of that: 20,485 t.
  const lasting = (seconds: number) =>
    wider(
      looking("rate", "max", (value) => seconds * value),
      { seek: "max", step: 0 },
    );
  expect(lasting(480)).toHaveLength(4);
  expect(lasting(490)).toBeUndefined();
  // Workers bring no requests: 5 times the same at four values.
  const workers = (sent: number) =>
    wider(
      looking("gunicorn.workers", "max", () => sent),
      { seek: "max", step: 0 },
    );
  expect(workers(499_000)).toEqual([45, 64, 91, 128]);
  expect(workers(501_000)).toBeUndefined();
});

test("three times, and never beyond bounds that were given", () => {
  const rate = () => looking("rate", "max", (value) => value);
  expect(wider(rate(), { seek: "max", step: 2 })).toHaveLength(4);
  expect(wider(rate(), { seek: "max", step: 3 })).toBeUndefined();
  const given = knobOf("rate", SCENARIO, { seek: "max", within: "100/s..200/s" });
  expect(wider({ ...rate(), knob: given }, { seek: "max", step: 0 })).toBeUndefined();
});
