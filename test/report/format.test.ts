import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDurationNs } from "../../src/component/units.js";
import {
  countText,
  decimalsOf,
  fixed,
  goText,
  percentText,
  printCount,
  printDuration,
  printRate,
  printShare,
  prose,
  proseDuration,
  vegetaDuration,
} from "../../src/report/format.js";
import { around, exact } from "./fixtures.js";

fc.configureGlobal({ seed: 200 });

const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
const someSeconds = fc.double({ min: 1e-9, max: 9e6, noNaN: true });
const someShare = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });

describe("durations", () => {
  // What Go prints for these, and vegeta's rounding to the next smaller unit.
  test.each([
    [0, "0s"],
    [1e-9, "1ns"],
    [0.0004, "400µs"],
    [0.00042825, "428.25µs"],
    [0.001339, "1.339ms"],
    [0.9999996, "1s"],
    [0.995, "995ms"],
    [1.0021, "1.002s"],
    [33.05, "33.05s"],
    [59.9996, "1m0s"],
    [83.4, "1m23s"],
    [3725.2, "1h2m0s"],
    [3599.7, "1h0m0s"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(vegetaDuration(seconds)).toBe(text);
  });

  test("a duration parses back to within half a unit of what is printed", () => {
    fc.assert(
      fc.property(someSeconds, (seconds) => {
        const resolution = [3600, 60, 1, 1e-3, 1e-6].find((unit) => seconds >= unit * (1 - 1e-9)) ?? 1e-6;
        const step = { 3600: 60, 60: 1, 1: 1e-3, 0.001: 1e-6, 0.000001: 1e-9 }[resolution] as number;
        const parsed = (parseDurationNs(vegetaDuration(seconds)) as number) / 1e9;
        expect(Math.abs(parsed - seconds)).toBeLessThanOrEqual(step / 2 + 1e-9);
      }),
    );
  });

  test("whole nanoseconds parse back exactly", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.constantFrom(1, 1000, 1_000_000), (count, size) => {
        expect(parseDurationNs(goText(count * size))).toBe(count * size);
      }),
    );
  });

  test.each([
    [around(16.826, 0.34), "16.83s", "0.34s"],
    [around(16.8, 0.34), "16.80s", "0.34s"],
    [around(0.0912, 0.00041), "91.20ms", "0.41ms"],
    [around(5.0012, 0.0004), "5.001s", "0.001s"],
    [around(0.99996, 0.0012), "1.000s", "0.002s"],
    [around(7.5, 0.001), "7.500s", "0.001s"],
    [around(83.41, 0.21), "1m23.41s", "0.21s"],
    [around(1234, 120), "20m30s", "2m0s"],
    [around(0.002, 1.5), "0.0s", "1.5s"],
    [exact(0.0004), "400µs", ""],
  ])("the ± of a duration has its unit and decimals: %o", (estimate, text, spread) => {
    expect(printDuration(estimate)).toEqual({ text, spread });
  });

  test("a duration with ± parses back to within the ±", () => {
    fc.assert(
      fc.property(someSeconds, fc.double({ min: 1e-4, max: 1, noNaN: true }), (seconds, relative) => {
        const { text, spread } = printDuration(around(seconds, seconds * relative));
        const [value, half] = [text, spread].map((part) => (parseDurationNs(part) as number) / 1e9) as [
          number,
          number,
        ];
        expect(Math.abs(value - seconds)).toBeLessThanOrEqual(half + 1e-9);
        expect(half).toBeGreaterThanOrEqual(seconds * relative * 0.94 - 1e-9);
      }),
    );
  });

  test.each([
    [18.4, "18.4 s"],
    [0.665, "665 ms"],
    [0.00041234, "412 µs"],
    [64.3, "1m4s"],
    [0, "0 s"],
  ])("in prose %d seconds are %s", (seconds, text) => {
    expect(proseDuration(seconds)).toBe(text);
  });
});

describe("shares", () => {
  test.each([
    [0.335, "33.5 %"],
    [1 / 3, "33.3 %"],
    [1e-6, "0.0001 %"],
    [1.02e-6, "0.000102 %"],
    [3e-9, "3e-7 %"],
    [0.999667, "99.9667 %"],
    [0.9999999, "99.99999 %"],
    [0.5, "50 %"],
    [0, "0 %"],
    [1, "100 %"],
  ])("%d in prose is %s", (share, text) => {
    expect(percentText(share)).toBe(text);
  });

  test("prose keeps three digits of what is left to 0 and to 100 %", () => {
    fc.assert(
      fc.property(someShare, (share) => {
        const printed = Number.parseFloat(percentText(share)) / 100;
        expect(Math.abs(printed - share)).toBeLessThanOrEqual(
          0.005 * Math.min(share, 1 - share) * 1.001 + 1e-15,
        );
      }),
    );
  });

  test.each([
    [exact(0.665), "66.50%", ""],
    [exact(1), "100.00%", ""],
    [exact(0), "0.00%", ""],
    [exact(0.999999), "99.9999%", ""],
    [exact(0.000001), "0.0001%", ""],
    [around(0.8006, 0.0091), "80.06%", "0.91%"],
    [{ value: 0, low: 0, high: 0.00018401 }, "0%", "<0.019%"],
    [{ value: 1, low: 0.99981599, high: 1 }, "100.00%", ">99.981%"],
  ])("vegeta's ratio never rounds something to nothing: %o", (estimate, text, spread) => {
    expect(printShare(estimate)).toEqual({ text, spread });
  });
});

describe("counts and rates", () => {
  test.each([
    [printCount(exact(11857)), "11857", ""],
    [printCount(around(133.41, 0.62)), "133.41", "0.62"],
    [printCount(around(302_118, 6120)), "302100", "6100"],
    [printCount({ value: 0, low: 0, high: 4 }), "0", "<4"],
    [printCount({ value: 7, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }), "7", ""],
    [printRate(exact(201.00503)), "201.01", ""],
    [printRate(around(67.698, 0.0996)), "67.70", "0.10"],
  ])("%o", (printed, text, spread) => {
    expect(printed).toEqual({ text, spread });
  });

  test("a ± has two significant digits, and the number ends where it ends", () => {
    fc.assert(
      fc.property(positive, fc.double({ min: 1e-3, max: 10, noNaN: true }), (value, relative) => {
        const half = value * relative;
        const { text, spread } = printCount(around(value, half));
        expect(Math.abs(Number(spread) - half)).toBeLessThanOrEqual(0.051 * half);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(0.051 * half);
        expect(text.split(".")[1]?.length).toBe(spread.split(".")[1]?.length);
      }),
    );
  });

  test.each([
    [200, "200"],
    [8123, "8123"],
    [11_857, "11,857"],
    [20_000_000, "20,000,000"],
    [54.32, "54.3"],
  ])("%d in prose is %s", (count, text) => {
    expect(countText(count)).toBe(text);
  });

  test("limits read as limits", () => {
    expect(prose({ text: "0 %", spread: "<0.02 %" })).toBe("0 % (< 0.02 %)");
    expect(prose({ text: "3", spread: "0.1" })).toBe("3 ± 0.1");
    expect(prose({ text: "3", spread: "" })).toBe("3");
  });

  test("rounding never leaves -0", () => {
    expect([fixed(-0.001, 2), fixed(-3, -1), fixed(-12, -1)]).toEqual(["0.00", "0", "-10"]);
    expect([decimalsOf(0.0996), decimalsOf(0.0994), decimalsOf(250)]).toEqual([2, 3, -1]);
  });
});
