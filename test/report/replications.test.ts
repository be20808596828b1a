// What only several replications can tell.

import { describe, expect, test } from "vitest";
import { runText } from "../../src/report/text.js";
import type { Result } from "../../src/run/result.js";
import { overload } from "./random-fixtures.js";

function plain(result: Result): string {
  return runText(result, { columns: 80, colour: false });
}

describe("replications", () => {
  const one = { ...overload(), replications: 1 };

  test("are what a first failure is the earliest of, if there are several", () => {
    expect(plain(overload())).toContain("1210 ± 44 requests, first in any replication at 8.11 s\n");
    expect(plain(one)).toContain("1210 requests, first at 8.11 s\n");
  });

  test("are what levels are averaged over, if there are several", () => {
    expect(plain(overload())).toContain("averaged over");
    expect(plain(one)).not.toContain("averaged over");
  });
});

test("wasted work whose interval reaches zero is given its upper end", () => {
  const wasted = (low: number, high: number) =>
    plain({ ...overload(), work: { ...overload().work, wasted_s: { value: 0.5, low, high } } });
  expect(wasted(-0.4, 1.4)).toContain("\n  500ms (< 1.4s) of 7m50.2s ± 2.3s that workers were busy");
  expect(wasted(0.1, 0.9)).toContain("\n  500ms ± 400ms of ");
});
