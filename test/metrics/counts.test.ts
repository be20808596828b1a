import fc from "fast-check";
import { expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";
import { Counts } from "../../src/metrics/counts.js";
import { STEPS, timeAxis } from "../../src/metrics/time-axis.js";

test("counts are by step, in whatever order the times come and however often the step doubles", () => {
  const timeNs = fc.oneof(fc.nat(300 * MILLISECOND), fc.nat(20 * SECOND), fc.nat(2 ** 31 - 1));
  fc.assert(
    fc.property(fc.array(timeNs, { maxLength: 100 }), (times) => {
      const axis = timeAxis();
      const counts = new Counts(axis);
      for (const time of times) counts.add(time);
      expect(counts.total).toBe(times.length);
      const expected = new Float64Array(STEPS);
      for (const time of times) (expected[Math.floor(time / axis.stepNs)] as number)++;
      expect(counts.steps).toEqual(expected);
    }),
    { seed: 7 },
  );
});

test("counts of one axis are joined when the other's times make the step double", () => {
  const axis = timeAxis();
  const [early, late] = [new Counts(axis), new Counts(axis)];
  early.add(0);
  early.add(1 * MILLISECOND);
  late.add(STEPS * MILLISECOND);
  expect(axis.stepNs).toBe(2 * MILLISECOND);
  expect(early.steps[0]).toBe(2);
  expect(late.steps[STEPS / 2]).toBe(1);
});
