import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ChartInput,
  chart,
  chartMargin,
  plotWidth,
  resample,
  sparkline,
  timeAxis,
} from "../../src/report/chart.js";

fc.configureGlobal({ seed: 200 });

const anything = fc.double({ noDefaultInfinity: false, noNaN: false });
const someColumns = fc.integer({ min: 40, max: 200 });
const how = fc.constantFrom("max" as const, "mean" as const);

function input(values: number[], more: Partial<ChartInput> = {}): ChartInput {
  return { values, step_s: 1, resample: "max", ...more };
}

function draw(values: number[], more: Partial<ChartInput> = {}): string[] {
  return chart(input(values, more), { columns: 40, colour: false });
}

/** Numbers at the axis, top first. */
function labelsOf(lines: readonly string[]): number[] {
  return lines.filter((line) => line.includes("┤")).map((line) => Number(line.slice(0, line.indexOf("┤"))));
}

describe("a chart", () => {
  test("never throws, is never wider than the columns and never has more rows than asked for and two", () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 300 }), someColumns, how, (values, columns, resample) => {
        const lines = chart(input(values, { resample }), { columns, colour: false });
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
        expect(lines.length).toBeLessThanOrEqual(8 + 2 + 2);
        expect(lines.join("")).not.toMatch(/NaN|Infinity|undefined|-0(?![.\d])/);
      }),
      { numRuns: 300 },
    );
  });

  test("ends at its data's highest and lowest value, with equal steps between, to a tenth of a step", () => {
    const levels = fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(levels, someColumns, (values, columns) => {
        const low = Math.min(...values);
        const high = Math.max(...values);
        fc.pre(high - low > 1e-300 + 1e-12 * Math.max(Math.abs(low), Math.abs(high)));
        const labels = labelsOf(chart(input(values), { columns, colour: false }));
        const step = (high - low) / (labels.length - 1);
        labels.forEach((label, row) => {
          expect(Math.abs(label - (high - row * step))).toBeLessThanOrEqual(0.1001 * step);
        });
      }),
    );
  });

  test("draws each value within half a row of its label", () => {
    const levels = fc.array(fc.integer({ min: -500, max: 5000 }), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(levels, someColumns, (many, columns) => {
        // As many values as there are columns, so that none is joined with another.
        const width = plotWidth(columns, 5);
        const values = [...many.slice(0, width - 2), -500, 5000];
        const lines = chart(input(values), { columns, colour: false, margin: 5 });
        const labels = labelsOf(lines);
        const step = (labels[0]! - labels[1]!) as number;
        values.forEach((value, column) => {
          const row = lines.findIndex((line) => "─╰╭".includes(line[7 + column] || " "));
          expect(Math.abs(labels[row]! - value)).toBeLessThanOrEqual(step * 0.61);
        });
      }),
    );
  });

  test("of nothing, or of nothing finite, says so", () => {
    expect(draw([])).toEqual(["(no data)"]);
    expect(draw([Number.NaN, Number.POSITIVE_INFINITY])).toEqual(["(no data)"]);
  });

  test("of one level labels that level", () => {
    expect(labelsOf(draw([0.4, 0.4]))[0]).toBe(0.4);
    expect(labelsOf(draw([0, 0]))).toContain(0);
    expect(labelsOf(draw([-3]))).toContain(-3);
  });

  test("cuts no digit off", () => {
    expect(labelsOf(draw([0, 123_456_789]))[0]).toBe(123_456_789);
    expect(labelsOf(draw([1e-4, 5e-4]))).toEqual([
      5e-4, 4.4e-4, 3.9e-4, 3.3e-4, 2.7e-4, 2.1e-4, 1.6e-4, 1e-4,
    ]);
    expect(labelsOf(draw([0, 3e15]))[0]).toBe(3e15);
  });

  test("leaves what is not finite blank and goes on behind it", () => {
    const width = plotWidth(40, 1);
    const values = Array.from({ length: width }, (_, step) => (step > 9 && step < 20 ? Number.NaN : 1));
    const top = draw(values)[0] as string;
    expect(top.slice(3)).toBe(`${"─".repeat(10)}${" ".repeat(10)}${"─".repeat(width - 20)}`);
  });

  test("dashes a limit that is near and ignores one that is far", () => {
    expect(draw([0, 4, 4, 0], { limit: 4 })[0]).toContain("┄");
    expect(labelsOf(draw([0, 4], { limit: 5 }))[0]).toBe(5);
    expect(draw([0, 4], { limit: 2049 }).join()).not.toContain("┄");
    expect(labelsOf(draw([0, 4], { limit: 2049 }))[0]).toBe(4);
  });

  test("has whole numbers at the axis if a few rows more or less make them whole", () => {
    for (const highest of [1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 64, 100]) {
      expect(labelsOf(draw([0, highest])).every(Number.isInteger)).toBe(true);
    }
  });

  test("keeps a peak of one step among thousands", () => {
    const values = new Array<number>(5000).fill(1);
    values[3777] = 100;
    expect(labelsOf(draw(values))[0]).toBe(100);
    expect(draw(values)[0]).toContain("╮");
  });

  test("of a queue that fills and drains looks like this", () => {
    const values = Array.from({ length: 60 }, (_, step) =>
      Math.max(0, step < 6 ? step * 20 : 129 - (step - 6) * 3),
    );
    expect(draw(values, { limit: 129, from: 0 }).join("\n")).toMatchInlineSnapshot(`
      "129 ┤┄┄┄╭──╮┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
      111 ┤   │  ╰───╮
       92 ┤  ╭╯      ╰──╮
       74 ┤  │          ╰───╮
       55 ┤ ╭╯              ╰──╮
       37 ┤ │                  ╰───╮
       18 ┤─╯                      ╰──╮
        0 ┤                           ╰───────
          └┬────┬─────┬─────┬─────┬─────┬─────
           0s   10s   20s   30s   40s   50s"
    `);
  });

  test("is as wide as its margin says, so that two can share their time axis", () => {
    const one = input([0, 5]);
    const lines = chart(one, { columns: 60, colour: false, margin: 12 });
    expect(chartMargin(one)).toBe(1);
    expect(lines.slice(0, -2).every((line) => line.indexOf("┤") === 13)).toBe(true);
  });
});

describe("the time axis", () => {
  test("has each label begin at its own time's column", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 9e6, noNaN: true }),
        fc.integer({ min: 20, max: 190 }),
        (total_s, width) => {
          const [rule, times] = timeAxis(total_s, width, 4) as [string, string];
          expect(rule.length).toBe(4 + 2 + width);
          expect(times.length).toBeLessThanOrEqual(4 + 2 + width);
          for (const { 0: label, index } of times.matchAll(/\S+/g)) {
            expect(rule[index]).toBe("┬");
            const column = index - 6;
            const seconds = secondsOf(label);
            expect(column).toBeLessThanOrEqual((seconds / total_s) * width + 1e-6);
            expect(column + 1).toBeGreaterThan((seconds / total_s) * width - 1e-6);
          }
          expect(times.trim().startsWith("0s")).toBe(true);
        },
      ),
    );
  });

  function secondsOf(label: string): number {
    const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9 };
    return [...label.matchAll(/([\d.]+)(ms|µs|ns|h|m|s)/g)].reduce(
      (sum, [, number, unit]) => sum + Number(number) * (units[unit as string] as number),
      0,
    );
  }
});

describe("resampling", () => {
  test("to a mean keeps the area, to a maximum keeps the peak", () => {
    const levels = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 240 });
    fc.assert(
      fc.property(levels, fc.integer({ min: 20, max: 190 }), (values, width) => {
        const means = resample(values, width, "mean");
        const average = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
        expect(average(means)).toBeCloseTo(average(values), 4);
        expect(Math.max(...resample(values, width, "max"))).toBe(Math.max(...values));
      }),
    );
  });
});

test("the axis of a chart ends where it is told to, if that is above the data", () => {
  const labels = (to: number) =>
    chart({ values: [1, 2, 4], step_s: 1, resample: "max", from: 0, to }, { columns: 40, colour: false })
      .map((line) => line.split("┤")[0]?.trim())
      .filter((_, row) => row === 0);
  expect(labels(8)).toEqual(["8"]);
  expect(labels(3)).toEqual(["4"]);
});

describe("a sparkline", () => {
  test("is blank for none, shows the least that there is and is full at the top", () => {
    expect(sparkline([0, 0.001, 4, 8, Number.NaN], 8)).toBe(" ▁▄█ ");
  });
});
