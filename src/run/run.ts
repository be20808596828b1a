// Runs a scenario's replications and puts the Result together.

import type { Component } from "../component/component.js";
import type { EndedRequest } from "../component/recorder.js";
import { SettingError } from "../component/setting-error.js";
import type { Table } from "../component/world.js";
import type { Scenario } from "../scenario/load.js";
import { version } from "../version.js";
import { type Replication, replicate } from "./replicate.js";
import type { Result } from "./result.js";
import { series } from "./series.js";
import { summary } from "./summary.js";

export interface RunOptions {
  components: readonly Component[];
  /** Reads a CSV file that a setting names, relative to the scenario. */
  table: (file: string) => Table;
  /** Every request of every replication when its outcome is known. */
  ended?: (replication: number, request: EndedRequest) => void;
  /** Called now and then with the share of the run that is done; the run waits for it. */
  progress?: (share: number) => void | Promise<void>;
}

/**
 * Predicts what becomes of a scenario's requests.
 *
 * A scenario in which nothing is drawn at random runs once: every further replication would be the same.
 * The result depends on scenario, seed and version only. Throws a ScenarioError for settings that do not go
 * together and for files that do not hold what is expected of them.
 */
export async function run(scenario: Scenario, options: RunOptions): Promise<Result> {
  const { seed, replications: wanted } = scenario.settings.run;
  const { settings } = scenario;
  const { components, table, ended, progress } = options;
  const done: Replication[] = [];
  for (let index = 0; index < wanted; index++) {
    const replication = await replicate({ settings, components, seed, table }, index, {
      ended: ended && ((request) => ended(index, request)),
      progress: progress && ((share) => progress((index + share) / wanted)),
    }).catch((error: unknown) => {
      throw error instanceof SettingError ? scenario.errorAt(error.path, error.text) : error;
    });
    if (replication.sent === 0)
      throw scenario.errorAt(["clients"], "expected clients that send a request, got none");
    done.push(replication);
    if (replication.deterministic) break;
  }
  return resultOf(scenario, done);
}

function resultOf(scenario: Scenario, done: readonly Replication[]): Result {
  const [first] = done as [Replication];
  return {
    version: 1,
    recvq: version,
    scenario: scenario.resolved,
    source: scenario.source,
    seed: scenario.settings.run.seed,
    replications: done.length,
    deterministic: first.deterministic,
    fingerprint: combined(done.map(({ hash }) => hash)),
    ...summary(done),
    series: series(done),
    limits: first.limits,
    warnings: first.warnings,
  };
}

/** One fingerprint for all replications, in their order. */
function combined(hashes: readonly string[]): string {
  let combination = 0n;
  for (const hash of hashes) {
    combination = BigInt.asUintN(64, combination * 0x9e3779b97f4a7c15n + BigInt(`0x${hash}`));
  }
  return combination.toString(16).padStart(16, "0");
}
