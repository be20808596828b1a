import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MILLISECOND } from "../../src/engine/time.js";
import { Gauge } from "../../src/metrics/gauge.js";
import { STEPS, timeAxis } from "../../src/metrics/time-axis.js";

interface Change {
  afterNs: number;
  value: number;
}

// Long pauses make the axis double its step, several times at once.
const afterNs = fc.oneof(
  { weight: 3, arbitrary: fc.nat(3 * MILLISECOND) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 }).map((steps) => steps * MILLISECOND) },
  { weight: 1, arbitrary: fc.nat(700 * MILLISECOND) },
);
const changes = fc.array(fc.record({ afterNs, value: fc.nat(200) }), { maxLength: 80 });

interface Held {
  value: number;
  fromNs: number;
  toNs: number;
}

/** How long each level was held, one after another. */
function heldOf(all: readonly Change[], endNs: number): Held[] {
  const held: Held[] = [{ value: 0, fromNs: 0, toNs: 0 }];
  let now = 0;
  for (const { afterNs: laterNs, value } of all) {
    now += laterNs;
    (held.at(-1) as Held).toNs = now;
    held.push({ value, fromNs: now, toNs: now });
  }
  (held.at(-1) as Held).toNs = endNs;
  return held;
}

/** The integral over a step, and the highest level in it, by going through everything. */
function stepOf(held: readonly Held[], startNs: number, endNs: number): { area: number; maximum: number } {
  let area = 0;
  let maximum = 0;
  for (const { value, fromNs, toNs } of held) {
    area += value * Math.max(0, Math.min(toNs, endNs) - Math.max(fromNs, startNs));
    if (fromNs < endNs && toNs >= startNs) maximum = Math.max(maximum, value);
  }
  return { area, maximum };
}

describe("a gauge", () => {
  test("has the area and the maximum of every step, whatever other gauges do to the axis", () => {
    fc.assert(
      fc.property(changes, changes, fc.nat(2_000 * MILLISECOND), (some, others, restNs) => {
        const clock = { now: 0 };
        const axis = timeAxis();
        const gauges = [new Gauge(clock, axis, "one"), new Gauge(clock, axis, "other")] as const;
        const timed = [some, others].map((all) => {
          let now = 0;
          return all.map(({ afterNs: laterNs, value }) => {
            now += laterNs;
            return { atNs: now, value };
          });
        });
        const together = timed
          .flatMap((all, gauge) => all.map((change) => ({ ...change, gauge })))
          .sort((one, other) => one.atNs - other.atNs);
        for (const { atNs, value, gauge } of together) {
          clock.now = atNs;
          gauges[gauge as 0 | 1].set(value);
        }
        clock.now += restNs;
        for (const [index, all] of [some, others].entries()) {
          const gauge = gauges[index] as Gauge;
          gauge.finish();
          const held = heldOf(all, clock.now);
          expect(gauge.peak).toBe(Math.max(...held.map(({ value }) => value)));
          expect(gauge.area).toBe(stepOf(held, 0, clock.now).area);
        }
        // The second gauge's end may have doubled the step, which joins those of the first as well.
        for (const [index, all] of [some, others].entries()) {
          const gauge = gauges[index] as Gauge;
          const held = heldOf(all, clock.now);
          for (let step = 0; step < STEPS; step++) {
            const expected = stepOf(held, step * axis.stepNs, (step + 1) * axis.stepNs);
            expect({ area: gauge.areas[step], maximum: gauge.maxima[step] }).toEqual(expected);
          }
        }
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  test("answers at any time the sum of its steps, added up from the first to the last", () => {
    fc.assert(
      fc.property(changes, (some) => {
        const clock = { now: 0 };
        const gauge = new Gauge(clock, timeAxis(), "queue");
        for (const { afterNs: laterNs, value } of some) {
          clock.now += laterNs;
          // Times some 10 ms beyond 2^53, so that the order of the additions decides about the last bits.
          gauge.set(value * 3e9 + 1 / 3);
          expect(gauge.area).toBe(gauge.areas.reduce((sum, area) => sum + area, 0));
        }
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  test("keeps a peak that lasted no time at all", () => {
    const clock = { now: 5 };
    const gauge = new Gauge(clock, timeAxis(), "queue", 10);
    gauge.set(7);
    gauge.set(0);
    clock.now = 20;
    gauge.finish();
    expect([gauge.peak, gauge.maxima[0], gauge.area, gauge.value]).toEqual([7, 7, 0, 0]);
  });

  test("says what it is called and how much it can hold", () => {
    const gauge = new Gauge({ now: 0 }, timeAxis(), "busy workers", 4);
    expect([gauge.name, gauge.limit]).toEqual(["busy workers", 4]);
  });

  test("counts a level of 2 during 3 ms as 6 ms, in the steps where it was", () => {
    const clock = { now: 1.5 * MILLISECOND };
    const gauge = new Gauge(clock, timeAxis(), "queue");
    gauge.set(2);
    clock.now += 3 * MILLISECOND;
    gauge.set(0);
    gauge.finish();
    expect([...gauge.areas.slice(0, 6)].map((area) => area / MILLISECOND)).toEqual([0, 1, 2, 2, 1, 0]);
    expect([...gauge.maxima.slice(0, 6)]).toEqual([0, 2, 2, 2, 2, 0]);
    expect(gauge.area).toBe(6 * MILLISECOND);
  });
});
