// A sweep in parts: put together they are the bytes of the whole, and what cannot be put together is told.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { mergedParts, parsePart, partOf, type SweepPart, sweepPart } from "../../src/run/merge.js";
import { computePoint, type Point, pointOf } from "../../src/run/point.js";
import type { SweptPoint } from "../../src/run/sweep.js";
import { type Sweep, sweepMetrics, sweepResult } from "../../src/run/sweep-result.js";
import { scenarioOf } from "../support/compare.js";

const TEXT = `
clients: { arrivals: { process: burst, requests: 20 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9 }
app: { sleep: 1s }
`;
const NO_PART = "part-1.json: expected a part of a sweep, as recvq sweep --shard writes it, got";
const table = () => {
  throw new Error("no files");
};
const points = await Promise.all(
  [2, 3, 4, 5, 6].map((workers) =>
    pointOf(scenarioOf(TEXT, [`gunicorn.workers=${workers}`]), {
      ...{ components, table, changes: [{ knob: "gunicorn.workers", value: workers }] },
    }),
  ),
);
const failing = points[3] as Point;
const swept = await Promise.all(
  points.map(
    async (point): Promise<SweptPoint> =>
      point === failing
        ? { point, failed: "3 workers died", blame: "machine" }
        : { point, result: await computePoint(point, { components }) },
  ),
);
const plan = { knobs: [{ name: "gunicorn.workers", values: [2, 3, 4, 5, 6], ordered: true, at: () => 2 }] };
const sweepFor = (some: readonly SweptPoint[]): Sweep =>
  sweepResult(scenarioOf(TEXT), plan, sweepMetrics([]), some);
const bytes = (value: unknown) => JSON.stringify(value, null, 2);

/** The file of a part, and the part as it is read from it. */
function partFor(index: number, count: number, change: (part: SweepPart) => unknown = (part) => part) {
  const shard = { index, count };
  const file = `part-${index}.json`;
  const part = change(sweepPart(sweepFor(partOf(swept, shard)), shard, points));
  return { file, part: parsePart(bytes(part), file) };
}

describe("the parts of a sweep", () => {
  test.each([1, 2, 3, 5, 7])("of which there are %d have its bytes together, in any order", (count) => {
    const parts = Array.from({ length: count }, (_, place) => partFor(place + 1, count));
    expect(bytes(mergedParts(parts.reverse()))).toBe(bytes(sweepFor(swept)));
  });

  test("are told that are missing", () => {
    expect(() => mergedParts([partFor(2, 4)])).toThrow("of 4 parts number 1, 3, 4 are missing");
  });

  test("are told that are there twice", () => {
    const twice = [partFor(1, 2), { ...partFor(1, 2), file: "copy.json" }, partFor(2, 2)];
    expect(() => mergedParts(twice)).toThrow("copy.json: part.index: is part 1 of 2, and so is part-1.json");
  });

  test.each<[string, (part: SweepPart) => unknown, string]>([
    ["of another seed", (part) => ({ ...part, seed: "2" }), "part-2.json: seed: is not as in part-1.json"],
    ["of other knobs", (part) => ({ ...part, knobs: [] }), "part-2.json: knobs: is not as in"],
    ["of other metrics", (part) => ({ ...part, metrics: [] }), "part-2.json: metrics: is not as in"],
    [
      "of other points",
      (part) => ({ ...part, part: { ...part.part, sweep: "0" } }),
      "part-2.json: part.sweep: is not as in",
    ],
    [
      "with another number of parts",
      (part) => ({ ...part, part: { ...part.part, count: 3 } }),
      "part-2.json: part.count: is not as in",
    ],
    [
      "that lacks points",
      (part) => ({ ...part, points: [] }),
      "part-2.json: points: expected more of them, got 0",
    ],
    [
      "whose points are in another order",
      (part) => ({ ...part, points: part.points.toReversed() }),
      "part-1.json: part.sweep: is not the hash of the points",
    ],
  ])("a part %s is refused", (_, change, reason) => {
    expect(() => mergedParts([partFor(1, 2), partFor(2, 2, change)])).toThrow(reason);
  });

  test.each<[string, (part: SweepPart) => unknown, string]>([
    ["a whole sweep", ({ part: _, ...sweep }) => sweep, `${NO_PART} a whole sweep`],
    ["no sweep", () => ({ name: "a", private: true }), `${NO_PART} an object with "name", "private"`],
    ["of many keys", () => ({ a: 1, b: 1, part: 1, d: 1 }), `${NO_PART} an object with "a", "b", "part" …`],
    ["no object", () => [1], `${NO_PART} […]`],
    ["a damaged part", (part) => ({ ...part, seed: 1 }), "part-1.json: seed: expected a string, got 1"],
    ["by another version", (part) => ({ ...part, recvq: "0.0.1" }), "got one by 0.0.1"],
  ])("what is %s is refused", (_, change, reason) => {
    const read = () => partFor(1, 2, change);
    expect(read).toThrow(reason);
    expect(read).toThrow(/^[^\n]*$/);
  });

  test("a part that was cut off is refused", () => {
    const whole = bytes(partFor(1, 2).part);
    expect(() => parsePart(whole.slice(0, -9), "cut.json")).toThrow(
      /^cut.json: expected a part .*, whole, got text that is none: /,
    );
  });
});
