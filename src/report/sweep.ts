// A sweep for the terminal: a table with intervals, then pictures where the knobs have an order.

import pc from "picocolors";
import type { Sweep } from "../run/sweep-result.js";
import { prose } from "./format.js";
import { printable, type TextOptions, wrap } from "./lines.js";
import { metricText } from "./sweep-numbers.js";
import { sweepPictures } from "./sweep-pictures.js";

/** With `quiet` the table only. */
export function sweepText(sweep: Sweep, options: TextOptions): string {
  const table = tables(sweep, options);
  if (options.quiet) return `${table.join("\n")}\n`;
  const { columns } = options;
  const notes = [...failures(sweep), ...warnings(sweep)].flatMap((note) => ["", ...wrap(note, columns, 2)]);
  const pictures = sweepPictures(sweep, options).flatMap((picture) => ["", ...picture]);
  return `${[...heading(sweep, columns), "", ...table, ...notes, ...pictures].join("\n")}\n`;
}

function heading({ points, lhs, knobs, source, recvq, seed }: Sweep, columns: number): string[] {
  const results = points.flatMap(({ result }) => (result ? [result] : []));
  const counts = results.map(({ replications }) => replications);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const each = fewest === most ? String(most) : `${fewest} to ${most}`;
  const isExact = results.length > 0 && results.every(({ deterministic }) => deterministic);
  const how = lhs === undefined ? "" : ` of a Latin hypercube over ${knobs.length} knobs`;
  const sure = isExact
    ? "Nothing here is random: exact."
    : `${each} replication${each === "1" ? "" : "s"} each, with the same random numbers at all points, ` +
      `seed ${seed}. ± is the 95 % interval of each number.`;
  const what = `${points.length} point${points.length === 1 ? "" : "s"}${how}`;
  return wrap(`${what}, ${source}, recvq ${recvq}. ${counts.length > 0 ? sure : ""}`.trim(), columns);
}

interface Column {
  title: string;
  /** A value, and what stands behind it: its ±. */
  cells: [string, string][];
}

/** As many tables as it takes for all metrics to fit; the knobs are in each. */
function tables(sweep: Sweep, { columns: width, colour }: TextOptions): string[] {
  const { bold } = pc.createColors(colour);
  const ofKnobs = sweep.knobs.map(({ name }): Column => {
    const valueAt = (changes: Sweep["points"][number]["changes"]) =>
      changes.find(({ knob }) => knob === name)?.value ?? "";
    return {
      title: shortName(name, sweep.knobs),
      cells: sweep.points.map(({ changes }) => [printable(String(valueAt(changes))), ""]),
    };
  });
  const knobs = texts(ofKnobs);
  const groups: string[][][] = [];
  let left = 0;
  for (const { name, unit } of sweep.metrics) {
    const cells = sweep.points.map(({ failed, metrics }): [string, string] => {
      if (failed !== undefined) return ["failed", ""];
      const printed = metricText(metrics[name] ?? NOTHING, unit);
      return [printed.text, prose(printed).slice(printed.text.length)];
    });
    const [column] = texts([{ title: name, cells }]) as [string[]];
    const size = BETWEEN.length + (column[0] as string).length;
    if (groups.length === 0 || size > left) {
      groups.push([...knobs]);
      left = width - knobs.reduce((sum, one) => sum + BETWEEN.length + (one[0] as string).length, 0);
    }
    groups.at(-1)?.push(column);
    left -= size;
  }
  return groups.flatMap((columns, index) => {
    const lines = [...(columns[0] as string[]).keys()].map((row) =>
      columns
        .map((column) => column[row])
        .join(BETWEEN)
        .trimEnd(),
    );
    return [...(index > 0 ? [""] : []), bold(lines[0] as string), ...lines.slice(1)];
  });
}

/** `somaxconn`: the last part of a name, if no other knob has it. */
function shortName(name: string, knobs: Sweep["knobs"]): string {
  const lastOf = (full: string) => full.split(".").at(-1) as string;
  const isUnique = knobs.filter((knob) => lastOf(knob.name) === lastOf(name)).length === 1;
  return printable(isUnique ? lastOf(name) : name);
}

const BETWEEN = "  ";
const NOTHING = { value: null, low: null, high: null };

/** Each column's lines, all as wide: values end below each other, and what is behind them begins so. */
function texts(columns: readonly Column[]): string[][] {
  return columns.map(({ title, cells }) => {
    const [values, rests] = [0, 1].map((part) =>
      Math.max(...cells.map((cell) => (cell[part] as string).length)),
    );
    const width = Math.max(title.length, (values as number) + (rests as number));
    const lines = cells.map(
      ([value, rest]) => value.padStart(values as number) + rest.padEnd(rests as number),
    );
    return [title, ...lines].map((line) => line.padStart(width));
  });
}

function where(changes: Sweep["points"][number]["changes"]): string {
  return changes.map(({ knob, value }) => `${knob}=${value}`).join(", ");
}

function failures({ points }: Sweep): string[] {
  return points.flatMap(({ failed, changes }) =>
    failed === undefined ? [] : [`${where(changes)}: ${failed}`],
  );
}

/** Each once, with where it holds. */
function warnings({ points }: Sweep): string[] {
  const places = new Map<string, string[]>();
  for (const { changes, result } of points) {
    for (const warning of result?.warnings ?? []) {
      places.set(warning, [...(places.get(warning) ?? []), where(changes)]);
    }
  }
  return [...places].map(([warning, all]) => {
    if (all.length === points.length) return `At all points: ${warning}`;
    return all.length === 1
      ? `${all[0]}: ${warning}`
      : `At ${all.length} points, first ${all[0]}: ${warning}`;
  });
}
