// How many requests fail together, if any does: drops come in clusters, and where none was seen their size
// has to come from elsewhere.

import { erlangC } from "../stats/queues.js";
import type { Columns } from "./columns.js";
import type { Replication } from "./replicate.js";

type Ran = Pick<Replication, "workers" | "stepNs" | "elapsedNs"> & {
  levels: Pick<Replication["levels"][number], "name" | "average" | "peak" | "means">[];
};

/**
 * About as many as there are in the accept queue while there is anybody: 1 + L / C, with L its mean length,
 * and C the share of the time in which all workers are busy.
 *
 * While all c servers of M/M/c/K are busy, whoever comes finds one more there with rho times the probability.
 * So the queue, as long as it is not empty, has a mean of 1 / (1 - rho), which is 1 + L / C; and once it
 * overflows, it does so 1 / (1 - rho) times on average before a server is idle (the ratio of refused requests
 * to busy periods with any; the ruin of a gambler: W. Feller, An Introduction to Probability Theory, 1968,
 * XIV.2). Both grow in the same way with the variance of other arrivals and services (J. Kingman, Proc. Camb.
 * Phil. Soc. 57, 1961). It is an estimate for what fails by congestion: an application that fails each
 * request by itself has no clusters, one that fails all for a minute has larger ones.
 */
export function requestsTogether(ran: Ran): number {
  const queues = ran.levels.filter(({ name }) => name.startsWith("accept queue of "));
  const used = queues.filter(({ average }) => average > 0);
  if (used.length === 0) return 1;
  const allBusy = allBusyShare(ran);
  return 1 + Math.max(...used.map(({ peak, average }) => Math.min(peak, average / allBusy)));
}

/** By Erlang C in each step of time: right for short steps, in which all are busy or not, and long ones. */
function allBusyShare({ levels, workers, stepNs, elapsedNs }: Ran): number {
  const busy = levels.filter(({ name }) => name.startsWith("busy "));
  if (busy.length === 0 || workers === 0) return 1;
  let all = 0;
  for (let step = 0; step * stepNs < elapsedNs; step++) {
    const partNs = Math.min(stepNs, elapsedNs - step * stepNs);
    const load = (busy.reduce((sum, { means }) => sum + (means[step] as number), 0) * stepNs) / partNs;
    // Less is the rounding of sums.
    all += partNs * (load < workers * (1 - 1e-9) ? erlangC(workers, load) : 1);
  }
  return all / elapsedNs;
}

/** The mean over these replications. */
export function togetherIn(columns: Columns): number {
  const all = columns.of(TOGETHER);
  return Math.max(1, all.reduce((sum, one) => sum + one, 0) / all.length);
}

/** The name of the column. */
export const TOGETHER = "together";
