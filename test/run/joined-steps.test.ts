import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY, LONGEST_NS, MILLISECOND } from "../../src/engine/time.js";
import { STEPS } from "../../src/metrics/time-axis.js";
import { joinedSteps } from "../../src/run/joined-steps.js";

const sum = (one: number, other: number) => one + other;
const mean = (one: number, other: number) => (one + other) / 2;

/** A replication: its step is 2^k ms; some end early. */
const replication = fc.record({
  doublings: fc.nat(12),
  series: fc
    .array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: STEPS })
    .map((values) => Float64Array.from({ length: STEPS }, (_, step) => values[step] ?? 0)),
});

/** With all series at hand: each is halved to the longest step, then they are joined in order. */
function plain(all: { doublings: number; series: Float64Array }[], steps: typeof sum, join: typeof sum) {
  const most = Math.max(...all.map(({ doublings }) => doublings));
  const columns = all.map(({ doublings, series }) => {
    let column = Array.from(series);
    for (let halvings = doublings; halvings < most; halvings++)
      column = column.map((_, step) => steps(column[2 * step] ?? 0, column[2 * step + 1] ?? 0));
    return column;
  });
  return columns.reduce((joined, column) => joined.map((value, step) => join(value, column[step] as number)));
}

describe("series joined one by one", () => {
  test.each([
    ["sums of sums", sum, sum],
    ["sums of means", mean, sum],
    ["sums of maxima", Math.max, sum],
    ["the least mean", mean, Math.min],
    ["the largest mean", mean, Math.max],
  ])(
    "%s are to the last bit what all series together give, in whatever order steps grow",
    (_, steps, join) => {
      fc.assert(
        fc.property(fc.array(replication, { minLength: 1, maxLength: 6 }), (all) => {
          const joined = joinedSteps(steps, join);
          for (const { doublings, series } of all) joined.add(series, MILLISECOND * 2 ** doublings);
          const longestNs = MILLISECOND * 2 ** Math.max(...all.map(({ doublings }) => doublings));
          expect(Array.from(joined.at(longestNs))).toEqual(plain(all, steps, join));
        }),
        { seed: 1, numRuns: 60 },
      );
    },
  );

  test("what did not happen in a longer replication counts as well", () => {
    const joined = joinedSteps(sum, sum);
    joined.add(new Float64Array(STEPS).fill(1), MILLISECOND);
    expect(joined.at(4 * MILLISECOND).slice(0, 65)).toEqual(Float64Array.from([...Array(64).fill(4), 0]));
  });

  test("steps reach as far as the longest run", () => {
    const joined = joinedSteps(sum, sum);
    joined.add(new Float64Array(STEPS).fill(1), MILLISECOND);
    const longestNs = MILLISECOND * 2 ** Math.ceil(Math.log2(LONGEST_NS / STEPS / MILLISECOND));
    expect(longestNs * STEPS).toBeGreaterThan(104 * DAY);
    expect(joined.at(longestNs)[0]).toBe(STEPS);
  });
});
