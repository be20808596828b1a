import { randomExponential, randomNormal, randomUniform } from "d3-random";
import { describe, expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import { regimes } from "../../src/stats/regimes.js";

const random = (name: string) => streams("regimes", 0).stream(name);

/** The share of samples of 20 in which two regimes are seen. */
function seen(draw: () => number): number {
  const SAMPLES = 3_000;
  let found = 0;
  for (let sample = 0; sample < SAMPLES; sample++) if (regimes(Array.from({ length: 20 }, draw), 0)) found++;
  return found / SAMPLES;
}

describe("two regimes", () => {
  test("are two groups with a gap of half the range between them", () => {
    expect(regimes([0.9, 0.01, 0.02, 0.8, 0, 0.03], 0.1)).toEqual({ low: [4, 1, 2, 5], high: [3, 0] });
  });

  test.each([
    ["a gap that matters to nobody", [0, 0, 0, 0.01, 0.01, 0.01]],
    ["a single outlier", [0, 0.01, 0.02, 0.01, 0, 0.9]],
    ["a gap of less than half the range", [0, 0.1, 0.2, 0.3, 0.6, 0.8, 0.9]],
    ["a handful of values", [0, 0, 0.9, 0.9]],
    ["equal values", [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]],
  ])("are not %s", (_, values) => {
    expect(regimes(values, 0.05)).toBeUndefined();
  });

  test("are hardly ever seen where there is one", () => {
    expect(seen(randomUniform.source(random("uniform"))(0, 1))).toBeLessThan(0.001);
    expect(seen(randomNormal.source(random("normal"))(0, 1))).toBeLessThan(0.003);
    expect(seen(randomExponential.source(random("exponential"))(1))).toBeLessThan(0.02);
  });

  test("are seen where there are two, eight standard deviations apart", () => {
    const normal = randomNormal.source(random("two"))(0, 1);
    const which = random("which");
    // Of 20, fewer than two fall into the rarer group with probability 0.8^20 + 20 0.2 0.8^19 = 0.07.
    expect(seen(() => normal() + (which() < 0.2 ? 12 : 0))).toBeGreaterThan(0.85);
  });
});
