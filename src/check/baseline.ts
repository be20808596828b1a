// What scenarios gave when somebody looked at it and agreed: a file to be committed beside them.
//
// For each scenario it holds the settings, the fingerprint of the run, and of each replication the numbers
// that a comparison wants, so that a later run with the same seed is compared pair by pair.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as z from "zod";
import type { Table } from "../component/world.js";
import { TOGETHER } from "../run/clusters.js";
import { type Columns, columns } from "../run/columns.js";
import { comparable } from "../run/compare.js";
import type { Ran } from "../run/compared.js";
import { differencesOf } from "../run/differences.js";
import { outsideProblem, outsideProblems } from "../run/outside.js";
import type { Probe } from "../run/probe.js";
import type { Scenario } from "../scenario/load.js";
import { version } from "../version.js";

const names = z.array(z.string());

const entrySchema = z.strictObject({
  recvq: z.string().meta({ description: "version of recvq that made it" }),
  seed: z.string(),
  replications: z.int().min(1),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  exact: z.boolean().meta({ description: "nothing in it is random" }),
  scenario: z.record(z.string(), z.unknown()).meta({ description: "complete with defaults" }),
  files: z.record(z.string(), z.string()).meta({ description: "SHA-256 of the tables that it reads" }),
  outcomes: names,
  causes: names,
  levels: names,
  numbers: z
    .record(z.string(), z.array(z.number().nullable()))
    .meta({ description: "one for each replication, nine digits; null for what is no number" }),
});

const baselineSchema = z.strictObject({
  version: z.literal(1).meta({ description: "version of this format" }),
  scenarios: z.record(z.string(), entrySchema).meta({ description: "by path, relative to this file" }),
});

/** One scenario's part of a baseline. */
export type BaselineEntry = z.infer<typeof entrySchema>;
export type Baseline = z.infer<typeof baselineSchema>;

/** A baseline from its file. Throws a ScenarioError. */
export function parseBaseline(text: string, file: string): Baseline {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw outsideProblem(file, "", `expected a baseline as JSON, whole: ${(error as Error).message}`);
  }
  const { error } = baselineSchema.safeParse(input);
  if (error) throw outsideProblems(error, input, file);
  const baseline = input as Baseline;
  for (const [name, { numbers, replications }] of Object.entries(baseline.scenarios)) {
    for (const [column, { length }] of Object.entries(numbers)) {
      if (length === replications) continue;
      const text = `expected a number for each of ${replications} replications, got ${length}`;
      throw outsideProblem(file, `scenarios.${name}.numbers.${column}`, text);
    }
  }
  return baseline;
}

/** Its text: each column a line, scenarios in the order of their paths, so that changes are easy to read. */
export function baselineText({ scenarios }: Baseline): string {
  const sorted = Object.fromEntries(Object.entries(scenarios).sort(([a], [b]) => (a < b ? -1 : 1)));
  const inOneLine = (_: string, value: unknown) =>
    Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null)
      ? `${LINE}${JSON.stringify(value)}`
      : value;
  const text = JSON.stringify({ version: 1, scenarios: sorted }, inOneLine, 2);
  return `${text.replace(/"\\u0000(.*)"(?=,?$)/gm, (_, list: string) => JSON.parse(`"${list}"`))}\n`;
}

/** What no text in a scenario begins with. */
const LINE = "\0";

/** What is kept of a scenario's first so many replications. */
export function entryOf(
  scenario: Scenario,
  probe: Probe,
  tables: ReadonlyMap<string, Table>,
  replications = probe.replications,
): BaselineEntry {
  const { outcomes, causes, levels } = probe.first;
  const ran = ranOf(probe);
  const kept = columnsUsed(ran).map((name): [string, (number | null)[]] => {
    return [name, ran.numbers.of(name).slice(0, replications).map(digits)];
  });
  return {
    recvq: version,
    seed: scenario.settings.run.seed,
    replications,
    fingerprint: probe.fingerprint(replications),
    exact: probe.exact,
    scenario: comparable(scenario.resolved),
    files: Object.fromEntries([...tables].map(([file, table]) => [file, hashOf(table)])),
    outcomes: outcomes.map(({ outcome }) => outcome),
    causes: causes.map(({ id }) => id),
    levels: levels.map(({ name }) => name),
    numbers: Object.fromEntries(kept.filter(([, values]) => values.some((value) => value !== 0))),
  };
}

function ranOf({ numbers, first, exact }: Probe): Ran {
  return { numbers, first, deterministic: exact };
}

/** What a comparison wants to know of its first so many replications. */
export function ranOfEntry(entry: BaselineEntry, most: number): Ran {
  const { numbers, outcomes, causes, levels, exact, replications } = entry;
  const all = columns();
  for (let row = 0; row < Math.min(most, replications); row++) {
    all.add(Object.entries(numbers).map(([name, values]) => [name, values[row] ?? Number.NaN]));
  }
  const first = {
    outcomes: outcomes.map((outcome) => ({ outcome })),
    causes: causes.map((id) => ({ id })),
    levels: levels.map((name) => ({ name })),
  } as Ran["first"];
  return { numbers: all, first, deterministic: exact };
}

/** The columns that a comparison looks at. */
function columnsUsed({ numbers, ...rest }: Ran): string[] {
  const used = new Set(["sent", TOGETHER]);
  const recording: Columns = {
    ...numbers,
    of(name) {
      used.add(name);
      return numbers.of(name);
    },
  };
  const ran = { numbers: recording, ...rest };
  differencesOf(ran, ran, numbers.of("sent").length, true);
  return [...used].sort();
}

/** Nine digits are more than is ever printed. */
function digits(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : null;
}

function hashOf(table: Table): string {
  const plain = Object.entries(table).map(([name, values]) => [name, [...values]]);
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(plain))));
}
