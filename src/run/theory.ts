// The exact answer of queueing theory beside what the replications have measured.

import { meanInterval, shareInterval } from "../stats/interval.js";
import type { Quantity, TheoryAnswer } from "../theory/answers.js";
import type { Columns } from "./columns.js";
import type { Estimate, TheoryResult, TheoryValue } from "./result.js";

/** `refused` is how a request ends that finds no place. */
export function besideTheory(answer: TheoryAnswer & { refused: string }, columns: Columns): TheoryResult {
  const { name, source, values, leftOut, refused } = answer;
  const measured = measurements(columns, refused);
  return {
    system: name,
    source,
    exact: leftOut.length === 0,
    left_out: leftOut,
    values: (Object.keys(values) as Quantity[]).map((quantity): TheoryValue => {
      const exact = values[quantity] as number;
      const { estimate, each } = measured[quantity]();
      return { quantity, exact, simulated: estimate, z: score(each, exact) };
    }),
  };
}

interface Measured {
  estimate: Estimate;
  /** Of each replication that knows something of it. */
  each: number[];
}

function measurements(columns: Columns, refused: string): Record<Quantity, () => Measured> {
  const share = (counts: string, of: string): Measured => {
    const trials = columns.of(of);
    const known = [...trials.keys()].filter((index) => (trials[index] as number) > 0);
    const some = columns.of(counts);
    const [count, all] = [some, trials].map((column) => known.map((index) => column[index] as number));
    const each = known.map((index) => (some[index] as number) / (trials[index] as number));
    return { estimate: shareInterval(count as number[], all as number[]), each };
  };
  const mean = (each: number[]): Measured => ({ estimate: meanInterval(each), each });
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

/** How many standard errors the mean is off; null where there is no spread to judge by. */
function score(each: readonly number[], exact: number): number | null {
  const mean = each.reduce((sum, one) => sum + one, 0) / each.length;
  const squares = each.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const error = Math.sqrt(squares / (each.length - 1) / each.length);
  return error > 0 ? (mean - exact) / error : null;
}
