// The judge of intervals, on made-up values whose truth is known.

import { randomNormal } from "d3-random";
import { describe, expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import { doubts, momentsOf, normal, type Score, scoresOf } from "./scores.js";

/** 200 short estimates, of 7 and noise, in groups of 10 to 30. */
function madeUp(trial: number): Score[] {
  const draw = randomNormal.source(streams("scores", trial).stream("values"))(7, 3);
  return Array.from({ length: 20 }, (_, at) => Array.from({ length: 100 + 10 * at }, draw)).flatMap(
    (values) => scoresOf(values, 7),
  );
}

test("of right intervals hardly any set is doubted: at most three in a thousand are", () => {
  const sets = Array.from({ length: 300 }, (_, trial) => doubts(normal(madeUp(trial))));
  // Poisson with a mean of 0.9: more than 5 has a probability of 3e-4.
  expect(sets.filter((found) => found.length > 0).length).toBeLessThanOrEqual(5);
});

describe("of 200 estimates every set is doubted whose intervals", () => {
  test.each([
    [0.7, /^variance .* at most/],
    [1.5, /^variance .* at least/],
  ])("are %d times as wide as they should be", (scale, text) => {
    for (let trial = 0; trial < 50; trial++)
      expect(doubts(normal(madeUp(trial), scale))).toContainEqual(expect.stringMatching(text));
  });

  test("are half a standard error beside the truth", () => {
    const beside = normal(madeUp(1)).map((value) => value + 0.5);
    expect(doubts(beside)).toContainEqual(expect.stringMatching(/^mean/));
  });
});

test("a spread that is right and a form that is not are told apart by the distance", () => {
  // Plus and minus one: mean 0, variance 1, distance to the normal law 0.5 - 0.159.
  const coins = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 1 : -1));
  expect(momentsOf(coins)).toMatchObject({ mean: 0, variance: 1, distance: expect.closeTo(0.341, 3) });
  expect(doubts(coins)).toEqual([expect.stringMatching(/^distance/)]);
});
