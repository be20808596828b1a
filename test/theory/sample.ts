// One replication of a queue, from the scenario's text: the quantity's value, and its control variates.

import { components } from "../../models/index.js";
import { SECOND } from "../../src/engine/time.js";
import { type Replication, replicate } from "../../src/run/replicate.js";
import { loadScenario } from "../../src/scenario/load.js";
import { type Queue, refusal, relaxation, scenarioText } from "./queue.js";

/** What became of the requests, by their number. Measured are those from `from` up to, but without, `to`. */
export interface Ended {
  from: number;
  to: number;
  sentNs: Float64Array;
  serviceNs: Float64Array;
  /** NaN for a request that found no place. */
  latencyNs: Float64Array;
  levels: Replication["levels"];
  stepNs: number;
}

/** The mean of a quantity over the measured requests, or over their time. */
export type Quantity = (ended: Ended) => number;

export interface Sample {
  value: number;
  controls: number[];
}

/**
 * Every replication starts empty. After 15 relaxation times exp(-15) = 3e-7 of that is left, and 4e-5 where the formula
 * is a third too short (E4); averaged over the 60 that are measured it is a ten thousandth of the narrowest half-width.
 */
const WARM_UP_RELAXATIONS = 15;
/** So many that values of replications are close to normal; the 30 of them that there are at least make 1800. */
const MEASURED_RELAXATIONS = 60;
/** A shorter replication would cost more to set up than to run. */
const FEWEST_MEASURED = 10_000;

/** Runs the replication of this seed and number and measures it as a whole, or in sections of equal length. */
export type Sampling = (seed: string, replication: number, sections?: number) => Promise<Sample[]>;

export function sampling(queue: Queue, quantity: Quantity): Sampling {
  const first = Math.ceil(WARM_UP_RELAXATIONS * relaxation(queue));
  const measured = Math.max(FEWEST_MEASURED, Math.ceil(MEASURED_RELAXATIONS * relaxation(queue)));
  const count = first + measured;
  const text = scenarioText(queue, count);
  const { settings } = loadScenario("theory.yaml", { read: () => text, components });
  const refused = refusal(queue);
  const [sentNs, serviceNs, latencyNs] = [0, 1, 2].map(() => new Float64Array(count)) as Columns;
  return async (seed, replication, sections = 1) => {
    const job = { settings, components, seed, table: () => ({}) };
    const { levels, stepNs, sent } = await replicate(job, replication, {
      ended(request) {
        const isServed = request.outcome === "200";
        if (!isServed && request.outcome !== refused) throw new Error(`unexpected: ${request.outcome}`);
        sentNs[request.id] = request.sentNs;
        serviceNs[request.id] = request.serviceNs + request.cpuNs;
        latencyNs[request.id] = isServed ? request.latencyNs : Number.NaN;
      },
    });
    if (sent !== count) throw new Error(`expected ${count} requests, got ${sent}`);
    return Array.from({ length: sections }, (_, section) => {
      const [from, to] = [section, section + 1].map(
        (at) => first + Math.floor((measured * at) / sections),
      ) as [number, number];
      const ended: Ended = { from, to, sentNs, serviceNs, latencyNs, levels, stepNs };
      return { value: quantity(ended), controls: controls(queue, ended) };
    });
  };
}

type Columns = [Float64Array, Float64Array, Float64Array];

/**
 * Means over the measured requests whose expectation is zero whatever the queue does with them, because the
 * application's work and the gap to the next arrival are drawn without regard to the past:
 *
 *   T - E[T],  S - E[S],  S^2 - E[S^2],  w (S - E[S]),  w (T - E[T]),  w^2 (S - E[S]),  w^2 (T - E[T])
 *
 * with S the service time of a request, T the gap to the next arrival, and w the wait of the request (of the last one
 * that found a place), which was decided before either was drawn. Square both sides of Lindley's recursion
 * w' = max(0, w + S - T) to see why the sums explain most of the chance in the mean wait: they are the martingale part
 * of w^2 (S. Henderson and P. Glynn, Math. Oper. Res. 27, 2002).
 *
 * Where requests share the cores, the wait is decided by who comes later. There w is the work that the request finds,
 * over the cores, as if these were one fast core: Lindley's recursion itself, which knows nothing but the past.
 */
function controls({ service, ratePerSecond, cores }: Queue, ended: Ended): number[] {
  const { from, to, sentNs, serviceNs, latencyNs } = ended;
  const sums: [number, number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0, 0];
  let waitS = 0;
  const gapS = (index: number) => ((sentNs[index + 1] as number) - (sentNs[index] as number)) / SECOND;
  const afterS = (index: number) =>
    Math.max(0, waitS + (serviceNs[index] as number) / SECOND / (cores as number) - gapS(index));
  if (cores !== undefined) for (let index = 0; index < from; index++) waitS = afterS(index);
  for (let index = from; index < to; index++) {
    const serviceS = (serviceNs[index] as number) / SECOND;
    const work = serviceS - service.meanS;
    sums[1] += work;
    sums[2] += serviceS ** 2 - service.squareS2;
    if (isServed(ended, index)) {
      if (cores === undefined) waitS = ((latencyNs[index] as number) - (serviceNs[index] as number)) / SECOND;
      sums[3] += waitS * work;
      sums[5] += waitS ** 2 * work;
    }
    if (index + 1 === to) continue;
    const gap = gapS(index) - 1 / ratePerSecond;
    sums[0] += gap;
    sums[4] += waitS * gap;
    sums[6] += waitS ** 2 * gap;
    if (cores !== undefined) waitS = afterS(index);
  }
  return sums.map((sum) => sum / (to - from));
}

/** Whether the request found a place. */
export function isServed({ latencyNs }: Ended, index: number): boolean {
  return !Number.isNaN(latencyNs[index]);
}
