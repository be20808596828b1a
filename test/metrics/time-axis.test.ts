import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LONGEST_NS, MILLISECOND } from "../../src/engine/time.js";
import { halveMaxima, halveSums, STEPS, timeAxis } from "../../src/metrics/time-axis.js";

describe("the time axis", () => {
  test("has room for any time: 256 steps of 2^n milliseconds, more than half of them used", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: LONGEST_NS }), { minLength: 1 }), (times) => {
        const axis = timeAxis();
        for (const timeNs of times) {
          expect(axis.reach(timeNs)).toBe(Math.floor(timeNs / axis.stepNs));
          expect(axis.reach(timeNs)).toBeLessThan(STEPS);
        }
        expect(Math.log2(axis.stepNs / MILLISECOND) % 1).toBe(0);
        if (axis.stepNs > MILLISECOND)
          expect(axis.reach(Math.max(...times))).toBeGreaterThanOrEqual(STEPS / 2);
      }),
      { seed: 8 },
    );
  });

  test("tells all its columns each time the step doubles, with the new step", () => {
    const axis = timeAxis();
    const told: string[] = [];
    for (const name of ["a", "b"]) {
      axis.add({ halve: () => told.push(`${name} ${axis.stepNs / MILLISECOND}`) });
    }
    axis.reach(256 * MILLISECOND - 1);
    expect(told).toEqual([]);
    axis.reach(600 * MILLISECOND);
    expect(told).toEqual(["a 2", "b 2", "a 4", "b 4"]);
  });
});

test("halving adds pairs, or takes the larger, and empties the second half", () => {
  const column = () => Float64Array.from({ length: STEPS }, (_, step) => (step * 37) % 11);
  const [sums, maxima] = [column(), column()];
  halveSums(sums);
  halveMaxima(maxima);
  for (let step = 0; step < STEPS; step++) {
    const [first, second] = [2 * step, 2 * step + 1].map((index) => column()[index] ?? 0) as [number, number];
    expect(sums[step]).toBe(first + second);
    expect(maxima[step]).toBe(Math.max(first, second));
  }
});
