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

describe("a single run", () => {
  const batches = {
    method: "batch means",
    batches: 20,
    length_s: 30,
    correlation: 0.1,
    independent: true,
  } as const;
  const single = { ...overload(), replications: 1 };

  test("cut into batches says so, and keeps its intervals", () => {
    const text = plain({ ...single, intervals: batches });
    expect(text.replaceAll("\n", " ")).toContain(
      'seed 42. ± is the 95 % interval from 20 batches of one run, 30 s each; "-" never varied, or has none.',
    );
    expect(text).not.toContain("replications");
    expect(text).toContain("1210 ± 44 requests, first at 8.11 s\n");
  });

  test("prints what has no interval without one", () => {
    const { requests } = single;
    const total = { ...requests.total, low: -Infinity, high: Infinity };
    const text = plain({ ...single, requests: { ...requests, total }, intervals: batches });
    const [row, spreads] = text.split("\n").filter((_, index, all) => {
      return all[index]?.startsWith("Requests ") || all[index - 1]?.startsWith("Requests ");
    }) as [string, string];
    expect(row).toMatch(/8123, +67\.69, +53\.95$/);
    expect(spreads).toMatch(/± +-, +0\.34, +0\.21$/);
  });

  test("that is not cut says why, and has none", () => {
    const why = "the load is not the same at all times";
    const text = plain({ ...single, intervals: { method: "none", why } }).replaceAll("\n", " ");
    expect(text).toContain(
      `One replication of something random: no ± is known: ${why}. run.replications of 10 would give one.`,
    );
    expect(text.match(/±/g)?.length).toBe(1);
  });
});
