// The points of a sweep: which there are, in which order they come, and what becomes of each.

import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { pointMetric, type SweptPoint, sweep } from "../../src/index.js";
import { changesText, type Point, pointOf } from "../../src/run/point.js";
import { type PointComputer, type PointOutcome, sweepOf } from "../../src/run/sweep.js";
import { grid, latinHypercube, sweepId } from "../../src/run/sweep-points.js";
import { sweepJsonSchema, sweepMetrics, sweepResult, sweepSchema } from "../../src/run/sweep-result.js";
import { ScenarioError } from "../../src/scenario/error.js";
import { parseKnob } from "../../src/scenario/knob-values.js";
import { scenarioOf } from "../support/compare.js";

const BURST = `
clients: { arrivals: { process: burst, requests: 20 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9, overhead: 0s }
app: { sleep: 1s }
`;

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const found = [];
  for await (const value of values) found.push(value);
  return found;
}

const named = (rows: readonly { point: Point }[]) => rows.map(({ point }) => changesText(point.changes));
const shareOf = (row: SweptPoint, metric: string) =>
  "result" in row ? pointMetric(row.result, metric)?.value : undefined;

describe("a grid", () => {
  test("is every combination, the last knob turning first", () => {
    const knobs = ["a=1,2", "b=x,y,z"].map((text) => parseKnob(text));
    expect(grid(knobs).map(changesText)).toEqual([
      ...["a=1, b=x", "a=1, b=y", "a=1, b=z", "a=2, b=x", "a=2, b=y", "a=2, b=z"],
    ]);
  });

  test("of more points than fit is refused, with its size and a way out", () => {
    const knobs = ["a=1..200", "b=1..101"].map((text) => parseKnob(text));
    expect(() => grid(knobs)).toThrow("expected at most 20000 points, got 200 x 101 = 20200; take fewer");
  });
});

describe("a Latin hypercube", () => {
  const knobs = ["a=0..1000000:lin", "b=1..4"].map((text) => parseKnob(text, { sampled: true }));

  test("takes each of as many equal parts of a range once, whatever the seed and the number", () => {
    const property = fc.property(fc.integer({ min: 2, max: 60 }), fc.integer(), (count, seed) => {
      const points = latinHypercube(knobs, count, String(seed));
      const parts = points.map(([a]) => Math.floor(((a?.value as number) / 1_000_000) * count));
      expect([...parts].sort((one, other) => one - other)).toEqual([...parts.keys()]);
      const times = [1, 2, 3, 4].map((value) => points.filter(([, b]) => b?.value === value).length);
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1);
    });
    void fc.assert(property, { seed: 1, numRuns: 100 });
  });

  test("is the same for the same seed, and another for another", () => {
    const of = (seed: string) => latinHypercube(knobs, 30, seed).map(changesText);
    expect(of("1")).toEqual(of("1"));
    expect(of("1")).not.toEqual(of("2"));
  });
});

/** Points with these values of a setting that matters. */
function pointsOf(values: readonly number[]): Promise<Point[]> {
  const made = values.map((value) => {
    const set = [`gunicorn.workers=${value}`];
    const changes = [{ knob: "gunicorn.workers", value }];
    const table = () => ({});
    return pointOf(scenarioOf(BURST, set), { components, table, changes });
  });
  return Promise.all(made);
}

/** A computer that finishes when it is told to, and remembers what it was asked. */
function handMade(width: number) {
  const asked: number[] = [];
  const finish = new Map<number, (outcome?: Error) => void>();
  const computer: PointComputer = {
    width,
    compute({ changes }) {
      const workers = changes[0]?.value as number;
      asked.push(workers);
      return new Promise((resolve, reject) => {
        finish.set(workers, (error) => (error ? reject(error) : resolve({ workers } as never)));
      });
    },
  };
  return { asked, computer, finish: (workers: number, error?: Error) => finish.get(workers)?.(error) };
}

const turns = async (count = 5) => {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
};

describe("points", () => {
  test("come in their order, whatever is finished first, and no more are computed at a time than fit", async () => {
    const { asked, computer, finish } = handMade(2);
    const finished: number[] = [];
    const told = (point: Point) => finished.push(point.changes[0]?.value as number);
    const rows = all(sweepOf(await pointsOf([1, 2, 3, 4]), { computer, finished: told }));
    await turns();
    expect(asked).toEqual([1, 2]);
    for (const workers of [2, 3, 4, 1]) {
      finish(workers);
      await turns();
    }
    expect(finished).toEqual([2, 3, 4, 1]);
    expect(asked).toEqual([1, 2, 3, 4]);
    expect(named(await rows)).toEqual([1, 2, 3, 4].map((workers) => `gunicorn.workers=${workers}`));
  });

  test("one at a time are computed only when somebody waits for them", async () => {
    const { asked, computer, finish } = handMade(1);
    const rows = sweepOf(await pointsOf([1, 2, 3]), { computer });
    const first = rows.next();
    await turns();
    finish(1);
    await first;
    await turns();
    expect(asked).toEqual([1]);
    await rows.return(undefined);
  });

  test("that are known, or the same, are not computed again", async () => {
    const points = await pointsOf([1, 2, 2, 3]);
    const { asked, computer, finish } = handMade(4);
    const known = new Map<string, PointOutcome>([[points[0]?.id as string, { failed: "as before" }]]);
    const shares: number[] = [];
    const progress = (share: number) => {
      shares.push(share);
    };
    const rows = all(sweepOf(points, { computer, known, progress }));
    await turns();
    expect(asked).toEqual([2, 3]);
    finish(2);
    finish(3);
    expect((await rows).map((row) => "failed" in row)).toEqual([true, false, false, false]);
    expect(shares).toEqual([2 / 3, 1]);
  });

  test("that cannot be computed say why, and stop no other", async () => {
    const { computer, finish } = handMade(2);
    const rows = all(sweepOf(await pointsOf([1, 2]), { computer }));
    await turns();
    finish(1, new ScenarioError([{ file: "a", path: "", text: "too many connections" }]));
    finish(2);
    expect((await rows).map((row) => ("failed" in row ? row.failed : "fine"))).toEqual([
      "a: too many connections",
      "fine",
    ]);
  });

  test("end with an error that is no fault of theirs, and with the reason of an abort", async () => {
    const { computer, finish } = handMade(2);
    const points = await pointsOf([1, 2, 3]);
    const rows = all(sweepOf(points, { computer }));
    await turns();
    finish(2, new Error("the thread has died"));
    await expect(rows).rejects.toThrow("the thread has died");
    const controller = new AbortController();
    const aborted = all(sweepOf(points, { computer, signal: controller.signal }));
    await turns();
    controller.abort(new Error("enough"));
    finish(1);
    await expect(aborted).rejects.toThrow("enough");
  });

  test("make another sweep if one of them is another", async () => {
    const [a, b, c] = (await pointsOf([1, 2, 3])) as [Point, Point, Point];
    expect(sweepId([a, b])).toBe(sweepId([a, b]));
    expect(new Set([sweepId([a, b]), sweepId([a, c]), sweepId([b, a]), sweepId([a])]).size).toBe(4);
  });
});

describe("the library", () => {
  test("iterates over a grid, in order, with the numbers of each point", async () => {
    const rows = await all(sweep(BURST, { vary: ["gunicorn.workers=2..3", "gunicorn.backlog=9,11"] }));
    // As many as workers and backlog + 1 find a place, of 20.
    const expected = [12, 14, 13, 15].map((places) => 1 - places / 20);
    expect(rows.map((row) => shareOf(row, "failure.share"))).toEqual(
      expected.map((share) => expect.closeTo(share, 12)),
    );
  });

  test("lays files over the scenario, before other changes", async () => {
    const files = {
      "more.yaml": "gunicorn: { workers: 8, backlog: 9 }",
      "deep.yaml": "gunicorn: { backlog: 13 }",
    };
    const rows = await all(
      sweep(BURST, { overlays: Object.keys(files), files, set: ["gunicorn.workers=4"] }),
    );
    expect(named(rows)).toEqual(["overlay=more.yaml", "overlay=deep.yaml"]);
    expect(rows.map((row) => shareOf(row, "failure.share"))).toEqual([
      expect.closeTo(6 / 20, 12),
      expect.closeTo(2 / 20, 12),
    ]);
  });

  test("varies the rate, and takes a scenario that is loaded", async () => {
    const text = BURST.replace(
      "{ process: burst, requests: 20 }",
      "{ process: constant, rate: 1/s, for: 2s }",
    );
    const rows = await all(sweep(scenarioOf(text), { vary: ["rate=5/s..10/s:5/s"] }));
    const totals = rows.map((row) => ("result" in row ? row.result.requests.total.value : undefined));
    expect(totals).toEqual([10, 20]);
  });

  test("tells all that is wrong with any point before the first one runs", async () => {
    const rows = sweep(BURST, { vary: ["gunicorn.workers=0..2", "gunicorn.backlog=9,x"] });
    await expect(rows.next()).rejects.toThrow(
      /^--vary gunicorn.workers=0: expected a whole number .*\n--vary gunicorn.backlog=x: expected/,
    );
    await expect(sweep(BURST, { vary: ["gunicorn.wokers=1,2"] }).next()).rejects.toThrow(
      '--vary gunicorn.wokers=1: unknown key; did you mean "workers"?',
    );
    await expect(sweep(BURST, { vary: ["rate=1/s,2/s"] }).next()).rejects.toThrow(/^--vary rate=1\/s: /);
  });

  test("gives neighbours the same random numbers", async () => {
    const text = `
clients: { arrivals: { process: poisson, rate: 50/s, for: 4s } }
gunicorn: { workers: 3 }
app: { sleep: { exponential: 50ms } }
run: { replications: 2 }
`;
    const rows = await all(sweep(text, { vary: ["gunicorn.workers=20,40"] }));
    // With so many workers nobody waits: all is as the service times are.
    const [one, other] = rows.map((row) => shareOf(row, "latency.mean"));
    expect(one).toBe(other);
  });
});

describe("the published schema of a Sweep", () => {
  test("accepts one, with what failed and what is not known", async () => {
    const knobs = [parseKnob("gunicorn.workers=2,3")];
    const rows = await all(sweep(BURST, { vary: ["gunicorn.workers=2,3"] }));
    const [first, second] = rows as [SweptPoint, SweptPoint];
    const metrics = sweepMetrics(["failure.share", "504.latency.p99"]);
    const made = sweepResult(scenarioOf(BURST), { knobs }, metrics, [
      first,
      { point: second.point, failed: "too many" },
    ]);
    const printed = JSON.parse(JSON.stringify(made));
    expect(sweepSchema.safeParse(printed).error).toBeUndefined();
    expect(printed.points[0].metrics["504.latency.p99"]).toEqual({ value: null, low: null, high: null });
    expect(printed.points[1]).toMatchObject({
      failed: "too many",
      metrics: { "failure.share": { value: null } },
    });
    expect(sweepSchema.safeParse({ ...printed, more: 1 }).success).toBe(false);
  });

  test("is the committed file; `npm run schema` writes it", () => {
    expect(JSON.parse(readFileSync("sweep.schema.json", "utf8"))).toEqual(sweepJsonSchema());
  });

  test("a metric that is none is refused", () => {
    expect(() => sweepMetrics(["502.shares"])).toThrow(/^--metric 502.shares: expected a metric such as/);
    expect(sweepMetrics([]).map(({ name, unit }) => `${name} ${unit}`)).toEqual([
      "failure.share share",
      "success.latency.p99 s",
      "accept_queue.max 1",
    ]);
  });
});
