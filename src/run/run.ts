// Runs a scenario's replications and puts the Result together.

import type { Component } from "../component/component.js";
import type { QueueingSystem } from "../component/queueing-system.js";
import type { EndedRequest } from "../component/recorder.js";
import { SettingError } from "../component/setting-error.js";
import type { Table } from "../component/world.js";
import { LimitError } from "../engine/limit-error.js";
import { ScenarioError } from "../scenario/error.js";
import type { Scenario } from "../scenario/load.js";
import { answerOf, type TheoryAnswer } from "../theory/answers.js";
import { version } from "../version.js";
import { columns } from "./columns.js";
import { type Replication, replicate } from "./replicate.js";
import type { Result } from "./result.js";
import { seriesOfAll } from "./series.js";
import { numbersOf, summary } from "./summary.js";
import { besideTheory } from "./theory.js";

export interface RunOptions {
  components: readonly Component[];
  /** Reads a CSV file that a setting names, relative to the scenario. */
  table: (file: string) => Table;
  /** Every request of every replication when its outcome is known. */
  ended?: (replication: number, request: EndedRequest) => void;
  /** Called now and then with the share of the run that is done; the run waits for it. */
  progress?: (share: number) => void | Promise<void>;
  /** Which system of queueing theory settings describe, if any. */
  system?: (settings: Record<string, unknown>) => QueueingSystem | undefined;
}

/**
 * Predicts what becomes of a scenario's requests.
 *
 * A scenario in which nothing is drawn at random runs once: every further replication would be the same.
 * The result depends on scenario, seed and version only. Throws a ScenarioError for settings that do not go
 * together, for files that do not hold what is expected of them and for runs beyond the limits of the engine.
 */
export async function run(scenario: Scenario, options: RunOptions): Promise<Result> {
  const { seed, replications: wanted } = scenario.settings.run;
  const { settings } = scenario;
  const { components, table, ended, progress } = options;
  const system = options.system?.(settings);
  const answer = system && answerOf(system);
  const besidesNs = answer && system.besidesNs;
  const all = collection();
  for (let index = 0; index < wanted; index++) {
    const replication = await replicate({ settings, components, seed, table, besidesNs }, index, {
      ended: ended && ((request) => ended(index, request)),
      progress: progress && ((share) => progress((index + share) / wanted)),
    }).catch((error: unknown) => {
      throw inScenario(error, scenario);
    });
    all.add(replication);
    if (replication.deterministic) break;
  }
  return all.result(scenario, answer && { ...answer, refused: system.refused });
}

/** What a user has caused, at its place in the scenario; anything else as it is. */
function inScenario(error: unknown, scenario: Scenario): unknown {
  if (error instanceof SettingError) return scenario.errorAt(error.path, error.text);
  if (!(error instanceof LimitError)) return error;
  return new ScenarioError([{ file: scenario.source, path: "", text: error.message }]);
}

/**
 * Takes the replications one by one. Of each only its numbers are kept, in columns (less than 1 KB), and its
 * part of the sums over time.
 */
function collection() {
  const numbers = columns();
  const overTime = seriesOfAll();
  let first: Replication | undefined;
  let replications = 0;
  let fingerprint = 0n;
  return {
    add(replication: Replication): void {
      first ??= replication;
      replications++;
      numbers.add(numbersOf(replication));
      overTime.add(replication);
      fingerprint = withHash(fingerprint, replication.hash);
    },
    result(scenario: Scenario, answer: (TheoryAnswer & { refused: string }) | undefined): Result {
      const { deterministic, limits, warnings } = first as Replication;
      return {
        version: 1,
        recvq: version,
        scenario: scenario.resolved,
        source: scenario.source,
        seed: scenario.settings.run.seed,
        replications,
        deterministic,
        fingerprint: fingerprint.toString(16).padStart(16, "0"),
        ...summary(first as Replication, numbers),
        ...(answer && { theory: besideTheory(answer, numbers) }),
        series: overTime.result(numbers, deterministic),
        limits,
        warnings,
      };
    },
  };
}

/** One fingerprint for all replications, in their order. */
function withHash(fingerprint: bigint, hash: string): bigint {
  return BigInt.asUintN(64, fingerprint * 0x9e3779b97f4a7c15n + BigInt(`0x${hash}`));
}
