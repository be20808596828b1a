// The committed table, which no test computes anew: it has all cases, each as precise as was asked for and near the truth.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { cases, theoryValue, values } from "./cases.js";
import { critical } from "./estimate.js";
import { rareCases } from "./rare.js";
import { doubtsIn } from "./scores.js";
import type { Published } from "./table.js";

/** Half-widths of 99.9 % intervals, in parts of the value: ordinary ones, and those of rare refusals. */
const [ORDINARY, RARE] = [0.005, 0.05];
const [limit, rareLimit] = [critical(cases.length), critical(rareCases.length)];

const nameOf = ({ id, law }: { id: string; law?: string | undefined }) =>
  law === undefined ? id : `${id}, ${law}`;

/** What is wrong with a table. */
function faults({ cases: rows, rare, left_out, scores, relative_half_width }: Published): string[] {
  return [
    ...(relative_half_width === ORDINARY ? [] : [`half-widths of ${relative_half_width}`]),
    ...unlike(rows.map(nameOf), cases.map(nameOf)),
    ...unlike(
      rare.map(({ id }) => id),
      rareCases.map(({ id }) => id),
    ),
    ...unlike(
      [...new Set([...rows, ...rare, ...left_out].map(({ id }) => id))],
      values.map(({ id }) => id),
    ),
    ...rows.flatMap((row) => [
      ...faultsOf(row, {
        halfWidth: ORDINARY * row.exact,
        most: limit,
        least: row.is_bound ? -Infinity : -limit,
      }),
      ...(row.is_bound === isBound(row) ? [] : [`${nameOf(row)}: bound or not`]),
    ]),
    ...rare.flatMap((row) =>
      faultsOf(row, { halfWidth: RARE * row.estimate, most: rareLimit, least: -rareLimit }),
    ),
    ...doubtsIn(scores).map((doubt) => `z-scores: ${doubt}`),
  ];
}

/** Names that are missing, there twice, or of nothing. */
function unlike(found: readonly string[], wanted: readonly string[]): string[] {
  return [...new Set([...found, ...wanted])].flatMap((name) => {
    const [times, right] = [found, wanted].map((all) => all.filter((one) => one === name).length);
    return times === right ? [] : [`${name}: ${times} times, not ${right}`];
  });
}

function isBound(row: { id: string; law?: string }): boolean {
  return cases.find((one) => nameOf(one) === nameOf(row))?.isBound === true;
}

interface Asked {
  halfWidth: number;
  least: number;
  most: number;
}

type Found = Pick<Published["rare"][number], "id" | "exact" | "estimate" | "low" | "high" | "z">;

function faultsOf({ id, exact, estimate, low, high, z }: Found, { halfWidth, least, most }: Asked): string[] {
  // Of what is certain both ends are the value.
  const isWide = !(high - low <= 2 * halfWidth * (1 + 1e-9) && low <= estimate && estimate <= high);
  // Of an infinite one JSON makes null.
  const isFar = !Number.isFinite(z) || z < least || z > most || Math.sign(z) * (estimate - exact) < 0;
  return [
    ...(exact === theoryValue(id).value ? [] : [`${id}: not the value of values.json`]),
    ...(isWide ? [`${id}: from ${low} to ${high}`] : []),
    ...(isFar ? [`${id}: z = ${z}`] : []),
  ];
}

describe("the committed table", () => {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
  const published = (): Published => JSON.parse(read("table.json"));

  test("has every case once, each as precise as asked for, and none too far from theory", () => {
    expect(faults(published())).toEqual([]);
  });

  test("is the same as Markdown and as data", () => {
    const lines = read("table.md").split("\n");
    const rows = [
      ...published().cases.map((row) => ({ ...row, text: row.estimate.toPrecision(6) })),
      ...published().rare.map((row) => ({ ...row, text: row.estimate.toPrecision(4) })),
    ];
    const missing = rows.filter(
      ({ id, text }) => !lines.some((line) => line.startsWith(`| ${id} `) && line.includes(` ${text} `)),
    );
    expect(missing.map(({ id }) => id)).toEqual([]);
  });
});

describe("a table is not published", () => {
  // As precise as asked for, and right.
  const rowOf = (id: string, share: number) => {
    const { model, params, quantity, value: exact } = theoryValue(id);
    const half = share * exact;
    const ends = { estimate: exact, low: exact - half, high: exact + half };
    return { id, model, params, quantity, exact, ...ends, asked: share, z: 0 };
  };
  const met = new Set([...cases, ...rareCases].map(({ id }) => id));
  const good = (): Published => ({
    ...{ confidence: 0.999, relative_half_width: ORDINARY, largest_z: limit },
    cases: cases.map(({ id, law, isBound }) => ({
      ...{ ...rowOf(id, ORDINARY), ...(law !== undefined && { law }) },
      ...{ is_bound: isBound === true, plain_z: 0, replications: 30 },
    })),
    rare: rareCases.map(({ id }) => ({ ...rowOf(id, RARE), paths: 1 })),
    scores: { count: 200, mean: 0, variance: 1, distance: 0.05 },
    left_out: values
      .filter(({ id }) => !met.has(id))
      .map(({ id, model, quantity, value }) => ({ id, model, quantity, exact: value, reason: "one" })),
  });
  type Row = Published["cases"][number] & Published["rare"][number];
  const changed = (change: (table: Published, of: (id: string) => Row) => void) => {
    const table = good();
    change(table, (id) => [...table.cases, ...table.rare].find((row) => row.id === id) as Row);
    return faults(table);
  };

  test("although nothing is wrong with it: it is", () => {
    expect(faults(good())).toEqual([]);
  });

  test.each<[string, (table: Published, of: (id: string) => Row) => void, RegExp]>([
    ["without one of its cases", (table) => table.cases.pop(), /^M5: 0 times, not 1$/],
    ["with one twice", (table) => table.cases.push(table.cases[0] as Row), /^A1: 2 times, not 1$/],
    ["without a rare one", (table) => table.rare.pop(), /^NG: 0 times, not 1$/],
    ["that says nothing of a value", (table) => table.left_out.pop(), /: 0 times, not 1$/],
    ["of another law", (_, of) => Object.assign(of("L3"), { law: "Pareto" }), /^L3, Pareto: 1 times, not 0$/],
    ["with an interval that is too wide", (_, of) => (of("B5").high *= 1.001), /^B5: from/],
    ["with a rare one that is too wide", (_, of) => (of("N20").high *= 1.01), /^N20: from/],
    ["that is too far off", (_, of) => (of("E1").z = limit + 0.1), /^E1: z = 5/],
    ["with a rare value too far off", (_, of) => (of("N4@72").z = -rareLimit - 0.1), /^N4@72: z = -/],
    ["whose bound is exceeded", (_, of) => (of("F3").z = limit + 0.1), /^F3: z = 5/],
    ["with a z that is no number", (_, of) => Object.assign(of("M5"), { z: null }), /^M5: z = null$/],
    ["of other values", (_, of) => (of("A6").exact *= 1.0001), /^A6: not the value/],
    ["whose value is taken for a bound", (_, of) => (of("A6").is_bound = true), /^A6: bound or not$/],
    ["with wider intervals", (table) => (table.relative_half_width = 0.01), /^half-widths of 0\.01$/],
    ["with intervals too narrow", ({ scores }) => (scores.variance = 2), /^z-scores: variance/],
  ])("%s", (_, change, text) => {
    expect(changed(change)).toContainEqual(expect.stringMatching(text));
  });

  test("with a bound far below is", () => {
    expect(changed((_, of) => (of("F3").z = -30))).toEqual([]);
  });
});
