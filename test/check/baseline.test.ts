// A baseline: what did not change raises no alarm, what did is found and laid at the right door.

import { describe, expect, test } from "vitest";
import { type Baseline, baselineText, parseBaseline } from "../../src/check/baseline.js";
import { mmck } from "../../src/stats/queues.js";
import { against, baselineOf, compareRuns, type Run, runsOf } from "./again.js";

/** M/M/8/24 with a load at which 5 % are refused: see below. */
const BUSY = `
clients: { arrivals: { process: poisson, rate: 160.2/s, requests: 5000 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 8, backlog: 15, overhead: 0s, timeout: 0s, wake_cpu: 0s }
app: { sleep: { exponential: 50ms } }
run: { warmup: 0s }
`;
const MINUTES = 3 * 60_000;
const BURST = `
clients: { arrivals: { process: burst, requests: 20 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9, overhead: 0s }
app: { sleep: 1s }
`;
const names = (found: { culprits: { kind: string; name: string }[] }) =>
  found.culprits.map(({ kind, name }) => `${kind} ${name}`);
const differenceOf = (found: Awaited<ReturnType<typeof against>>, metric: string) =>
  found.differences.find((one) => one.metric === metric)?.difference?.value;

describe("what has not changed", () => {
  test("has the same fingerprint, and the same file", async () => {
    const baseline = await baselineOf(BUSY, { replications: 3 });
    const found = await against(baseline, BUSY, { replications: 3 });
    expect(found).toMatchObject({ status: "unchanged", paired: true, replications: 3, culprits: [] });
    expect(baselineText(await baselineOf(BUSY, { replications: 3 }))).toBe(baselineText(baseline));
  });

  // Clusters of refusals, as short runs have them: 300 requests of M/M/8/24, of which none to fifty are
  // refused. The level of a whole check is 1e-5, so that a thousand have an alarm in one of a hundred tests.
  test("raises no alarm in 1,000 runs with other seeds, and at a level of 10 % a few", {
    timeout: MINUTES,
  }, async () => {
    const short = BUSY.replace("requests: 5000", "requests: 300");
    const [was, ...runs] = await runsOf(short, { runs: 1_001, replications: 4 });
    const alarms = async (some: readonly Run[], level: number) => {
      const found = await Promise.all(some.map((run) => compareRuns(was as Run, run, level)));
      return some.filter((_, index) => found[index]?.status === "changed");
    };
    const often = await alarms(runs, 0.1);
    // Holm's correction for numbers that go together is on the safe side.
    expect(often.length).toBeGreaterThanOrEqual(1);
    expect(often.length).toBeLessThanOrEqual(0.13 * 1_000);
    // What is no alarm at one level is none at a lower one.
    expect(await alarms(often, 1e-5)).toEqual([]);
  });

  test("is not alarming where whole numbers of few runs differ by the same amount by chance", async () => {
    const baseline = await baselineOf(BUSY, {
      replications: 3,
      edit({ scenarios }) {
        const entry = scenarios["a.yaml"] as Baseline["scenarios"][string];
        entry.numbers["peak 1"] = (entry.numbers["peak 1"] ?? []).map((peak) => (peak as number) - 1);
      },
    });
    expect(await against(baseline, BUSY, { replications: 3, seed: 9 })).toMatchObject({ status: "chance" });
  });
});

describe("what has changed", () => {
  const blocked = (mean: number) => mmck(160.2, mean, 8, 24).blocked;
  const [before, after] = [blocked(0.05), blocked(0.0502)];

  test("by 0.2 percentage points of 5 % is found, with the sign and the size of theory", async () => {
    expect(before).toBeCloseTo(0.05, 3);
    expect(after - before).toBeCloseTo(0.002, 3);
    const baseline = await baselineOf(BUSY);
    const found = await against(baseline, BUSY, { set: ["app.sleep.exponential=50.2ms"] });
    expect(found.status).toBe("changed");
    expect(differenceOf(found, "EAGAIN.share")).toBeGreaterThan(0.001);
    expect(differenceOf(found, "EAGAIN.share")).toBeLessThan(0.003);
    expect(names(found)).toEqual(["setting app.sleep.exponential"]);
    // 20 runs of 5,000 requests were too few to see it.
    expect(found.replications).toBeGreaterThan(20);
  });

  // Of the former model there are no more runs than it has left behind.
  test("by as much in the model itself is found with 80 runs", async () => {
    const baseline = await baselineOf(BUSY, {
      replications: 80,
      set: ["app.sleep.exponential=50.2ms"],
      edit({ scenarios }) {
        const entry = scenarios["a.yaml"] as Baseline["scenarios"][string];
        entry.scenario.app = { ...(entry.scenario.app as object), sleep: { exponential: "50ms" } };
      },
    });
    const found = await against(baseline, BUSY, { replications: 80 });
    expect(found).toMatchObject({ status: "changed", replications: 80 });
    expect(names(found)).toEqual(["model recvq"]);
    expect(differenceOf(found, "EAGAIN.share")).toBeCloseTo(before - after, 3);
  });

  test("is laid at the door of each setting by itself", async () => {
    const baseline = await baselineOf(BURST);
    // Of 20 at once 12 fit: 2 are with workers, 10 wait. With 3 workers and 6 in the queue 9 do.
    const found = await against(baseline, BURST, {
      set: ["gunicorn.workers=3", "gunicorn.backlog=5", "gunicorn.timeout=31s"],
    });
    expect(found).toMatchObject({ status: "changed", replications: 1 });
    expect(differenceOf(found, "EAGAIN.share")).toBeCloseTo(11 / 20 - 8 / 20, 12);
    // Of the share that succeeds.
    const effects = Object.fromEntries(
      found.culprits.map(({ name, effect }) => [name, effect?.difference.value]),
    );
    expect(effects["gunicorn.workers"]).toBeCloseTo(1 / 20, 12);
    expect(effects["gunicorn.backlog"]).toBeCloseTo(-4 / 20, 12);
    expect(effects["gunicorn.timeout"]).toBe(0);
  });

  test("though no setting has, is the model's doing", async () => {
    const baseline = await baselineOf(BURST, {
      edit({ scenarios }) {
        const entry = scenarios["a.yaml"] as Baseline["scenarios"][string];
        entry.recvq = "0.0.9";
        entry.fingerprint = "0123456789abcdef";
        entry.numbers["count outcome.EAGAIN"] = [9];
      },
    });
    const found = await against(baseline, BURST);
    expect(found).toMatchObject({ status: "changed", recvq: "0.0.9", was: "0123456789abcdef" });
    expect(names(found)).toEqual(["model recvq"]);
    expect(found.culprits[0]?.effect?.difference.value).toBeCloseTo(-1 / 20, 12);
    const both = await against(baseline, BURST, { set: ["gunicorn.backlog=5"] });
    expect(names(both)).toEqual(["model recvq", "setting gunicorn.backlog"]);
  });

  test("is compared in as many runs as there were when run.time_limit came, or in more", async () => {
    const baseline = await baselineOf(BUSY, { replications: 5 });
    const set = ["gunicorn.workers=4", "gunicorn.timeout=31s"];
    const found = await against(baseline, BUSY, { replications: 5, set, isOver: () => true });
    expect(found.status).toBe("changed");
    for (const { difference } of found.differences) expect(difference?.value).not.toBeNaN();
    expect(found.culprits.map(({ effect }) => effect?.difference.value)).not.toContain(Number.NaN);
    expect(
      (await baselineOf(BUSY, { replications: 5, isOver: () => true })).scenarios["a.yaml"]?.replications,
    ).toBe(2);
  });

  test("in a file that the scenario reads is that file's", async () => {
    const traced = BURST.replace("sleep: 1s", "sleep: { empirical: times.csv }");
    const table = (seconds: number) => () => ({ seconds: new Float64Array([seconds]) });
    const baseline = await baselineOf(traced, { table: table(1) });
    const found = await against(baseline, traced, { table: table(2) });
    expect(names(found)).toEqual(["file times.csv"]);
  });

  test("may be settings that are refused now: it says why", async () => {
    const baseline = await baselineOf(BURST, {
      edit({ scenarios }) {
        const entry = scenarios["a.yaml"] as Baseline["scenarios"][string];
        (entry.scenario.gunicorn as { workers: number }).workers = 0;
        entry.fingerprint = "0123456789abcdef";
        entry.numbers["count outcome.EAGAIN"] = [9];
      },
    });
    const { culprits } = await against(baseline, BURST);
    expect(culprits[0]).toMatchObject({
      kind: "model",
      note: expect.stringContaining("expected a whole number from 1"),
    });
    expect(culprits[1]).toMatchObject({ kind: "setting", name: "gunicorn.workers", a: 0, b: 2 });
  });
});

describe("the file", () => {
  test("has a line for each column, and comes back as it was", async () => {
    const baseline = await baselineOf(BUSY, { replications: 3 });
    const text = baselineText(baseline);
    expect(text).toMatch(/^ {8}"sent": \[5000,5000,5000\],$/m);
    expect(parseBaseline(text, "b.json")).toEqual(baseline);
  });

  test.each([
    ["half of it", (text: string) => text.slice(0, 900), /^b.json: expected a baseline as JSON, whole/],
    ["a merge's marks", (text: string) => `<<<<<<< HEAD\n${text}`, /^b.json: expected a baseline as JSON/],
    ["another version", (text: string) => text.replace('"version": 1', '"version": 2'), /^b.json: version: /],
    [
      "a number too few",
      (text: string) => text.replace("[5000,5000,5000]", "[5000,5000]"),
      "b.json: scenarios.a.yaml.numbers.sent: expected a number for each of 3 replications, got 2",
    ],
    [
      "a word for a number",
      (text: string) => text.replace("[5000,5000,5000]", '[5000,"many",5000]'),
      /^b.json: scenarios\.a\.yaml\.numbers\.sent/,
    ],
  ])("with %s is refused", async (_, damage, message) => {
    const text = baselineText(await baselineOf(BUSY, { replications: 3 }));
    expect(() => parseBaseline(damage(text), "b.json")).toThrow(message);
  });
});
