// What is measured of a replication, after its warm-up. Averages are over requests, which see time averages when
// arrivals are Poisson (R. Wolff, Oper. Res. 30, 1982), save for the mean number, which is over time.

import { SECOND } from "../../src/engine/time.js";
import { type Ended, isServed, type Quantity } from "./sample.js";

/** Share of the requests that find no place. */
export const blocked: Quantity = (ended) => mean(ended, (index) => (isServed(ended, index) ? 0 : 1));

/** Mean wait for a server in seconds: latency less service, exact to the nanosecond. */
export const wait: Quantity = (ended) => mean(ended, (index) => waitNs(ended, index) / SECOND);

/** Share of the requests that wait at all. */
export const delayed: Quantity = (ended) => mean(ended, (index) => (waitNs(ended, index) > 0 ? 1 : 0));

/** Mean latency in seconds of the requests that found a place. The bias of the ratio is below 2e-4 of it. */
export const sojourn: Quantity = (ended) => {
  const served = mean(ended, (index) => (isServed(ended, index) ? 1 : 0));
  const sum = mean(ended, (index) => (isServed(ended, index) ? (ended.latencyNs[index] as number) : 0));
  return sum / served / SECOND;
};

/** Share of the requests that find no place when they come first: those that are sent more than once. */
export const blockedAtFirst: Quantity = (ended) =>
  mean(ended, (index) => ((ended.attempts[index] as number) > 1 ? 1 : 0));

/** Mean number of clients who will come again: rate times mean time until a place is found (J. Little, 1961). */
export function orbit(ratePerSecond: number): Quantity {
  return (ended) => ratePerSecond * wait(ended);
}

/** Requests a second of a closed queue. */
export const throughput: Quantity = ({ from, to, sentNs }) =>
  ((to - 1 - from) * SECOND) / ((sentNs[to - 1] as number) - (sentNs[from] as number));

/** Mean number in the system: time averages of the accept queue and the busy workers, in the whole steps measured. */
export const numberInSystem: Quantity = ({ from, to, sentNs, levels, stepNs }) => {
  const firstStep = Math.ceil((sentNs[from] as number) / stepNs);
  const endStep = Math.floor((sentNs[to - 1] as number) / stepNs);
  const areas = levels.map(({ means }) =>
    means.slice(firstStep, endStep).reduce((sum, level) => sum + level, 0),
  );
  return areas.reduce((sum, area) => sum + area, 0) / (endStep - firstStep);
};

/**
 * A quantile of the latency in seconds, by the share of requests above the exact value x: x + (share - p) / density, to
 * first order (R. Bahadur, Ann. Math. Statist. 37, 1966). A replication's own quantile is biased by its length; a share
 * is not. `density` is that of the latency at x, in 1/s; `above` is p.
 */
export function quantile(exactS: number, above: number, density: number): Quantity {
  const exactNs = exactS * SECOND;
  return (ended) => {
    const share = mean(ended, (index) => ((ended.latencyNs[index] as number) > exactNs ? 1 : 0));
    return exactS + (share - above) / density;
  };
}

/** Mean latency in seconds of the requests whose service takes just that long. */
export function sojournOf(serviceS: number): Quantity {
  return (ended) => {
    const isOfClass = (index: number) => ended.serviceNs[index] === serviceS * SECOND;
    const share = mean(ended, (index) => (isOfClass(index) ? 1 : 0));
    const sum = mean(ended, (index) => (isOfClass(index) ? (ended.latencyNs[index] as number) : 0));
    return sum / share / SECOND;
  };
}

/** Share of the requests that find so many others in the system. */
export function finds(others: number): Quantity {
  return ({ from, to, sentNs, latencyNs }) => {
    const leavesNs = Float64Array.from({ length: to }, (_, index) => {
      return (sentNs[index] as number) + (latencyNs[index] as number);
    }).sort();
    let left = 0;
    let found = 0;
    for (let index = 0; index < to; index++) {
      while ((leavesNs[left] as number) <= (sentNs[index] as number)) left++;
      if (index >= from && index - left === others) found++;
    }
    return found / (to - from);
  };
}

function waitNs({ latencyNs, serviceNs }: Ended, index: number): number {
  return (latencyNs[index] as number) - (serviceNs[index] as number);
}

function mean({ from, to }: Ended, of: (index: number) => number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += of(index);
  return sum / (to - from);
}
