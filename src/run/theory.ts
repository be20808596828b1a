// The exact answer of queueing theory beside what the replications, or the batches of one, have measured.

import type { QueueingSystem } from "../component/queueing-system.js";
import { SettingError } from "../component/setting-error.js";
import { sectionError, sectionInterval, sectionShare } from "../stats/batch-means.js";
import { meanInterval, shareInterval } from "../stats/interval.js";
import { answerOf, type Quantity, type TheoryAnswer } from "../theory/answers.js";
import { togetherIn } from "./clusters.js";
import type { Columns } from "./columns.js";
import type { Estimate, TheoryResult, TheoryValue } from "./result.js";

export interface Theory extends TheoryAnswer {
  /** How a request ends that finds no place. */
  refused: string;
  besidesNs: number;
}

/** Queueing theory's answer, if any; what is wrong with settings is told by whoever builds the part. */
export function theoryOf(
  system: ((settings: Record<string, unknown>) => QueueingSystem | undefined) | undefined,
  settings: Record<string, unknown>,
): Theory | undefined {
  try {
    const known = system?.(settings);
    const answer = known && answerOf(known);
    return answer && { ...answer, refused: known.refused, besidesNs: known.besidesNs };
  } catch (error) {
    if (error instanceof SettingError) return undefined;
    throw error;
  }
}

/** `batches` are those of a single replication. */
export function besideTheory(answer: Theory, columns: Columns, batches: Columns | undefined): TheoryResult {
  const { name, source, values, leftOut, refused } = answer;
  const measured = batches ? measuredInBatches(batches, columns, refused) : measurements(columns, refused);
  return {
    system: name,
    source,
    exact: leftOut.length === 0,
    left_out: leftOut,
    values: (Object.keys(values) as Quantity[]).map((quantity): TheoryValue => {
      const exact = values[quantity] as number;
      const { estimate, value, error } = measured[quantity]();
      return { quantity, exact, simulated: estimate, z: error > 0 ? (value - exact) / error : null };
    }),
  };
}

interface Measured {
  estimate: Estimate;
  /** The estimate as the mean of those that know something of it, and its standard error if there is any. */
  value: number;
  error: number;
}

type Measurements = Record<Quantity, () => Measured>;

function measurements(columns: Columns, refused: string): Measurements {
  const share = (counts: string, of: string): Measured => {
    const trials = columns.of(of);
    const known = [...trials.keys()].filter((index) => (trials[index] as number) > 0);
    const some = columns.of(counts);
    const [count, all] = [some, trials].map((column) => known.map((index) => column[index] as number));
    const each = known.map((index) => (some[index] as number) / (trials[index] as number));
    return {
      estimate: shareInterval(count as number[], all as number[], { together: togetherIn(columns) }),
      ...meanAndError(each),
    };
  };
  const mean = (each: number[]): Measured => ({ estimate: meanInterval(each), ...meanAndError(each) });
  const ratio = (sum: string, of: string): Measured => {
    const all = columns.of(of);
    const each = columns.of(sum).map((one, index) => one / (all[index] as number));
    return mean(each.filter(Number.isFinite));
  };
  return {
    blocked: () => share(`count outcome.${refused}`, "sent"),
    delayed: () => share("waits delayed", "waits answered"),
    wait: () => ratio("waits sum", "waits answered"),
    sojourn: () => mean(columns.of("mean outcome.200").filter((one) => one > 0)),
    utilisation: () => mean(columns.of("utilisation")),
  };
}

function meanAndError(each: readonly number[]): { value: number; error: number } {
  const value = each.reduce((sum, one) => sum + one, 0) / each.length;
  const squares = each.reduce((sum, one) => sum + (one - value) ** 2, 0);
  return { value, error: Math.sqrt(squares / (each.length - 1) / each.length) };
}

function measuredInBatches(batches: Columns, columns: Columns, refused: string): Measurements {
  const mean = (value: number, values: readonly number[], weights: readonly number[]): Measured => ({
    estimate: sectionInterval(value, values, weights),
    value,
    error: sectionError(value, values, weights),
  });
  const of = (name: string, weight: string) =>
    mean(columns.of(name)[0] as number, batches.of(name), batches.of(weight));
  const ratio = (sum: string, of: string) => {
    const [sums, weights] = [batches.of(sum), batches.of(of)];
    const each = sums.map((one, index) => (weights[index] ? one / (weights[index] as number) : 0));
    return mean((columns.of(sum)[0] as number) / (columns.of(of)[0] as number), each, weights);
  };
  const share = (count: string, of: string) => ({
    ...ratio(count, of),
    estimate: sectionShare(batches.of(count), batches.of(of), { together: togetherIn(columns) }),
  });
  return {
    blocked: () => share(`count outcome.${refused}`, "sent"),
    delayed: () => share("waits delayed", "waits answered"),
    wait: () => ratio("waits sum", "waits answered"),
    sojourn: () => of("mean outcome.200", "count outcome.200"),
    utilisation: () => of("utilisation", "length"),
  };
}
