import { describe, expect, test } from "vitest";
import { duration, percent, plural, rounded } from "../../notebooks/lib/numbers.js";
import { runs } from "../../notebooks/lib/runs.js";

const never = new Promise<never>(() => {});

describe("runs of a page", () => {
  test("begin with nothing done and end with everything, in order", async () => {
    const seen: number[][] = [];
    for await (const { wanted, done } of runs(3, async (index) => 10 * index, never)) {
      expect(wanted).toBe(3);
      seen.push(done);
    }
    expect(seen[0]).toEqual([]);
    expect(seen.at(-1)).toEqual([0, 10, 20]);
  });

  test("are given up once they are not wanted any more", async () => {
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const started: number[] = [];
    const all = runs(
      1000,
      async (index) => {
        started.push(index);
        if (index === 2) stop();
        return index;
      },
      stopped,
    );
    for await (const { done } of all) expect(done.length).toBeLessThan(1000);
    expect(started).toEqual([0, 1, 2]);
  });

  test("hand on what goes wrong", async () => {
    const all = runs(1, () => Promise.reject(new Error("wrong")), never);
    await all.next();
    await expect(all.next()).rejects.toThrow("wrong");
  });
});

describe("numbers of a page", () => {
  test.each([
    { printed: percent(0.048805), text: "4.88 %" },
    { printed: percent(0), text: "0 %" },
    { printed: percent(2e-6), text: "below 0.001 %" },
    { printed: duration(0.067094), text: "67.1 ms" },
    { printed: duration(1.2345), text: "1.23 s" },
    { printed: rounded(1234.5), text: "1235" },
    { printed: plural(1, "worker"), text: "1 worker" },
    { printed: plural(2, "worker"), text: "2 workers" },
  ])("are printed as $text", ({ printed, text }) => {
    expect(printed).toBe(text);
  });
});
