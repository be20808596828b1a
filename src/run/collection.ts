// The replications of a scenario, put together as they come.

import type { Scenario } from "../scenario/load.js";
import { version } from "../version.js";
import { type Columns, columns } from "./columns.js";
import { type Estimator, ofBatches, ofReplications } from "./estimator.js";
import { type OfOne, ofFirst, ofOne } from "./intervals.js";
import type { Replication } from "./replicate.js";
import type { Result, WarmUp } from "./result.js";
import { seriesOfAll } from "./series.js";
import type { Stop } from "./stopping.js";
import { numbersOf, summary } from "./summary.js";
import { besideTheory, type Theory } from "./theory.js";

/**
 * Takes the replications one by one. Of each only its numbers are kept, in columns (less than 1 KB), and its
 * part of the sums over time.
 */
export function collection(warmUp: WarmUp, wanted: number) {
  const numbers = columns();
  const overTime = seriesOfAll();
  let first: Replication | undefined;
  let replications = 0;
  const hashes: string[] = [];
  const all = {
    numbers,
    get count() {
      return replications;
    },
    add(replication: Replication): void {
      first ??= replication;
      replications++;
      numbers.add(numbersOf(replication));
      overTime.add(replication);
      hashes.push(replication.hash);
    },
    /** The first replication, which has the names of causes and levels, and what estimates all numbers. */
    estimates(scenario: Scenario): Estimates {
      const { deterministic } = first as Replication;
      const isGiven = scenario.settings.run.warmup !== "auto";
      const intervals = () => (wanted > 1 ? ofFirst(wanted) : ofOne(first as Replication, warmUp, isGiven));
      const one = replications === 1 && !deterministic ? intervals() : undefined;
      const batches = one?.batches && columnsOf(one.batches.rows);
      const estimator = batches ? ofBatches(numbers, batches) : ofReplications(numbers, deterministic);
      return { first: first as Replication, estimator, batches, one };
    },
    result(scenario: Scenario, theory: Theory | undefined, stop?: Stop): Result {
      const { run } = scenario.settings;
      const { first, estimator, batches, one } = all.estimates(scenario);
      const { deterministic, limits, warnings } = first;
      return {
        version: 1,
        recvq: version,
        scenario: scenario.resolved,
        source: scenario.source,
        seed: run.seed,
        replications,
        warm_up: warmUp,
        ...(stop && { stopping: stop.outcome(numbers, replications) }),
        deterministic,
        ...(one && { intervals: one.intervals }),
        fingerprint: fingerprintOf(hashes),
        ...summary(first, numbers, estimator),
        ...(theory && { theory: besideTheory(theory, numbers, batches) }),
        series: overTime.result(estimator),
        limits,
        warnings: [
          ...warnings,
          ...(warmUp.steady ? [] : [`${warmUp.why[0]?.toUpperCase()}${warmUp.why.slice(1)}`]),
          ...(one?.warning === undefined ? [] : [one.warning]),
        ],
      };
    },
  };
  return all;
}

export type Collection = ReturnType<typeof collection>;

interface Estimates {
  first: Replication;
  estimator: Estimator;
  /** Of a single long replication: its batches, and what is said about them. */
  batches: Columns | undefined;
  one: OfOne | undefined;
}

function columnsOf(rows: readonly (readonly (readonly [string, number])[])[]): Columns {
  const all = columns();
  for (const row of rows) all.add(row);
  return all;
}

/** One fingerprint for all replications, from theirs in their order. */
export function fingerprintOf(hashes: readonly string[]): string {
  const all = hashes.reduce(
    (sum, hash) => BigInt.asUintN(64, sum * 0x9e3779b97f4a7c15n + BigInt(`0x${hash}`)),
    0n,
  );
  return all.toString(16).padStart(16, "0");
}
