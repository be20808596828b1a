// The grid of the kernel's timers: expiry at floor((j + d + g) / g) g jiffies, all of a granule together.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { granuleOf, jiffies, type MachineClock } from "../../models/linux/jiffies.js";
import { type World, world } from "../../src/component/world.js";
import { streams } from "../../src/engine/random.js";

const MS = 1e6;
const SECOND = 1e9;

interface Fired {
  atNs: number;
  subjects: number[];
}

/** Timers of a machine; `act` sets them, the answer is what fired. */
function fired(
  clock: MachineClock,
  act: (timers: ReturnType<typeof jiffies>, at: (timeNs: number, then: () => void) => void) => void,
  seed = "1",
): Fired[] {
  const built: World = world(streams(seed, 0), () => ({}));
  const all: Fired[] = [];
  const timers = jiffies(built, clock, (subjects) =>
    all.push({ atNs: built.sim.now, subjects: [...subjects] }),
  );
  const steps: (() => void)[] = [];
  const step = built.sim.event("step", (index) => (steps[index] as () => void)());
  act(timers, (timeNs, then) => step.at(timeNs, steps.push(then) - 1));
  built.sim.run();
  return all;
}

const HZ_250 = { name: "kernel", hasWheel: true, hz: 250, phase: () => 0 };

describe("the granule", () => {
  test.each([
    [1, 1],
    [62, 1],
    [63, 8],
    [503, 8],
    [504, 64],
    [4031, 64],
    [4032, 512],
    [32_255, 512],
    [32_256, 4096],
  ])("of a timer of %d jiffies is %d jiffies", (delay, granule) => {
    expect(granuleOf(delay)).toBe(granule);
  });

  test("at HZ=250 makes 0.2 s exact to 4 ms, 1 and 2 s to 32 ms, 4 to 16 s to 256 ms, 60 s to 2.048 s", () => {
    const granulesMs = [0.2, 1, 2, 4, 16, 32, 60].map((seconds) => granuleOf(seconds * 250) * 4);
    expect(granulesMs).toEqual([4, 32, 32, 256, 256, 2048, 2048]);
  });
});

describe("a timer", () => {
  test("set on a point of the grid fires after 1.024 s for a second, 2.016 s for two, 16.128 s for sixteen", () => {
    // (0 + 250 + 8) / 8 = 32.25, so 256 jiffies; (0 + 500 + 8) / 8 = 63.5, so 504; (4000 + 64) / 64 = 63.5, so
    // 4032. Some fire a jiffy later, as on another processor.
    for (const [delay, jiffy] of [
      [250, 256],
      [500, 504],
      [4000, 4032],
    ] as const) {
      const [first] = fired(HZ_250, (timers) => timers.set(0, delay));
      expect([jiffy * 4 * MS, (jiffy + 1) * 4 * MS]).toContain(first?.atNs);
    }
  });

  test("is never early, and late by at most its granule and a jiffy", () => {
    const anyClock = fc.record({
      hz: fc.constantFrom(100, 250, 300, 1000),
      name: fc.constant("kernel"),
      hasWheel: fc.constant(true),
      phase: fc.nat(64 * SECOND).map((ns) => () => ns),
    });
    fc.assert(
      fc.property(
        anyClock,
        fc.nat(100 * SECOND),
        fc.integer({ min: 1, max: 130 * SECOND }),
        (clock, startNs, lengthNs) => {
          const [one, ...others] = fired(clock, (timers, at) =>
            at(startNs, () => timers.set(7, timers.of(lengthNs))),
          );
          expect(others).toEqual([]);
          expect(one?.subjects).toEqual([7]);
          const lateNs = (one?.atNs as number) - startNs - lengthNs;
          const jiffyNs = SECOND / clock.hz;
          expect(lateNs).toBeGreaterThanOrEqual(0);
          // Rounding the length up to whole jiffies adds less than another one.
          expect(lateNs).toBeLessThanOrEqual((granuleOf(Math.ceil(lengthNs / jiffyNs)) + 2) * jiffyNs);
          expect(Number.isInteger(one?.atNs)).toBe(true);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test("fires in whole nanoseconds with HZ=300 as well", () => {
    const times = fired({ ...HZ_250, hz: 300, phase: () => 1 }, (timers) => {
      for (let delay = 1; delay < 50; delay++) timers.set(delay, delay);
    });
    expect(times).toHaveLength(49);
    expect(times.every(({ atNs }) => Number.isInteger(atNs))).toBe(true);
  });

  test("that is set again is void before, and one that is cleared fires never", () => {
    const all = fired(HZ_250, (timers, at) => {
      timers.set(0, 10);
      timers.set(1, 10);
      timers.set(2, 10);
      at(5 * MS, () => timers.set(1, 30));
      at(6 * MS, () => timers.clear(2));
    });
    expect(all).toEqual([
      { atNs: 11 * 4 * MS, subjects: [0] },
      { atNs: (1 + 30 + 1) * 4 * MS, subjects: [1] },
    ]);
  });

  test("may be set again from the batch in which it fired", () => {
    const built = world(streams("1", 0), () => ({}));
    let left = 3;
    const times: number[] = [];
    const timers = jiffies(built, HZ_250, ([subject]) => {
      times.push(built.sim.now / MS);
      if (--left > 0) timers.set(subject as number, 10);
    });
    timers.set(4, 10);
    built.sim.run();
    expect(times).toEqual([44, 88, 132]);
  });
});

describe("a batch", () => {
  test("is all that falls due in one granule, the newest first", () => {
    // Set at 0, 4 and 8 ms: due at 51, 52 and 53 jiffies each alone; a second each: together.
    const set = (delay: number) =>
      fired(HZ_250, (timers, at) => {
        for (const subject of [20, 21, 22]) at((subject - 20) * 4 * MS, () => timers.set(subject, delay));
      });
    expect(set(50).map(({ subjects }) => subjects)).toEqual([[20], [21], [22]]);
    const together = set(250).flatMap(({ subjects }) => subjects);
    expect(together.toSorted()).toEqual([20, 21, 22]);
    expect(set(250).length).toBeLessThan(3);
    for (const { subjects } of set(250)) expect(subjects).toEqual(subjects.toSorted().reverse());
  });

  test("comes in two, a jiffy apart, from a granule of several jiffies on: about a fifth is late", () => {
    const all = fired(HZ_250, (timers) => {
      for (let subject = 0; subject < 5000; subject++) timers.set(subject, 250);
    });
    expect(all.map(({ atNs }) => atNs)).toEqual([256 * 4 * MS, 257 * 4 * MS]);
    // Of timers that were never late before 0.12; four standard deviations are 0.018.
    expect(Math.abs((all[1]?.subjects.length as number) / 5000 - 0.12)).toBeLessThan(0.018);
  });

  test("of single jiffies is one", () => {
    const all = fired(HZ_250, (timers) => {
      for (let subject = 0; subject < 500; subject++) timers.set(subject, 50);
    });
    expect(all).toHaveLength(1);
    expect(all[0]?.subjects).toHaveLength(500);
  });
});

test("a timer of HZ=1000 that is due after 100 days, beyond 2^31 jiffies, fires in its time", () => {
  const DAY = 86_400 * SECOND;
  const fires = fired({ ...HZ_250, hz: 1000 }, (timers, at) => at(100 * DAY, () => timers.set(1, 20)));
  // floor((j + 20 + 1) / 1) jiffies of a millisecond.
  expect(fires).toEqual([{ atNs: 100 * DAY + 21 * MS, subjects: [1] }]);
});
