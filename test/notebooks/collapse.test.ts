import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type Changes,
  overrides,
  type Run,
  regimesOf,
  runOf,
  SEEDS,
  UNCHANGED,
} from "../../notebooks/lib/collapse.js";
import { load } from "../../src/index.js";

const text = readFileSync("scenarios/retry-storm.yaml", "utf8");
const pause = async () => {};

async function runsOf(changes: Changes): Promise<Run[]> {
  const runs: Run[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) runs.push(await runOf(text, changes, seed, pause));
  return runs;
}

function run(failing: number, failingAtEnd: number): Run {
  return {
    seed: 1,
    failing,
    failingAtEnd,
    hasCollapsed: failingAtEnd > 0.1,
    attempts: 1,
    queue: [],
    stepS: 1,
  };
}

describe("the notebook's collapse", () => {
  test("changes nothing of the scenario at first", () => {
    const { settings } = load(text, { set: overrides(UNCHANGED) });
    expect(settings).toEqual(load(text).settings);
    expect(settings).toMatchObject({ gunicorn: [{ workers: UNCHANGED.workers }] });
    expect(settings).toMatchObject({ clients: [{ retries: { attempts: UNCHANGED.attempts } }] });
    const other = { workers: 9, attempts: 1 };
    expect(overrides(other)).toEqual(["gunicorn.workers=9", "clients.retries.attempts=1"]);
  });

  test("divides runs by what fails at their end", () => {
    // Mean 0.2, s = 0.346, t(2) = 4.30: the interval from -0.66 to 1.06 holds all of three.
    expect(regimesOf([run(0, 0), run(0, 0.001), run(0.6, 1)])).toMatchObject({
      collapsed: 1,
      probability: { value: 1 / 3 },
      mean: { value: expect.closeTo(0.2, 12) },
      within: 3,
      good: 0,
      bad: 0.6,
    });
  });

  test("happens in some of fifty seeds, and few runs are like the mean", { timeout: 120_000 }, async () => {
    const runs = await runsOf(UNCHANGED);
    const { collapsed, mean, within, good, bad } = regimesOf(runs);
    // The scenario says about four of ten; 50 seeds scatter around that by 7 (two standard deviations).
    expect(collapsed).toBeGreaterThanOrEqual(13);
    expect(collapsed).toBeLessThanOrEqual(27);
    expect(within).toBeLessThan(SEEDS / 4);
    expect(good).toBeLessThan(0.001);
    expect(bad).toBeGreaterThan(mean.high);
    // A full queue: backlog + 1 connections.
    const peak = Math.max(...runs.filter((one) => one.hasCollapsed).flatMap(({ queue }) => queue));
    expect(peak).toBeGreaterThan(2000);
    expect(peak).toBeLessThanOrEqual(2049);
  });

  test("passes in most runs if clients do not try again", { timeout: 120_000 }, async () => {
    const { collapsed, mean, bad } = regimesOf(await runsOf({ ...UNCHANGED, attempts: 1 }));
    expect(collapsed).toBeLessThanOrEqual(10);
    expect(mean.value).toBeLessThan(0.05);
    expect(bad).toBeLessThan(0.3);
  });

  test("does not happen with nine workers", { timeout: 120_000 }, async () => {
    const runs = await runsOf({ ...UNCHANGED, workers: 9 });
    expect(Math.max(...runs.map(({ failing }) => failing))).toBeLessThan(0.001);
  });
});
