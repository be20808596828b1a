// Scenarios that are checked, kept as a baseline, and checked again.

import { components } from "../../models/index.js";
import { againstBaseline } from "../../src/check/against-baseline.js";
import { type Baseline, baselineText, entryOf, parseBaseline } from "../../src/check/baseline.js";
import type { BaselineFinding, ScenarioCheck } from "../../src/check/check-result.js";
import { checkSuite } from "../../src/check/suite.js";
import { thresholdsOf } from "../../src/check/thresholds.js";
import type { Table } from "../../src/component/world.js";
import { columns } from "../../src/run/columns.js";
import { type Probe, probe } from "../../src/run/probe.js";
import { inline } from "../../src/run/replicator.js";
import { loadScenario, type Overrides, type Scenario } from "../../src/scenario/load.js";

interface Again extends Overrides {
  /** What the baseline's text says instead. */
  edit?: (baseline: Baseline) => void;
  table?: (file: string) => Table;
  level?: number;
  isOver?: () => boolean;
}

const NAME = "a.yaml";

/** The baseline of a scenario, through its text and back. */
export async function baselineOf(text: string, again: Again = {}): Promise<Baseline> {
  const kept: Baseline["scenarios"] = {};
  await checked(text, again, { entry: () => undefined, keep: (_, entry) => (kept[NAME] = entry) });
  const baseline = parseBaseline(baselineText({ version: 1, scenarios: kept }), "baseline.json");
  again.edit?.(baseline);
  return baseline;
}

/** What is found of a scenario with these changes against a baseline. */
export async function against(baseline: Baseline, text: string, again: Again = {}): Promise<BaselineFinding> {
  const { baseline: finding } = await checked(text, again, {
    entry: () => baseline.scenarios[NAME],
    level: again.level,
  });
  if (finding === null) throw new Error("not compared");
  return finding;
}

async function checked(
  text: string,
  { table = () => ({}), edit: _, level: __, isOver, ...overrides }: Again,
  baseline: Parameters<typeof checkSuite>[1]["baseline"],
): Promise<ScenarioCheck> {
  const scenario = loadScenario(NAME, { read: () => text, components, ...overrides });
  const suite = [{ scenario, thresholds: thresholdsOf(scenario) }];
  for await (const check of checkSuite(suite, { components, table: () => table, baseline, isOver }))
    return check;
  throw new Error("nothing was checked");
}

/** One of many runs of a scenario, each with random numbers of its own. */
export interface Run {
  scenario: Scenario;
  probe: Probe;
}

/** As many runs of so many replications: a long one, cut up, since all its replications are independent. */
export async function runsOf(text: string, { runs, replications }: Record<"runs" | "replications", number>) {
  const scenario = loadScenario(NAME, { read: () => text, components, replications });
  const { settings } = scenario;
  const replicator = inline({ settings, components, seed: settings.run.seed, table: () => ({}) });
  const whole = probe({
    ...{ value: 0, scenario, objectives: [], error: 0.05, replicator: () => replicator },
    ...{ ended: () => {}, isOver: () => false, begun: () => {} },
  });
  await whole.upTo(runs * replications);
  const names = whole.numbers.names("");
  const all = names.map((name) => [name, whole.of(name)] as const);
  return Array.from({ length: runs }, (_, run): Run => {
    const numbers = columns();
    for (let row = run * replications; row < (run + 1) * replications; row++) {
      numbers.add(all.map(([name, values]) => [name, values[row] as number]));
    }
    const fingerprint = () => run.toString(16).padStart(16, "0");
    const part = {
      ...whole,
      numbers,
      of: numbers.of,
      replications,
      fingerprint,
      first: whole.first,
      exact: false,
    };
    return { scenario, probe: part };
  });
}

/** What is found of a run when another one is the baseline, with other seeds for both. */
export function compareRuns(was: Run, now: Run, level: number): Promise<BaselineFinding> {
  const tables = new Map<string, Table>();
  const entry = { ...entryOf(was.scenario, was.probe, tables), seed: "another" };
  const rerun = async () => ({ ran: { ...now.probe, deterministic: false }, fingerprint: entry.fingerprint });
  return againstBaseline({ ...now, tables }, entry, { level, scenarios: 1, mostReplications: 0, rerun });
}
