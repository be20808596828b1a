// What of a scenario's predictions is not what the baseline says, and whether that is more than chance.
//
// With the seed of the baseline each replication is compared with its own former self, so that what nobody
// changed is the same to the last digit, as the fingerprint says. With another seed the replications of a
// pair are independent of each other, and the same test holds.

import type { Table } from "../component/world.js";
import type { Difference } from "../run/comparison.js";
import { differencesOf } from "../run/differences.js";
import type { Probe } from "../run/probe.js";
import type { Scenario } from "../scenario/load.js";
import { attributed, type Rerun } from "./attribution.js";
import { type BaselineEntry, entryOf, ranOfEntry } from "./baseline.js";
import type { BaselineFinding } from "./check-result.js";

/** A scenario that was run at least as often as its baseline. */
export interface RunAgain {
  scenario: Scenario;
  probe: Probe;
  /** The files that it has read, by the name that the scenario has for them. */
  tables: ReadonlyMap<string, Table>;
}

export interface AgainstOptions {
  /** Probability of a false alarm in all scenarios together, if nothing was changed but the seed. */
  level: number;
  /** How many scenarios are compared. */
  scenarios: number;
  /** Runs the scenario with these settings, with seed and number of replications of the baseline. */
  rerun(settings: Record<string, unknown>): Promise<Rerun>;
}

/** Compares what a scenario gives with what it gave. */
export async function againstBaseline(
  { scenario, probe, tables }: RunAgain,
  was: BaselineEntry,
  { level, scenarios, rerun }: AgainstOptions,
): Promise<BaselineFinding> {
  const isExact = probe.exact && was.exact;
  const pairs = isExact ? 1 : was.exact ? probe.replications : was.replications;
  const now = entryOf(scenario, probe, tables, probe.exact ? 1 : pairs);
  const shared = {
    recvq: was.recvq,
    replications: pairs,
    paired: was.seed === now.seed,
    fingerprint: now.fingerprint,
    was: was.fingerprint,
  };
  const isSame = was.fingerprint === now.fingerprint;
  if (isSame) return { ...shared, status: "unchanged", differences: [], culprits: [] };
  const [a, b] = [ranOfEntry(was), ranOfEntry(now)];
  const differences = differencesOf(a, b, pairs, isExact, scenarios, level);
  const found = differences.map((one) => withoutCoincidence(one, shared.paired, level)).filter(isFound);
  if (found.length === 0) return { ...shared, status: "chance", differences: [], culprits: [] };
  const files = [...new Set([...Object.keys(was.files), ...Object.keys(now.files)])].filter(
    (name) => was.files[name] !== now.files[name],
  );
  const culprits = await attributed({
    ...{ was, ranThen: a, settings: now.scenario, files, rerun },
    metric: clearestOf(found),
  });
  return { ...shared, status: "changed", differences: found, culprits };
}

function isFound({ finding }: Difference): boolean {
  return finding !== "same" && finding !== "undecided";
}

/**
 * All pairs may differ by the same amount by chance if the seeds differ: whole numbers do. Then t is infinite,
 * though as many pairs agree in their sign with a probability of 2^(1 - pairs).
 */
function withoutCoincidence(one: Difference, isPaired: boolean, level: number): Difference {
  const isConstant = one.p === 0 && one.method === "t" && !isPaired;
  return isConstant && 2 ** (1 - one.pairs) > level ? { ...one, finding: "undecided" } : one;
}

/** What a user would name first; of that the least probable one. */
const FIRST: readonly Difference["kind"][] = ["outcome", "latency", "throughput", "cause", "work", "level"];

function clearestOf(found: readonly Difference[]): string {
  const rank = ({ kind }: Difference) => FIRST.indexOf(kind);
  const [clearest] = [...found].sort((a, b) => rank(a) - rank(b) || (a.p ?? 0) - (b.p ?? 0));
  return (clearest as Difference).metric;
}
