import { randomNormal } from "d3-random";
import { describe, expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import { mser } from "../../src/stats/mser.js";

const noise = (name: string) => randomNormal.source(streams("mser", 0).stream(name))(0, 1);

/** What is left out of each of 200 series, on average. */
function average(value: (index: number) => number, length = 200): number {
  let sum = 0;
  for (let sample = 0; sample < 200; sample++)
    sum += mser(Array.from({ length }, (_, index) => value(index))) ?? length;
  return sum / 200;
}

describe("MSER", () => {
  test("leaves out exactly what is not like the rest, where the rest does not vary", () => {
    expect(mser([...Array(30).fill(9), ...Array(170).fill(4)])).toBe(30);
    expect(mser(Array(200).fill(4))).toBe(0);
  });

  test("is the argument of the least standard error, as its definition says", () => {
    const draw = noise("definition");
    const series = Array.from({ length: 120 }, (_, index) => 20 * Math.exp(-index / 10) + draw());
    const errors = series.map((_, first) => {
      const rest = series.slice(first);
      const mean = rest.reduce((sum, one) => sum + one, 0) / rest.length;
      return rest.reduce((sum, one) => sum + (one - mean) ** 2, 0) / rest.length ** 2;
    });
    const least = Math.min(...errors.slice(0, 116));
    expect(mser(series)).toBe(errors.indexOf(least));
  });

  test("leaves out about three time constants of a start far from the level, and little of a level", () => {
    const draw = noise("level");
    // 20 exp(-3) = 1 is one standard deviation.
    const start = average((index) => 20 * Math.exp(-index / 10) + draw());
    expect(start).toBeGreaterThan(20);
    expect(start).toBeLessThan(60);
    expect(average(() => draw())).toBeLessThan(12);
  });

  test.each([
    ["grows to the end", (index: number) => index],
    ["settles in its second half only", (index: number) => (index < 120 ? index : 0)],
  ])("says nothing of a series that %s", (_, value) => {
    expect(mser(Array.from({ length: 200 }, (_, index) => value(index)))).toBeUndefined();
  });

  test("says nothing of a short series", () => {
    expect(mser(Array(19).fill(4))).toBeUndefined();
  });
});
