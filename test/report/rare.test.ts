import { expect, test } from "vitest";
import { rareLines, rareSentence } from "../../src/report/rare.js";
import type { RareResult } from "../../src/run/result.js";

const FOUND: RareResult = {
  cause: "unix-accept-queue-full",
  text: "unix accept queue full (129 of 129) at unix:/run/g.sock",
  settings: ["gunicorn.backlog = 128"],
  share: 9.86e-8,
  low: 9.1e-8,
  high: 1.06e-7,
  levels: [5, 20],
  splits: [3, 4],
  batches: 40,
  paths: 1000,
  restored: "filled",
  reached: true,
};

test("the first line says how rarely, between which limits and how that was found", () => {
  expect(rareSentence(FOUND)).toBe(
    "If this load goes on, 9.9e-8 of all requests will be refused (9.1e-8 to 1.1e-7), by splitting over 2 levels.",
  );
  expect(rareSentence({ ...FOUND, levels: [7] })).toMatch(/over one level\.$/);
  expect(rareSentence({ ...FOUND, share: 0.00234, low: 0.002, high: 0.0028 })).toContain(
    "0.23 % of all requests will be refused (0.2 % to 0.28 %)",
  );
});

// 1 / 9.86e-8 is 10.1 million.
test.each([
  [0.004, "one request in 250"],
  [9.86e-8, "one request in 10 million"],
  [6.4e-10, "one request in 1.6 billion"],
  [3e-13, "one request in 3.3 trillion"],
  [9.7e-18, "one request in 1.0e+17"],
])("a share of %d is %s", (share, text) => {
  expect(rareLines({ ...FOUND, share }, 100)[0]).toMatch(new RegExp(`${text.replace("+", "\\+")}$`));
});

test("the lines name what decided, busy periods if there are any, and an interval that is too wide", () => {
  const busy = { value: 1 / 4000, low: 1 / 5000, high: 1 / 3000 };
  expect(rareLines({ ...FOUND, busy_period: busy, reached: false }, 100).slice(1)).toEqual([
    "  gunicorn.backlog = 128",
    "  one busy period in 4000 sees a refusal",
    "  95 % interval from 1000 paths; it is wider than wanted: a limit came first",
  ]);
});
