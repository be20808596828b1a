// What of a scenario's predictions is not what the baseline says, and whether that is more than chance.
//
// With the seed of the baseline each replication is compared with its own former self, so that what nobody
// changed is the same to the last digit, as the fingerprint says. With another seed the replications of a
// pair are independent of each other, and the same test holds.

import type { Table } from "../component/world.js";
import type { Ran } from "../run/compared.js";
import type { Difference } from "../run/comparison.js";
import { differencesOf } from "../run/differences.js";
import type { Probe } from "../run/probe.js";
import type { Scenario } from "../scenario/load.js";
import { attributed, type Rerun, refusedOr } from "./attribution.js";
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
  /** The most replications of either side. */
  mostReplications: number;
  /** Runs the scenario so often with these settings, and with the seed of the baseline. */
  rerun(settings: Record<string, unknown>, replications: number): Promise<Rerun>;
}

/**
 * Compares what a scenario gives with what it gave. Where settings have changed, and too little is known to
 * see what that does, the baseline's settings and those of now are both run more often, as long as the model
 * is the baseline's own.
 */
export async function againstBaseline(
  { scenario, probe, tables }: RunAgain,
  was: BaselineEntry,
  options: AgainstOptions,
): Promise<BaselineFinding> {
  const isExact = probe.exact && was.exact;
  // A run that run.time_limit has ended is compared as far as it went; an exact one stands for any number.
  const most = [was, probe].flatMap(({ exact, replications }) => (exact ? [] : [replications]));
  const pairs = isExact ? 1 : Math.min(...most);
  const now = entryOf(scenario, probe, tables, probe.exact ? 1 : pairs);
  const shared = {
    recvq: was.recvq,
    paired: was.seed === now.seed,
    fingerprint: now.fingerprint,
    was: was.fingerprint,
  };
  const none = { differences: [], culprits: [] };
  const isSame = was.fingerprint === now.fingerprint;
  if (isSame) return { ...shared, replications: pairs, status: "unchanged", resolution: 0, ...none };
  const [a, b] = [ranOfEntry(was, pairs), ranOfEntry(now, pairs)];
  const first: Look = { a, b, pairs, isExact, isPaired: shared.paired };
  const files = [...new Set([...Object.keys(was.files), ...Object.keys(now.files)])].filter(
    (name) => was.files[name] !== now.files[name],
  );
  const isSetting = files.length === 0 && JSON.stringify(was.scenario) !== JSON.stringify(now.scenario);
  const seen = await seenBy(first, { was, now: now.scenario, isSetting }, options);
  const known = { ...shared, replications: seen.pairs, resolution: seen.resolution };
  if (seen.found.length === 0) return { ...known, status: "chance", ...none };
  const culprits = await attributed({
    ...{ was, ranThen: a, settings: now.scenario, files },
    replications: Math.max(seen.pairs, was.replications),
    ...{ rerun: options.rerun, metric: clearestOf(seen.found) },
  });
  return { ...known, status: "changed", differences: seen.found, culprits };
}

/** Two runs that are compared. */
interface Look {
  a: Ran;
  b: Ran;
  pairs: number;
  isExact: boolean;
  /** They have the same random numbers. */
  isPaired: boolean;
}

interface Seen {
  pairs: number;
  found: Difference[];
  /** Half-width of the most uncertain difference of an outcome's share. */
  resolution: number;
}

/** What no look needs to see: a tenth of a percentage point. */
const FINE_ENOUGH = 0.001;
const EACH_TIME = 4;

/** The n-th look has the n (n + 1)th part of the level, so that all of them together keep it. */
async function seenBy(
  first: Look,
  { was, now, isSetting }: { was: BaselineEntry; now: Record<string, unknown>; isSetting: boolean },
  { level, scenarios, mostReplications, rerun }: AgainstOptions,
): Promise<Seen> {
  const look = ({ a, b, pairs, isExact, isPaired }: Look, number: number): Seen => {
    const part = level / (number * (number + 1));
    const all = differencesOf(a, b, pairs, isExact, scenarios, part);
    const found = all.map((one) => withoutCoincidence(one, isPaired, part)).filter(isFound);
    return { pairs, found, resolution: resolutionOf(all) };
  };
  let seen = look(first, 1);
  const isOpen = () => seen.found.length === 0 && seen.resolution > FINE_ENOUGH;
  if (!isSetting || !isOpen()) return seen;
  const before = await refusedOr(() => rerun(was.scenario, was.replications));
  if (typeof before === "string" || before.fingerprint !== was.fingerprint) return seen;
  for (let number = 2; isOpen() && seen.pairs < mostReplications; number++) {
    const pairs = Math.min(mostReplications, EACH_TIME * seen.pairs);
    const [a, b] = [await rerun(was.scenario, pairs), await rerun(now, pairs)];
    seen = look({ a: a.ran, b: b.ran, pairs, isExact: false, isPaired: true }, number);
  }
  return seen;
}

function resolutionOf(differences: readonly Difference[]): number {
  const halves = differences.map(({ kind, difference }) => {
    return kind === "outcome" && difference
      ? Math.max(difference.high - difference.value, difference.value - difference.low)
      : 0;
  });
  return Math.max(0, ...halves);
}

function isFound({ finding }: Difference): boolean {
  return finding !== "same" && finding !== "undecided";
}

/**
 * All pairs may differ by the same amount by chance if the seeds differ: whole numbers do. Then t is
 * infinite, though as many pairs agree in their sign with a probability of 2^(1 - pairs).
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
