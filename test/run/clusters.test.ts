import { expect, test } from "vitest";
import { requestsTogether } from "../../src/run/clusters.js";

/** Workers that are so busy in each of some steps of a second, and a queue of this mean length. */
function ran(workers: number, utilisations: number[], average: number, peak = 1_000) {
  const means = Float64Array.from(utilisations, (utilisation) => workers * utilisation);
  return {
    levels: [
      { name: "busy workers", average: 0, peak: workers, means },
      { name: "accept queue of unix:/a", average, peak, means: new Float64Array(utilisations.length) },
    ],
    ...{ workers, stepNs: 1e9, elapsedNs: utilisations.length * 1e9 },
  };
}

// L = C rho / (1 - rho); Erlang C of 1 server is rho, of 2 at 0.75 it is 0.75 x 1.5 / (1 + 0.75) = 0.642857.
test.each([
  [1, 0.8, (0.8 * 0.8) / 0.2, 5],
  [2, 0.75, (0.642857 * 0.75) / 0.25, 4],
])("%d servers of an M/M/c queue at %d overflow 1 / (1 - rho) times", (servers, rho, length, times) => {
  expect(requestsTogether(ran(servers, [rho, rho, rho], length))).toBeCloseTo(times, 5);
});

test("after a burst those count together that waited while all were busy, a quarter of the time", () => {
  expect(requestsTogether(ran(8, [1, 0, 0, 0], 5))).toBe(21);
  // The last step has only half a second, for all of which all were busy: the mean of a step is a half.
  expect(requestsTogether({ ...ran(8, [0, 0.5], 5), elapsedNs: 1.5e9 })).toBeCloseTo(16, 9);
});

test("where nobody waits they fail one by one, and never more together than ever waited", () => {
  expect(requestsTogether(ran(4, [0.1], 0))).toBe(1);
  expect(requestsTogether(ran(40, [0.1], 0.5, 12))).toBe(13);
  // Workers that are always busy, and none at all.
  expect(requestsTogether(ran(4, [1, 1], 7))).toBe(8);
  expect(requestsTogether({ ...ran(4, [0], 7), workers: 0 })).toBe(8);
});
