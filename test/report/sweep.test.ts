// A sweep as text, CSV and Parquet.

import { parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { sweepText } from "../../src/report/sweep.js";
import { sweepCsv, sweepParquet } from "../../src/report/sweep-rows.js";
import type { Sweep } from "../../src/run/sweep-result.js";

type Told = Sweep["points"][number]["metrics"][string];

const told = (value: number | null, half: number | null = 0): Told => ({
  value,
  low: value === null || half === null ? null : value - half,
  high: value === null || half === null ? null : value + half,
});

/** One number of each kind for a point. */
const numbers = (share: Told, latency: Told, level: Told) => ({
  "failure.share": share,
  "success.latency.p99": latency,
  "accept_queue.max": level,
});

const METRICS: Sweep["metrics"] = [
  { name: "failure.share", unit: "share" },
  { name: "success.latency.p99", unit: "s" },
  { name: "accept_queue.max", unit: "1" },
];

const result = (warnings: string[] = [], deterministic = false) =>
  ({ replications: 20, deterministic, warnings }) as unknown as Sweep["points"][number]["result"];

function sweepOver(knobs: Sweep["knobs"], metrics: Told[][], more: Partial<Sweep> = {}): Sweep {
  const combinations = knobs.reduce<Sweep["points"][number]["changes"][]>(
    (some, { name: knob, values }) =>
      some.flatMap((changes) => values.map((value) => [...changes, { knob, value }])),
    [[]],
  );
  const points = combinations.map((changes, index) => {
    const [share, latency, level] = metrics[index] as [Told, Told, Told];
    return { id: `${index}`, changes, metrics: numbers(share, latency, level), result: result() };
  });
  const scenario = {};
  return {
    version: 1,
    recvq: "0.1.0",
    source: "a.yaml",
    seed: "1",
    scenario,
    knobs,
    metrics: METRICS,
    points,
    ...more,
  };
}

const WORKERS = { name: "gunicorn.workers", values: [4, 8, 16], ordered: true };
const SOMAXCONN = { name: "kernel.sysctl.net.core.somaxconn", values: [128, 4096], ordered: true };

const curve = () =>
  sweepOver(
    [WORKERS],
    [
      [told(0.3, 0.05), told(2.5, 0.25), told(129)],
      [told(0.1, 0.02), told(1.25, 0.1), told(100.5, 2)],
      [{ value: 0, low: 0, high: 0.002 }, told(null), told(3, null)],
    ],
  );

const screen = { columns: 80, colour: false };

test("a curve has nothing below 0, whatever the interval says", () => {
  const rare = [told(0), told(0), told(0.05, 0.1)];
  const text = sweepText(sweepOver([WORKERS], [rare, rare, rare]), { ...screen, quiet: false });
  expect(text).toContain("0.05 ± 0.10");
  expect(text.split("\n").filter((line) => /^ *-.*┤/.test(line))).toEqual([]);
});

describe("text", () => {
  test("of one knob is a table with intervals, and a curve with its band for each metric", () => {
    expect(`\n${sweepText(curve(), screen)}`).toMatchInlineSnapshot(`
      "
      3 points, a.yaml, recvq 0.1.0. 20 replications each, with the same random
      numbers at all points, seed 1. ± is the 95 % interval of each number.

      workers     failure.share  success.latency.p99  accept_queue.max
            4  30.0 % ± 5.0 %          2.50s ± 0.25s         129
            8  10.0 % ± 2.0 %          1.25s ± 0.10s       100.5 ± 2.0
           16     0 % (< 0.2 %)            -                   3

      failure.share (%) by gunicorn.workers, shaded: 95 % interval
      35 ┤░░░░░░░░░░
      30 ┤──────────╮
      25 ┤░░░░░░░░░░│
      20 ┤          │
      15 ┤          │
      10 ┤          ╰─────────╮
       5 ┤                    │
       0 ┤                    ╰─────────
         └─────┬─────────┬─────────┬────
               4         8        16

      success.latency.p99 (seconds) by gunicorn.workers, shaded: 95 % interval
      2.75 ┤░░░░░░░░░░
      2.36 ┤──────────╮
      1.96 ┤          │
      1.57 ┤          │
      1.18 ┤          ╰─────────
      0.79 ┤
      0.39 ┤
      0.00 ┤
           └─────┬─────────┬─────────┬────
                 4         8        16

      accept_queue.max by gunicorn.workers, shaded: 95 % interval
      129 ┤──────────╮
      111 ┤          │░░░░░░░░░
       92 ┤          ╰─────────╮
       74 ┤                    │
       55 ┤                    │
       37 ┤                    │
       18 ┤                    │
        0 ┤                    ╰─────────
          └─────┬─────────┬─────────┬────
                4         8        16
      "
    `);
  });

  test("of two knobs has heat maps, with a question mark where nothing is known", () => {
    const shares = [0.4, 0, 0.3, 0, 0.1, null];
    const found = sweepOver(
      [WORKERS, SOMAXCONN],
      shares.map((share) => [told(share), told(2), told(5)]),
      { metrics: METRICS.slice(0, 1) },
    );
    expect(`\n${sweepText(found, screen)}`).toMatchInlineSnapshot(`
      "
      6 points, a.yaml, recvq 0.1.0. 20 replications each, with the same random
      numbers at all points, seed 1. ± is the 95 % interval of each number.

      workers  somaxconn  failure.share
            4        128           40 %
            4       4096            0 %
            8        128           30 %
            8       4096            0 %
           16        128           10 %
           16       4096              -

      failure.share: gunicorn.workers down, kernel.sysctl.net.core.somaxconn across
       4 ┤██████······
       8 ┤▓▓▓▓▓▓······
      16 ┤░░░░░░??????
         └───┬─────┬──
            128  4096
      · 0 %, ░ to 10 %, ▒ to 20 %, ▓ to 30 %, █ to 40 %
      "
    `);
  });

  test("tells what has failed, and each warning once with its place", () => {
    const found = curve();
    const [first, second, third] = found.points as [Point, Point, Point];
    const spoilt = { ...first, metrics: numbers(told(null), told(null), told(null)), failed: "too many" };
    delete spoilt.result;
    const warned = [second, third].map((point) => ({ ...point, result: result(["mind the gap"]) }));
    const text = sweepText({ ...found, points: [spoilt, ...warned] }, screen);
    expect(text).toContain("\n      4  failed");
    expect(text).toContain("\ngunicorn.workers=4: too many\n");
    expect(text).toContain("\nAt 2 points, first gunicorn.workers=8: mind the gap\n");
  });

  test("has as many tables as it takes, none wider than the terminal", () => {
    const lines = sweepText(curve(), { columns: 40, colour: false }).split("\n");
    expect(lines.filter((line) => line.startsWith("workers "))).toHaveLength(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  test("of files and words, of a Latin hypercube, and with quiet has no pictures", () => {
    const words = { name: "gunicorn.worker_class", values: ["sync", "gthread", "gevent"], ordered: false };
    const tellings = curve().points.map(({ metrics }) => Object.values(metrics));
    const texts = [
      sweepText(sweepOver([words], tellings), screen),
      sweepText({ ...curve(), lhs: 3 }, screen),
      sweepText(curve(), { ...screen, quiet: true }),
    ];
    for (const text of texts) expect(text).not.toContain("┤");
    expect(texts[1]).toMatch(/^3 points of a Latin hypercube over 1 knobs/);
    expect(texts[2]?.split("\n")).toHaveLength(5);
  });

  test("of what is not random says so", () => {
    const points = curve().points.map((point) => ({ ...point, result: result([], true) }));
    expect(sweepText({ ...curve(), points }, screen)).toContain("Nothing here is random: exact.");
  });
});

type Point = Sweep["points"][number];

describe("rows", () => {
  test("as CSV leave out what is not known", () => {
    expect(sweepCsv(curve()).split("\n").slice(0, 4)).toEqual([
      "gunicorn.workers,failure.share,failure.share.low,failure.share.high,success.latency.p99," +
        "success.latency.p99.low,success.latency.p99.high,accept_queue.max,accept_queue.max.low,accept_queue.max.high,id",
      "4,0.3,0.25,0.35,2.5,2.25,2.75,129,129,129,0",
      "8,0.1,0.08,0.12000000000000001,1.25,1.15,1.35,100.5,98.5,102.5,1",
      "16,0,0,0.002,,,,3,,,2",
    ]);
  });

  test("as CSV quote texts with commas, and tell what has failed", () => {
    const knob = { name: "app.sleep", values: ["{gamma: {mean: 1s, cv: 2}}"], ordered: false };
    const found = sweepOver([knob], [[told(1), told(1), told(1)]]);
    const points = found.points.map((point) => ({ ...point, failed: 'a "b"' }));
    const [head, row] = sweepCsv({ ...found, points }).split("\n");
    expect(head).toMatch(/^app.sleep,.*,failed,id$/);
    expect(row).toMatch(/^"\{gamma: \{mean: 1s, cv: 2\}\}",.*,"a ""b""",0$/);
  });

  test("as Parquet read back as numbers, texts and nulls", async () => {
    const units = { name: "rate", values: ["1/s", "2/s", "3/s"], ordered: true };
    const tellings = curve().points.map(({ metrics }) => Object.values(metrics));
    const { buffer } = await sweepParquet(sweepOver([units], tellings));
    const rows = await parquetReadObjects({ file: buffer as ArrayBuffer });
    expect(rows.map((row) => row.rate)).toEqual(["1/s", "2/s", "3/s"]);
    expect(rows[0]).toMatchObject({ "failure.share": 0.3, "success.latency.p99.low": 2.25, id: "0" });
    expect(rows[2]).toMatchObject({ "success.latency.p99": null, "accept_queue.max.high": null });
    const [numbered] = await parquetReadObjects({
      file: (await sweepParquet(curve())).buffer as ArrayBuffer,
    });
    expect(numbered).toMatchObject({ "gunicorn.workers": 4 });
  });
});
