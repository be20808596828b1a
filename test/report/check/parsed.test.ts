// Reports of a check that programs read, read back by parsers of other people's.

import { XMLParser, XMLValidator } from "fast-xml-parser";
import { Parser as TapParser } from "tap-parser";
import { describe, expect, test } from "vitest";
import type { Check } from "../../../src/check/check-result.js";
import { junitText } from "../../../src/report/check/junit.js";
import { tapText } from "../../../src/report/check/tap.js";
import { CHANGED, check, failed, HOSTILE, MIXED, NASTY, scenario, threshold } from "./fixtures.js";

describe("JUnit", () => {
  const read = (of: Check) => {
    const text = junitText(of);
    expect(XMLValidator.validate(text)).toBe(true);
    const isArray = (name: string) => ["testsuite", "testcase"].includes(name);
    const options = { ignoreAttributes: false, attributeNamePrefix: "", isArray, htmlEntities: true };
    return new XMLParser({ ...options, trimValues: false }).parse(text).testsuites;
  };

  test("has a suite for each scenario and a case for each threshold, counted", () => {
    const suites = read(MIXED);
    expect([suites.tests, suites.failures, suites.errors]).toEqual(["4", "1", "1"]);
    const [good, bad, none] = suites.testsuite;
    expect([good.name, good.tests, good.failures, good.errors]).toEqual(["s/good.yaml", "1", "0", "0"]);
    expect([bad.tests, bad.failures, bad.errors, none.tests]).toEqual(["3", "1", "1", "0"]);
    expect(bad.testcase.map(({ name }: { name: string }) => name)).toEqual([
      "502.share < 90%",
      "EAGAIN.share < 1%",
      "EAGAIN.share < 4.3%",
    ]);
  });

  test("says what was expected, predicted, and why; an undecided one is an error", () => {
    const [good, fails, open] = read(MIXED).testsuite[1].testcase;
    expect(good).toMatchObject({ classname: "s/a.yaml", file: "s/a.yaml", line: "4" });
    expect(good["system-out"]).toBe("3.9 % ± 2.0 % (20 replications)");
    expect(fails.failure.message).toBe("expected EAGAIN.share < 1%, got 3.9 % ± 2.0 %");
    expect(fails.failure["#text"]).toContain("3.98 % unix accept queue full (5 of 5)");
    expect(open.error.type).toBe("undecided");
    expect(open.error.message).toMatch(/undecided; about 800 replications would decide/);
  });

  test("a baseline is one more case", () => {
    const suites = read(CHANGED);
    expect([suites.tests, suites.failures]).toEqual(["2", "1"]);
    const { failure } = suites.testsuite[0].testcase[1];
    expect(failure.message).toMatch(/^not what the baseline says/);
    expect(failure["#text"]).toContain("because of gunicorn.backlog 9 -> 4");
  });

  test("holds any name, without what XML forbids", () => {
    const [suite] = read(NASTY).testsuite;
    expect(suite.name.replace(/\s/g, " ")).toBe(
      HOSTILE.replace(/[^\P{C}\n]/gu, "\ufffd").replace(/\s/g, " "),
    );
  });

  test("an option has no file", () => {
    const option = threshold("EAGAIN.share < 1%", "failed", {
      file: "--set expect=…",
      line: null,
      column: null,
    });
    const [one] = read(check(scenario("a.yaml", [option]))).testsuite[0].testcase;
    expect(Object.keys(one)).not.toContain("file");
  });
});

describe("TAP", () => {
  interface Point {
    ok: boolean;
    name: string;
    diag?: Record<string, unknown>;
  }
  const read = (of: Check): Point[] => {
    const text = tapText(of);
    expect(text).toMatch(/^TAP version 14\n1\.\.\d+\n/);
    const events = TapParser.parse(text) as unknown as [string, Point & { plan?: object }][];
    const [, complete] = events.find(([name]) => name === "complete") as unknown as [
      string,
      { plan: object },
    ];
    const points = events.flatMap(([name, point]) => (name === "assert" ? [point] : []));
    expect(complete.plan).toMatchObject({ start: 1, end: points.length });
    expect(events.filter(([name]) => name === "extra" || name === "bailout")).toEqual([]);
    return points;
  };

  test("has a point for each threshold, with what is to be known of one that did not pass", () => {
    const points = read(MIXED);
    expect(points.map(({ ok }) => ok)).toEqual([true, true, false, false]);
    expect(points[2]).toMatchObject({
      name: "s/a.yaml: EAGAIN.share < 1%",
      diag: {
        ...{ message: "failed", expected: "EAGAIN.share < 1%", got: "3.9 % ± 2.0 %", at: "s/a.yaml:4" },
        causes: ["3.98 % unix accept queue full (5 of 5) at unix:/run/g.sock"],
      },
    });
    expect(points[3]?.diag).toMatchObject({ message: "undecided" });
    expect(points[0]?.diag).toBeFalsy();
  });

  test("a baseline is one more point", () => {
    const [, baseline] = read(CHANGED);
    expect(baseline).toMatchObject({ ok: false, name: "s/a.yaml: baseline" });
    expect(baseline?.diag).toMatchObject({ because_of: ["gunicorn.backlog 9 -> 4"] });
  });

  test("no name is a directive, or breaks its line", () => {
    const skipping = read(check(scenario("a # SKIP \\ # TODO.yaml", [failed])));
    expect(skipping[0]).toMatchObject({ ok: false, name: "a # SKIP \\ # TODO.yaml: EAGAIN.share < 1%" });
    expect(skipping[0]).toMatchObject({ skip: false, todo: false });
    const nasty = read(NASTY);
    expect(nasty.map(({ ok }) => ok)).toEqual([false, false]);
    expect(nasty[1]?.diag).toMatchObject({ at: `${HOSTILE}:4` });
  });

  test("of nothing is a plan of nothing", () => {
    expect(tapText(check())).toBe("TAP version 14\n1..0\n");
  });
});
