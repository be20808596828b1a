// A point: a prediction that stands by itself. It holds the resolved scenario and every file that this names,
// so that any process can compute it without reading anything; and it is known by the hash of all that its
// result depends on, so that nobody computes the same point twice.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as z from "zod";
import type { Table } from "../component/world.js";
import { loadScenario, type Scenario } from "../scenario/load.js";
import { version } from "../version.js";
import { outsideProblem, outsideProblems } from "./outside.js";
import { pointNumbers } from "./point-numbers.js";
import type { PointResult } from "./point-result.js";
import { type Replication, replicate } from "./replicate.js";
import { gathered, inScenario, type RunOptions } from "./run.js";

export const changeSchema = z.strictObject({
  knob: z.string().meta({ description: "the setting as --set names it, `rate`, or `overlay`" }),
  value: z.union([z.string(), z.number()]).meta({ description: "as the user wrote it" }),
});

const pointSchema = z.strictObject({
  id: z.string(),
  changes: z.array(changeSchema),
  scenario: z.record(z.string(), z.unknown()),
  tables: z.record(z.string(), z.record(z.string(), z.array(z.number().nullable()))),
});

/** One knob, and where it stands at a point. */
export type Change = z.infer<typeof changeSchema>;

/** Plain JSON. */
export interface Point {
  /** 128 bits over version, scenario and tables, in hexadecimal. */
  id: string;
  /** What makes it another point than its neighbours; its result does not depend on it. */
  changes: Change[];
  /** The resolved scenario: complete, in the units of the file. */
  scenario: Record<string, unknown>;
  /** Columns of the CSV files that it names, by the name that it has for them; null for what is no number. */
  tables: Record<string, Record<string, (number | null)[]>>;
}

export type PointOptions = Pick<RunOptions, "components" | "isOver" | "progress" | "replicator" | "system">;

/**
 * The point that a scenario is. It is built once, without anything happening, to find out which files it
 * reads and whether its settings go together: throws a ScenarioError if they do not. `run.time_limit` has no
 * say, since the result would depend on the machine, nor has `expect`, which the result does not depend on.
 */
export async function pointOf(
  scenario: Scenario,
  {
    components,
    table,
    changes = [],
    built,
  }: Pick<RunOptions, "components" | "table"> & {
    changes?: Change[];
    /** Told of what has been built: its causes and levels. */
    built?: ((first: Replication) => void) | undefined;
  },
): Promise<Point> {
  const { settings } = scenario;
  const tables: Point["tables"] = {};
  const reading = (file: string) => {
    const read = table(file);
    tables[file] = plainTable(read);
    return read;
  };
  try {
    const job = { settings, components, seed: settings.run.seed, table: reading };
    const nothing = await replicate(job, 0, {}, { most: 0 });
    built?.(nothing);
  } catch (error) {
    throw inScenario(error, scenario);
  }
  const { time_limit: _, ...run } = scenario.resolved.run as Record<string, unknown>;
  const { expect: __, ...sections } = scenario.resolved;
  const resolved = plainJson({ ...sections, run });
  return { id: idOf(resolved, tables), changes, scenario: resolved, tables };
}

/**
 * What comes of a point. The result depends on the point only, and is the same, byte for byte, wherever it is
 * computed; unless `isOver` ends it early, which it says. Throws a ScenarioError as `run` does.
 */
export async function computePoint(point: Point, options: PointOptions): Promise<PointResult> {
  const scenario = scenarioOf(point, options.components);
  const run = await gathered(scenario, { ...options, table: tableOf(point) });
  return plainJson(pointNumbers(point.id, scenario, run));
}

/** The scenario of a point, validated anew. */
export function scenarioOf({ id, scenario, changes }: Point, components: RunOptions["components"]): Scenario {
  const name = changes.length > 0 ? changesText(changes) : `point ${id}`;
  return loadScenario(name, { components, read: () => JSON.stringify(scenario) });
}

/** `gunicorn.workers=4, rate=50/s`. */
export function changesText(changes: readonly Change[]): string {
  return changes.map(({ knob, value }) => `${knob}=${value}`).join(", ");
}

/** Reads the files of a point: from the point. */
export function tableOf({ tables }: Pick<Point, "tables">): (file: string) => Table {
  return (file) => {
    const columns = Object.hasOwn(tables, file) ? Object.entries(tables[file] as object) : undefined;
    if (!columns) throw outsideProblem(file, "", "expected its columns inside of the point, got none");
    return Object.fromEntries(
      columns.map(([name, cells]: [string, (number | null)[]]) => {
        return [name, Float64Array.from(cells, (cell) => cell ?? Number.NaN)];
      }),
    );
  };
}

/**
 * A point from outside, such as a queue, as it is. Throws a ScenarioError that tells all that is wrong with
 * it; also if another version made it, whose results may differ. `name` is where it comes from.
 */
export function parsePoint(input: unknown, name: string): Point {
  const { error } = pointSchema.safeParse(input);
  if (error) throw outsideProblems(error, input, name);
  const point = input as Point;
  const id = idOf(point.scenario, point.tables);
  if (point.id === id) return point;
  const text = `expected ${id}, the hash of what the point holds with recvq ${version}, got ${point.id}`;
  throw outsideProblem(name, "id", `${text}: it is damaged, or of another version`);
}

const hashes = new WeakMap<object, string>();

/** A file is the same in all points of a sweep: it is hashed once. */
function idOf(scenario: Point["scenario"], tables: Point["tables"]): string {
  const hashOf = (table: object) => {
    const known = hashes.get(table) ?? hashed(table);
    hashes.set(table, known);
    return known;
  };
  const files = Object.entries(tables).map(([file, table]) => [file, hashOf(table)]);
  return hashed([version, scenario, files]).slice(0, ID_LENGTH);
}

const ID_LENGTH = 32;

/** SHA-256 of its JSON, in hexadecimal. */
export function hashed(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(value))));
}

const plainTables = new WeakMap<Table, Point["tables"][string]>();

function plainTable(table: Table): Point["tables"][string] {
  const known = plainTables.get(table);
  if (known) return known;
  const made = Object.fromEntries(
    // A cell of -0 is 0 in JSON.
    Object.entries(table).map(([name, column]) => {
      return [name, Array.from(column, (cell) => (Number.isNaN(cell) ? null : cell + 0))];
    }),
  );
  plainTables.set(table, made);
  return made;
}

function plainJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}
