// A point stands by itself: whoever has its JSON can compute it, and gets the same bytes.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { columns } from "../../src/run/columns.js";
import { metricOf } from "../../src/run/metrics.js";
import { computePoint, type Point, parsePoint, pointOf } from "../../src/run/point.js";
import { metricOfPoint, parsePointResult, pointResultSchema } from "../../src/run/point-result.js";
import { type Replication, replicate } from "../../src/run/replicate.js";
import { run } from "../../src/run/run.js";
import { numbersOf } from "../../src/run/summary.js";
import { parseTable } from "../../src/scenario/table.js";
import { scenarioOf } from "../support/compare.js";

const BUSY = `
clients: { arrivals: { process: poisson, rate: 90/s, for: 5s } }
nginx: { upstream: { servers: ["unix:/run/g.sock"] } }
gunicorn: { bind: "unix:/run/g.sock", workers: 4, backlog: 10 }
app: { sleep: { empirical: times.csv } }
run: { replications: 4 }
`;
const TIMES = "service_s\n0.02\n0.05\n0.09\n-0\n";
const options = { components, system: queueingSystem };
const table = (file: string) => parseTable(TIMES, file);
const pointFor = (set: string[] = [], text = BUSY) => pointOf(scenarioOf(text, set), { components, table });
const again = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

describe("a point", () => {
  test("is plain JSON, with the files that the scenario names inside", async () => {
    const point = await pointFor();
    expect(again(point)).toStrictEqual(point);
    expect(point.tables).toEqual({ "times.csv": { service_s: [0.02, 0.05, 0.09, 0] } });
    expect(parsePoint(again(point), "queue")).toEqual(point);
  });

  test("has the id of all that its result depends on, and of nothing else", async () => {
    const { id } = await pointFor();
    const others = await Promise.all([
      pointFor(["gunicorn.workers=5"]),
      pointFor(["run.seed=2"]),
      pointFor(["run.replications=5"]),
      pointOf(scenarioOf(BUSY), { components, table: (file) => parseTable(`${TIMES}1\n`, file) }),
    ]);
    expect(new Set([id, ...others.map((other) => other.id)]).size).toBe(5);
    const named = pointOf(scenarioOf(BUSY, ["gunicorn.workers=4"], "other.yaml"), {
      ...{ components, table },
      changes: [{ knob: "gunicorn.workers", value: 4 }],
    });
    expect((await named).id).toBe(id);
    // How fast the machine is has no say in a point.
    expect((await pointFor(["run.time_limit=1s"])).id).toBe(id);
  });

  test("gives the same bytes from its JSON as at home, and the numbers of a run", async () => {
    const point = await pointFor();
    const [here, there] = [await computePoint(point, options), await computePoint(again(point), options)];
    expect(JSON.stringify(there)).toBe(JSON.stringify(here));
    expect(again(here)).toStrictEqual(here);
    const { outcomes, fingerprint, requests } = await run(scenarioOf(BUSY), { ...options, table });
    expect(here).toMatchObject({ outcomes, fingerprint, requests, point: point.id, replications: 4 });
  });

  test("is refused at the place of the mistake if its settings do not go together", async () => {
    const refused = pointFor(["clients.arrivals={process: trace, file: times.csv}"]);
    await expect(refused).rejects.toThrow(/^--set clients.arrivals=.*times.csv/);
  });

  test("that ends early says so", async () => {
    const { incomplete, replications } = await computePoint(await pointFor(), {
      ...options,
      isOver: () => true,
    });
    expect([incomplete, replications]).toEqual([expect.stringContaining("after 1 of 4"), 1]);
  });
});

describe("from outside", () => {
  test.each<[string, (point: Point) => unknown, RegExp]>([
    ["no object", () => 7, /^queue: expected an object, got 7/],
    ["another id", (point) => ({ ...point, id: "0" }), /^queue: id: expected [0-9a-f]{32}, .* got 0: it is/],
    ["another seed", (point) => again({ ...point, scenario: { run: { seed: 2 } } }), /^queue: id: expected/],
    ["an unknown key", (point) => ({ ...point, eval: "1" }), /^queue: unknown key eval/],
    ["no tables", ({ tables: _, ...point }) => point, /^queue: tables: missing; expected/],
    [
      "a text in a table",
      (point) => ({ ...point, tables: { a: { b: [1, "2"] } } }),
      /^queue: tables.a.b.1: expected a number, got "2"/,
    ],
  ])("a point with %s is refused", async (_, spoilt, message) => {
    const point = await pointFor();
    expect(() => parsePoint(spoilt(point), "queue")).toThrow(message);
  });

  test("a point whose scenario is none is refused when it is computed", async () => {
    const point = await pointFor();
    const spoilt = { ...point, changes: [], scenario: { ...point.scenario, app: { sleep: "1" } } };
    await expect(computePoint(spoilt, options)).rejects.toThrow(/app.sleep: expected a duration/);
  });

  test("a result is taken as it is, or refused", async () => {
    const point = await pointFor();
    const result = await computePoint(point, options);
    expect(parsePointResult(again(result), "journal:7", point.id)).toEqual(result);
    const spoilt = (more: object) => () => parsePointResult({ ...result, ...more }, "journal:7", point.id);
    expect(spoilt({ point: "1" })).toThrow(`journal:7: point: expected ${point.id}, got 1`);
    expect(spoilt({ recvq: "0.0.1" })).toThrow(/^journal:7: recvq: expected .*, got 0.0.1$/);
    expect(spoilt({ outcomes: { 200: 1 } })).toThrow(/^journal:7: outcomes.200: expected an object, got 1/);
    expect(spoilt({ never: undefined })).toThrow(/^journal:7: never: missing/);
  });
});

const METRICS = [
  ...["200.share", "502.share", "success.share", "failure.share", "EAGAIN.share", "ENOENT.share"],
  ...["504.share", "502.rate"],
  ...["cause.unix-queue-full.share", "cause.none.share", "latency.p99", "latency.min", "200.latency.mean"],
  ...["502.latency.p50", "504.latency.p50", "success.latency.p95", "throughput"],
  ...["accept_queue.max", "accept_queue.mean", "time_wait.max", "time_wait.mean", "workers.utilisation"],
  "wasted.share",
];

describe("each metric", () => {
  test("is that of the replications, with its interval", async () => {
    const settings = ["nginx.listen=127.0.0.1:80", "clients.target=127.0.0.1:80"];
    const point = await pointFor(settings);
    const result = await computePoint(point, options);
    const all = columns();
    const job = { ...scenarioOf(BUSY, settings), components, seed: "1", table };
    let first: Replication | undefined;
    for (let index = 0; index < 4; index++) {
      const replication = await replicate(job, index);
      first ??= replication;
      all.add(numbersOf(replication));
    }
    for (const name of METRICS) {
      const expected = metricOf(name, first as Replication)?.interval(all, 0.95);
      expect([name, metricOfPoint(result, name)]).toEqual([name, expected]);
    }
    expect(metricOfPoint(result, "502.share")?.value).toBeGreaterThan(0);
    expect(metricOfPoint(result, "time_wait.max")?.value).toBeGreaterThan(0);
    expect(metricOfPoint(result, "502.shares")).toBeUndefined();
  });

  test("of what never happened reaches from 0 to what that allows", async () => {
    const result = await computePoint(await pointFor(), options);
    // More than the 3 / n of about 1,800 requests that are independent, less than what replications by themselves
    // allow; and of 90 requests a second.
    const high = metricOfPoint(result, "504.share")?.high as number;
    expect(high).toBeGreaterThan(0.9 * (3 / 1800));
    expect(high).toBeLessThan(1 - 0.05 ** (1 / result.replications));
    expect((metricOfPoint(result, "504.rate")?.high as number) / high / 90).toBeCloseTo(1, 1);
  });

  test("of one long run has the interval of its batches, where a batch has such a number", async () => {
    const long = ["run.replications=1", "clients.arrivals.for=400s", "run.warmup=auto"];
    const result = await computePoint(await pointFor(long), options);
    expect(result.intervals?.method).toBe("batch means");
    for (const name of [
      "502.share",
      "failure.share",
      "200.rate",
      "success.latency.p95",
      "accept_queue.mean",
      "throughput",
    ]) {
      const { value = 0, low = 0, high = 0 } = metricOfPoint(result, name) ?? {};
      expect([name, low < value && value < high]).toEqual([name, true]);
      expect([name, high - low < value]).toEqual([name, true]);
    }
    expect(metricOfPoint(result, "accept_queue.max")).toMatchObject({ low: -Infinity, high: Infinity });
  });

  test("is exact where nothing is random", async () => {
    const burst = `
clients: { arrivals: { process: burst, requests: 20 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9 }
app: { sleep: 1s }
`;
    const result = await computePoint(await pointFor([], burst), options);
    // Two with the workers and 10 in the queue, of 20.
    expect(metricOfPoint(result, "EAGAIN.share")).toEqual({ value: 0.4, low: 0.4, high: 0.4 });
    expect(metricOfPoint(result, "accept_queue.max")).toEqual({ value: 10, low: 10, high: 10 });
    expect(pointResultSchema.safeParse(result).error).toBeUndefined();
  });
});
