import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  durationText,
  exceeded,
  parseBytes,
  parseDurationNs,
  parseRatePerSecond,
} from "../../src/component/units.js";
import { DAY, HOUR, LONGEST_NS, MILLISECOND, MINUTE, SECOND } from "../../src/engine/time.js";

describe("a duration", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["1ns", 1],
    ["7us", 7_000],
    ["7µs", 7_000],
    ["250ms", 250 * MILLISECOND],
    ["30s", 30 * SECOND],
    ["1.5s", 1_500 * MILLISECOND],
    ["0.1s", 100 * MILLISECOND],
    ["2m", 2 * MINUTE],
    ["2min", 2 * MINUTE],
    ["1h30m", 90 * MINUTE],
    ["1h 30m 5s", 90 * MINUTE + 5 * SECOND],
    ["1.5h", 90 * MINUTE],
    ["1d", DAY],
    ["104d", 104 * DAY],
    ["1e3s", 1_000 * SECOND],
    [" 5 s ", 5 * SECOND],
    ["0.4ns", 0],
    ["1.000000001s", SECOND + 1],
    ["9007199254740991ns", LONGEST_NS],
  ])('"%s" is %d ns', (text, expected) => {
    expect(parseDurationNs(text)).toBe(expected);
  });

  test.each([
    ["no unit", "250"],
    ["no unit, and zero is written 0", "0.0"],
    ["no number", "ms"],
    ["nothing", ""],
    ["an unknown unit", "5 weeks"],
    ["an upper-case unit", "5S"],
    ["a sign", "-5s"],
    ["a second number without a unit", "1h30"],
    ["two points", "1.2.3s"],
    ["no digit before the point", ".5s"],
    ["no digit after the point", "5.s"],
    ["a comma", "1,5s"],
    ["a word", "soon"],
    ["infinity", "Infinitys"],
    ["more than 104 days", "105d"],
    ["one nanosecond too many", "9007199254740992ns"],
    ["more than a double holds", "1e999s"],
  ])("with %s is not understood: %s", (_claim, text) => {
    expect(parseDurationNs(text)).toBeUndefined();
  });
});

describe("the text of a duration", () => {
  test.each([
    [0, "0s"],
    [1, "1ns"],
    [999, "999ns"],
    [1_500, "1.5us"],
    [250 * MILLISECOND, "250ms"],
    [SECOND, "1s"],
    [1_500 * MILLISECOND, "1.5s"],
    [90 * SECOND, "90s"],
    [MINUTE, "60s"],
    [10 * MINUTE, "600s"],
    [9_999 * SECOND, "9999s"],
    [10_000 * SECOND, "10000s"],
    [170 * MINUTE, "170m"],
    [24 * HOUR, "24h"],
    [SECOND + 1, "1000000.001us"],
    [1_000_001_000, "1000.001ms"],
  ])("of %d ns is %s", (durationNs, text) => {
    expect(durationText(durationNs)).toBe(text);
  });

  test("parses back to exactly that duration", () => {
    const whole = (unitNs: number) => fc.nat(20_000).map((count) => count * unitNs);
    const durationNs = fc.oneof(
      fc.integer({ min: 0, max: LONGEST_NS }),
      fc.nat(100_000),
      ...[MILLISECOND, 100 * MILLISECOND, SECOND, MINUTE, HOUR].map(whole),
    );
    fc.assert(
      fc.property(durationNs, (ns) => {
        fc.pre(ns <= LONGEST_NS);
        expect(parseDurationNs(durationText(ns))).toBe(ns);
      }),
      { seed: 13, numRuns: 2_000 },
    );
  });
});

describe("a rate", () => {
  test.each([
    ["200/s", 200],
    ["200 / s", 200],
    ["0.5/s", 0.5],
    ["200/sec", 200],
    ["12000/min", 200],
    ["12000/m", 200],
    ["720000/h", 200],
    ["86400/d", 1],
    ["1e3/s", 1_000],
    ["0/s", 0],
    ["1e9/s", 1e9],
  ])('"%s" is %d a second', (text, expected) => {
    expect(parseRatePerSecond(text)).toBeCloseTo(expected, 9);
  });

  test.each(["200", "200/", "/s", "200/ms", "-1/s", "200 per s", "1/2s", "", "1e999/s", "1000000001/s"])(
    '"%s" is not understood',
    (text) => {
      expect(parseRatePerSecond(text)).toBeUndefined();
    },
  );
});

describe("what is too large", () => {
  test.each([
    ["105d", "a duration", "at most 104 days (2^53 ns)"],
    ["1e999s", "a duration", "at most 104 days (2^53 ns)"],
    [" 2000000000 / s", "a rate", "at most 1000000000/s (one a nanosecond)"],
  ])('"%s" is %s beyond %s', (text, what, limit) => {
    expect(exceeded(text)).toEqual({ what, limit });
  });

  test.each(["104d", "1e9/s", "105", "soon", ""])('"%s" is not', (text) => {
    expect(exceeded(text)).toBeUndefined();
  });
});

describe("a size", () => {
  test.each([
    ["2B", 2],
    ["0B", 0],
    ["2kB", 2_000],
    ["1.5MB", 1_500_000],
    ["3GB", 3e9],
    ["2KiB", 2_048],
    ["4MiB", 4 * 2 ** 20],
    ["2 GiB", 2 ** 31],
  ])('"%s" is %d bytes', (text, expected) => {
    expect(parseBytes(text)).toBe(expected);
  });

  test.each(["2", "2k", "2KB", "2kb", "2g", "-2B", "B", "2 TB", "", "1e999B"])(
    '"%s" is not understood',
    (text) => {
      expect(parseBytes(text)).toBeUndefined();
    },
  );
});
