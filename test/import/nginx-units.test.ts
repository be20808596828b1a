import { describe, expect, test } from "vitest";
import { parseSizeBytes, parseTimeMs, timeText } from "../../src/import/nginx-units.js";

describe("times", () => {
  test.each([
    ["a bare number is seconds", "60", 60_000],
    ["m is minutes", "1m", 60_000],
    ["ms is milliseconds", "500ms", 500],
    ["units go from large to small", "1h 30m", 5_400_000],
    ["spaces may be left out", "1m30s5ms", 90_005],
    ["a bare number may come last", "1m 30", 90_000],
    ["days and weeks are known", "1w1d", 691_200_000],
  ])("%s", (_, text, timeMs) => {
    expect(parseTimeMs(text)).toBe(timeMs);
  });

  test.each(["", " ", "1.5s", "1s1m", "5 1s", "1y", "1M", "-1", "s", "1sec"])("%j is no time", (text) => {
    expect(parseTimeMs(text)).toBeUndefined();
  });

  test("a scenario has them in seconds, or in milliseconds where they are not whole", () => {
    expect([timeText(600_000), timeText(1500)]).toEqual(["600s", "1500ms"]);
  });
});

describe("sizes", () => {
  test.each([
    ["10m is mebibytes", "10m", 10 * 2 ** 20],
    ["8K is kibibytes", "8K", 8192],
    ["1g is a gibibyte", "1g", 2 ** 30],
    ["a bare number is bytes", "0", 0],
  ])("%s", (_, text, sizeBytes) => {
    expect(parseSizeBytes(text)).toBe(sizeBytes);
  });

  test.each(["", "1mb", "1.5k", "k"])("%j is no size", (text) => {
    expect(parseSizeBytes(text)).toBeUndefined();
  });
});
