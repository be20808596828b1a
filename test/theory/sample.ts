// One replication of a system, from the scenario's text: the quantity's value, and its control variates.

import { components } from "../../models/index.js";
import type { Table } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";
import { type Replication, replicate } from "../../src/run/replicate.js";
import { loadScenario } from "../../src/scenario/load.js";

/** What is simulated, and which of its requests are measured. */
export interface System {
  /** The scenario's YAML. */
  text: string;
  /** What becomes of a client who finds no place. */
  refused: string;
  /** Requests that are sent before those that are measured: a warm-up, or those of `trace` if there is one. */
  before: number;
  measured: number;
  ratePerSecond: number;
  service: Moments;
  /** Times in seconds of the requests that put a replication into the steady state, for a phase of the scenario. */
  trace?(seed: string, replication: number): Float64Array;
}

/** The first two moments of what the application takes for a request: E[S] in seconds, E[S^2] in square seconds. */
export interface Moments {
  meanS: number;
  squareS2: number;
}

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

/** Runs the replication of this seed and number and measures it as a whole, or in sections of equal length. */
export type Sampling = (seed: string, replication: number, sections?: number) => Promise<Sample[]>;

export function sampling(system: System, quantity: Quantity): Sampling {
  const { text, refused, measured } = system;
  const { settings } = loadScenario("theory.yaml", { read: () => text, components });
  let [sentNs, serviceNs, latencyNs] = columns(system.before + measured);
  return async (seed, replication, sections = 1) => {
    const trace = system.trace?.(seed, replication);
    const first = trace ? trace.length : system.before;
    const count = first + measured;
    if (count > sentNs.length) [sentNs, serviceNs, latencyNs] = columns(count);
    const job = { settings, components, seed, table: (): Table => (trace ? { sent_s: trace } : {}) };
    const { levels, stepNs, sent } = await replicate(job, replication, {
      ended(request) {
        const isServed = request.outcome === "200";
        if (!isServed && request.outcome !== refused) throw new Error(`unexpected: ${request.outcome}`);
        sentNs[request.id] = request.sentNs;
        serviceNs[request.id] = request.serviceNs;
        latencyNs[request.id] = isServed ? request.latencyNs : Number.NaN;
      },
    });
    if (sent !== count) throw new Error(`expected ${count} requests, got ${sent}`);
    return Array.from({ length: sections }, (_, section) => {
      const [from, to] = [section, section + 1].map(
        (at) => first + Math.floor((measured * at) / sections),
      ) as [number, number];
      const ended: Ended = { from, to, sentNs, serviceNs, latencyNs, levels, stepNs };
      return { value: quantity(ended), controls: controls(system, ended) };
    });
  };
}

function columns(rows: number): [Float64Array, Float64Array, Float64Array] {
  return [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
}

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
 */
function controls({ service, ratePerSecond }: System, ended: Ended): number[] {
  const { from, to, sentNs, serviceNs, latencyNs } = ended;
  const sums: [number, number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0, 0];
  let waitS = 0;
  for (let index = from; index < to; index++) {
    const serviceS = (serviceNs[index] as number) / SECOND;
    const work = serviceS - service.meanS;
    sums[1] += work;
    sums[2] += serviceS ** 2 - service.squareS2;
    if (isServed(ended, index)) {
      waitS = ((latencyNs[index] as number) - (serviceNs[index] as number)) / SECOND;
      sums[3] += waitS * work;
      sums[5] += waitS ** 2 * work;
    }
    if (index + 1 === to) continue;
    const gap = ((sentNs[index + 1] as number) - (sentNs[index] as number)) / SECOND - 1 / ratePerSecond;
    sums[0] += gap;
    sums[4] += waitS * gap;
    sums[6] += waitS ** 2 * gap;
  }
  return sums.map((sum) => sum / (to - from));
}

/** Whether the request found a place. */
export function isServed({ latencyNs }: Ended, index: number): boolean {
  return !Number.isNaN(latencyNs[index]);
}
