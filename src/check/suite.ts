// Several scenarios, one after the other: against what they expect, and against a baseline.

import type { Table } from "../component/world.js";
import { loadScenario, type Scenario } from "../scenario/load.js";
import { version } from "../version.js";
import { againstBaseline } from "./against-baseline.js";
import { type BaselineEntry, entryOf } from "./baseline.js";
import {
  type Checked,
  type CheckOptions,
  CONFIDENCE,
  checkScenario,
  MOST_REPLICATIONS,
  rerunOf,
  verdictOf,
} from "./check.js";
import type { BaselineFinding, Check, ScenarioCheck } from "./check-result.js";

export interface SuiteOptions extends CheckOptions {
  signal?: AbortSignal | undefined;
  baseline?: BaselineOptions | undefined;
}

export interface BaselineOptions {
  /** What is known of a scenario. */
  entry(scenario: Scenario): BaselineEntry | undefined;
  /**
   * Is told what a scenario gives now: the same entry if it gives the same. Who keeps it agrees to it: then
   * no change is a failure.
   */
  keep?: (scenario: Scenario, entry: BaselineEntry) => void;
  /** Probability of a false alarm in the whole check: 1e-5 unless told. */
  level?: number | undefined;
}

/** An alarm that is false once in 100,000 checks is looked into. */
const ALARM_LEVEL = 1e-5;

/**
 * Checks each scenario, in their order, and yields what came of it; returns all of it together. One that
 * expects nothing is not run, unless there is a baseline. Throws as `checkScenario` does, and the signal's
 * reason.
 */
export async function* checkSuite(
  suite: readonly Checked[],
  options: SuiteOptions,
): AsyncGenerator<ScenarioCheck, Check> {
  const { confidence = CONFIDENCE, signal, baseline } = options;
  const scenarios: ScenarioCheck[] = [];
  const ended = async () => {
    signal?.throwIfAborted();
    await options.ended?.();
  };
  const compared = baseline && suite.filter(({ scenario }) => baseline.entry(scenario)).length;
  for (const checked of suite) {
    signal?.throwIfAborted();
    const isAsked = checked.thresholds.length > 0 || baseline !== undefined;
    const check = isAsked
      ? await checkOne(checked, { ...options, ended }, compared ?? 0)
      : unchecked(checked);
    scenarios.push(check);
    yield check;
  }
  return { version: 1, recvq: version, confidence, status: verdictOf(scenarios), scenarios };
}

function unchecked({ scenario }: Checked): ScenarioCheck {
  return {
    ...{ source: scenario.source, seed: scenario.settings.run.seed, replications: 0, exact: false },
    ...{ status: "passed", thresholds: [], baseline: null, causes: [], warnings: ["expects nothing"] },
  };
}

async function checkOne(checked: Checked, options: SuiteOptions, compared: number): Promise<ScenarioCheck> {
  const { baseline } = options;
  const { scenario } = checked;
  const tables = new Map<string, Table>();
  const table: CheckOptions["table"] = (of) => {
    const read = options.table(of);
    return (file) => {
      const found = read(file);
      tables.set(file, found);
      return found;
    };
  };
  const was = baseline?.entry(scenario);
  const { check, probe } = await checkScenario(checked, { ...options, table }, was?.replications);
  if (!baseline) return check;
  // Those that an undecided threshold took more are not kept; run.time_limit may have ended it before.
  const wanted = Math.max(2, scenario.settings.run.replications);
  const now = entryOf(scenario, probe, tables, Math.min(probe.replications, wanted));
  const found = was
    ? await againstBaseline({ scenario, probe, tables }, was, {
        ...{ level: baseline.level ?? ALARM_LEVEL, scenarios: compared },
        mostReplications: options.mostReplications ?? MOST_REPLICATIONS,
        rerun: (settings, count) =>
          rerunOf(withSettings(scenario, settings, { seed: was.seed, replications: count }, options), {
            ...options,
            // Files lie where the scenario of now has them.
            table: () => options.table(scenario),
          }),
      })
    : withoutEntry(now);
  baseline.keep?.(scenario, was && isKept(found, was, now) ? was : now);
  const finding = baseline.keep ? agreed(found) : found;
  return { ...check, baseline: finding, status: finding.status === "changed" ? "failed" : check.status };
}

function withoutEntry({ replications, fingerprint }: BaselineEntry): BaselineFinding {
  return {
    ...{ status: "new", recvq: null, replications, paired: false, fingerprint, was: null },
    ...{ resolution: 0, differences: [], culprits: [] },
  };
}

/** What the baseline says from now on is no alarm. */
function agreed(finding: BaselineFinding): BaselineFinding {
  if (finding.status === "changed") return { ...finding, status: "updated" };
  return finding.status === "new" ? { ...finding, status: "added" } : finding;
}

/** Nothing in the file has to be changed, not even the version that made it. */
function isKept({ status }: BaselineFinding, was: BaselineEntry, now: BaselineEntry): boolean {
  const plain = ({ recvq: _, ...rest }: BaselineEntry) => JSON.stringify(rest);
  return status === "unchanged" && plain(was) === plain(now);
}

/** The same scenario with the baseline's settings, seed and number of replications. */
function withSettings(
  scenario: Scenario,
  settings: Record<string, unknown>,
  { seed, replications }: Pick<BaselineEntry, "seed" | "replications">,
  { components }: CheckOptions,
): Scenario {
  const run = { ...(settings.run as object), seed, replications: Math.max(2, replications) };
  const text = JSON.stringify({ ...settings, run });
  return loadScenario(scenario.source, { read: () => text, components });
}
