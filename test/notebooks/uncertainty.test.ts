// The notebook as its readers see it.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Run, regimesOf, runOf, SEEDS, UNCHANGED } from "../../notebooks/lib/collapse.js";
import { ordinaryMisses } from "../../notebooks/lib/convergence.js";
import { duration, percent } from "../../notebooks/lib/numbers.js";
import { exact, type Queue, simulated } from "../../notebooks/lib/queue.js";
import { requires } from "../support/requires.js";
import { type Browser, browser, type Opened } from "./browser.js";

const MINUTES_MS = 60_000;
const pause = async () => {};

requires("chromium")("the notebook on uncertainty", () => {
  let own: Browser;
  let opened: Opened;
  const ran = new Set<string>();

  beforeAll(async () => {
    own = await browser();
    opened = await own.open("uncertainty.html", { width: 1000, colorScheme: "light" });
    await opened.page.exposeFunction("ran", (text: string) => ran.add(text));
    await opened.page.evaluate(watchRuns);
    await isDone();
  }, 5 * MINUTES_MS);
  afterAll(() => own?.close());

  /** All four runs have come to their end. */
  async function isDone({ page }: Opened = opened) {
    const done = () =>
      document.querySelectorAll("[data-state=done]").length === 4 &&
      document.querySelector("[data-state=running]") === null;
    await page.waitForFunction(done, undefined, { timeout: 3 * MINUTES_MS });
  }

  async function slide(name: string, value: number) {
    await opened.page.locator(`input[name=${name}]`).fill(String(value));
  }

  const textOf = (name: string) => opened.page.locator(`[data-name="${name}"]`).textContent();

  async function expectQueue(queue: Queue) {
    // What Node computes; durations are whole nanoseconds, so that the two cannot differ.
    const { blocked, waitS, busy } = await simulated(queue, pause);
    const answer = exact(queue);
    const range = ({ low, high }: { low: number; high: number }, print: (value: number) => string) =>
      `${print(low)} – ${print(high)}`;
    await expect.poll(() => textOf("simulated blocked"), POLL).toBe(range(blocked, percent));
    expect(await textOf("exact blocked")).toBe(percent(answer.blocked));
    expect(await textOf("exact wait")).toBe(duration(answer.waitS));
    expect(await textOf("simulated wait")).toBe(range(waitS, duration));
    expect(await textOf("exact busy")).toBe(percent(answer.utilisation));
    expect(await textOf("simulated busy")).toBe(range(busy, percent));
  }

  test("is built without anything of node", () => {
    const all = own.files.filter(({ text }) => /browser-external|["']node:/.test(text));
    expect(all.map(({ name }) => name)).toEqual([]);
  });

  test("asks nobody but its own server", () => {
    expect(opened.outside).toEqual([]);
  });

  test("has no error", async () => {
    expect(await opened.page.locator(".observablehq--error").allInnerTexts()).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  test("has shown how far it was while it ran", () => {
    for (const wanted of [14, 20, 50]) {
      const shown = [...ran].filter((text) => new RegExp(`^running \\d+ of ${wanted}$`).test(text));
      expect(shown.length).toBeGreaterThan(2);
    }
  });

  test("prints the exact answer and the simulation's, the same digits as in Node", {
    timeout: 3 * MINUTES_MS,
  }, async () => {
    // 4.88 %: birth and death with weights 3.6^n / n! up to 4, then 0.9 times for each of 8 places more.
    expect(await textOf("exact blocked")).toBe("4.88 %");
    await expectQueue({ workers: 4, utilisation: 0.9, backlog: 7 });
  });

  test("answers to the sliders of the queue", { timeout: 3 * MINUTES_MS }, async () => {
    await slide("utilisation-offered", 1.1);
    await slide("backlog", 20);
    await expectQueue({ workers: 4, utilisation: 1.1, backlog: 20 });
  });

  test("colours the intervals that miss the truth, about as many as chance has it", {
    timeout: 3 * MINUTES_MS,
  }, async () => {
    for (const confidence of [0.95, 0.5]) {
      await slide("confidence", confidence);
      await expect.poll(() => textOf("misses"), POLL).toContain(`${100 * confidence} %`);
      const text = await textOf("misses");
      const [, misses] = /Of 100 experiments .*?, (\d+) miss/.exec(text) ?? [];
      const chart = opened.page.locator("svg[aria-label^='100 intervals']");
      await expect.poll(() => chart.locator("circle[fill='var(--bad)']").count()).toBe(Number(misses));
      const [fewest, most] = ordinaryMisses(100, confidence);
      expect(Number(misses)).toBeGreaterThanOrEqual(fewest);
      expect(Number(misses)).toBeLessThanOrEqual(most);
    }
  });

  test("shows fifty dots in each strip, and the two regimes as Node sees them", {
    timeout: 3 * MINUTES_MS,
  }, async () => {
    const text = readFileSync("scenarios/retry-storm.yaml", "utf8");
    const runs: Run[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) runs.push(await runOf(text, UNCHANGED, seed, pause));
    const { collapsed, mean } = regimesOf(runs);
    const dots = opened.page.locator(".seed circle");
    expect(await dots.count()).toBe(2 * SEEDS);
    expect(await opened.page.locator(".seed circle[fill='var(--bad)']").count()).toBe(2 * collapsed);
    expect(await textOf("collapsed")).toBe(String(collapsed));
    expect(await textOf("mean")).toContain(percent(mean.value));
  });

  test("shows the seed that is chosen by slider or by a click on its dot", {
    timeout: 3 * MINUTES_MS,
  }, async () => {
    await slide("seed", 20);
    await expect.poll(() => textOf("seed"), POLL).toContain("--seed 20 --replications 1");
    // The first dot is that of the lowest share, and of several such of the lowest seed.
    const dot = opened.page.locator(".seed circle").first();
    await dot.scrollIntoViewIfNeeded();
    const box = await dot.boundingBox();
    // A tip lies over the dot as soon as the pointer is there, which `dot.click()` takes for an obstacle.
    await opened.page.mouse.click((box?.x ?? 0) + 3, (box?.y ?? 0) + 3);
    await expect.poll(() => textOf("seed"), POLL).toContain("--seed 1 --replications 1");
  });

  test("simulates the storm again with another worker", { timeout: 3 * MINUTES_MS }, async () => {
    await slide("workers-of-gunicorn", 9);
    await expect.poll(() => textOf("seed"), POLL).toContain("--set gunicorn.workers=9");
    await isDone();
    expect(await textOf("collapsed")).toBe("0");
    expect(opened.complaints).toEqual([]);
  });

  test("fits a telephone, also in the dark", { timeout: 3 * MINUTES_MS }, async () => {
    const phone = await own.open("uncertainty.html", { width: 390, colorScheme: "dark" });
    await isDone(phone);
    const { scroll, background } = await phone.page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      background: getComputedStyle(document.body).backgroundColor,
    }));
    expect(scroll).toBeLessThanOrEqual(390);
    const channels =
      background
        .match(/[\d.]+/g)
        ?.slice(0, 3)
        .map(Number) ?? [];
    expect(Math.max(...channels)).toBeLessThan(64);
    expect(phone.complaints).toEqual([]);
  });
});

/** Other work may keep this machine busy. */
const POLL = { timeout: MINUTES_MS };

/** In the page: tells of every line about a run that is on its way. */
function watchRuns() {
  const tell = () => {
    for (const line of document.querySelectorAll("[data-state=running]")) {
      (globalThis as unknown as { ran(text: string | null): void }).ran(line.textContent);
    }
  };
  tell();
  new MutationObserver(tell).observe(document.body, { childList: true, subtree: true });
}
