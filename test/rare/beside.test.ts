import { expect, test } from "vitest";
import { withRare } from "../../src/rare/beside.js";
import type { RareResult, Result } from "../../src/run/result.js";

const rare = { cause: "full", share: 1e-4, low: 0.9e-4, high: 1.1e-4 } as RareResult;
const resultOf = (low: number, count: number) =>
  ({ warnings: [], replications: 10, causes: [{ id: "full", low, count }] }) as unknown as Result;

test("a run that saw more refusals than splitting did is to be believed", () => {
  expect(withRare(resultOf(1.2e-4, 5), rare).warnings).toEqual([expect.stringContaining("believe the run")]);
});

test.each([
  ["within the interval", 1e-4, 5],
  ["of too few refusals", 1.2e-4, 1],
])("a run %s is no contradiction", (_, low, count) => {
  expect(withRare(resultOf(low, count), rare)).toMatchObject({ warnings: [], rare });
});
