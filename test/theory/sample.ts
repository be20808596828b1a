// One replication of a system, from the scenario's text: the values of its quantities, and the control variates.

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
  /** Requests after those: who comes again would find more places if nobody came any more. */
  after?: number;
  service: Moments;
  /** Cores that the requests share. */
  cores?: number;
  /**
   * What nobody could expect of the arrivals: columns by the number of a request, each of a mean of zero whatever was
   * before the request and whatever its wait. The last request has none. No columns where arrivals hang on waits.
   */
  surprises(sentNs: Float64Array): Float64Array[];
  /**
   * Times in seconds of the requests that put a replication into the steady state, for a phase of the scenario; with
   * `isTraced` also of those that are measured.
   */
  trace?(seed: string, replication: number): Float64Array;
  isTraced?: boolean;
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
  /** How often it was sent. */
  attempts: Float64Array;
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

/** One for each quantity; a replication is run once for all of them. */
export function samplings(system: System, quantities: readonly Quantity[]): Sampling[] {
  const known = new Map<string, Promise<Sample[][]>>();
  const run = runner(system, quantities);
  const once = (seed: string, replication: number, sections: number) => {
    const key = `${seed} ${replication} ${sections}`;
    const samples = known.get(key) ?? run(seed, replication, sections);
    known.set(key, samples);
    return samples;
  };
  return quantities.map((_, index): Sampling => {
    return async (seed, replication, sections = 1) =>
      (await once(seed, replication, sections))[index] as Sample[];
  });
}

/** For each quantity a sample of each section. */
function runner(system: System, quantities: readonly Quantity[]) {
  const { text, refused, measured, after = 0 } = system;
  const { settings } = loadScenario("theory.yaml", { read: () => text, components });
  let columns = columnsOf(system.before + measured + after);
  return async (seed: string, replication: number, sections: number): Promise<Sample[][]> => {
    const trace = system.trace?.(seed, replication);
    const first = trace ? trace.length - (system.isTraced ? measured : 0) : system.before;
    const count = first + measured + after;
    if (count > columns.sentNs.length) columns = columnsOf(count);
    const { sentNs, serviceNs, latencyNs, attempts } = columns;
    const job = { settings, components, seed, table: (): Table => (trace ? { sent_s: trace } : {}) };
    const { levels, stepNs, sent } = await replicate(job, replication, {
      ended(request) {
        const isServed = request.outcome === "200";
        if (!isServed && request.outcome !== refused) throw new Error(`unexpected: ${request.outcome}`);
        sentNs[request.id] = request.sentNs;
        serviceNs[request.id] = request.serviceNs + request.cpuNs;
        attempts[request.id] = request.attempts;
        latencyNs[request.id] = isServed ? request.latencyNs : Number.NaN;
      },
    });
    if (sent !== count) throw new Error(`expected ${count} requests, got ${sent}`);
    const surprises = system.surprises(sentNs.subarray(0, first + measured));
    const parts = Array.from({ length: sections }, (_, section) => {
      const [from, to] = [section, section + 1].map(
        (at) => first + Math.floor((measured * at) / sections),
      ) as [number, number];
      const ended: Ended = { from, to, ...columns, levels, stepNs };
      return { ended, controls: controls(system, surprises, ended) };
    });
    return quantities.map((quantity) =>
      parts.map(({ ended, controls }) => ({ value: quantity(ended), controls })),
    );
  };
}

function columnsOf(rows: number) {
  const [sentNs, serviceNs, latencyNs, attempts] = [0, 1, 2, 3].map(() => new Float64Array(rows)) as Columns;
  return { sentNs, serviceNs, latencyNs, attempts };
}

type Columns = [Float64Array, Float64Array, Float64Array, Float64Array];

/**
 * Means over the measured requests whose expectation is zero whatever the queue does with them, because the
 * application's work and what is not known of the next arrival are drawn without regard to the past:
 *
 *   S - E[S],  S^2 - E[S^2],  w (S - E[S]),  w^2 (S - E[S]),  and of every surprise d:  d,  w d,  w^2 d
 *
 * with S the service time of a request, d as a rule T - E[T] with T the gap to the next arrival, and w the wait of the
 * request (of the last one that found a place), which was decided before either was drawn. Square both sides of
 * Lindley's recursion w' = max(0, w + S - T) to see why the sums explain most of the chance in the mean wait: they are
 * the martingale part of w^2 (S. Henderson and P. Glynn, Math. Oper. Res. 27, 2002).
 */
function controls(system: System, surprises: readonly Float64Array[], ended: Ended): number[] {
  const { meanS, squareS2 } = system.service;
  const { from, to, serviceNs } = ended;
  const waits = waitsS(system, ended);
  const ofWork: [number, number, number, number] = [0, 0, 0, 0];
  const ofArrivals = new Float64Array(3 * surprises.length);
  for (let index = from; index < to; index++) {
    const waitS = waits[index - from] as number;
    const serviceS = (serviceNs[index] as number) / SECOND;
    const work = serviceS - meanS;
    ofWork[0] += work;
    ofWork[1] += serviceS ** 2 - squareS2;
    if (isServed(ended, index)) {
      ofWork[2] += waitS * work;
      ofWork[3] += waitS ** 2 * work;
    }
    if (index + 1 === to) continue;
    for (let at = 0; at < surprises.length; at++) {
      let surprise = (surprises[at] as Float64Array)[index] as number;
      for (let power = 0; power < 3; power++) {
        ofArrivals[3 * at + power] = (ofArrivals[3 * at + power] as number) + surprise;
        surprise *= waitS;
      }
    }
  }
  return [...ofWork, ...ofArrivals].map((sum) => sum / (to - from));
}

/**
 * The w of every request. Where requests share the cores, the wait is decided by who comes later. There w is the work
 * that the request finds, over the cores, as if these were one fast core: Lindley's recursion itself, which knows nothing
 * but the past.
 */
function waitsS({ cores }: System, ended: Ended): Float64Array {
  const { from, to, sentNs, serviceNs, latencyNs } = ended;
  const waits = new Float64Array(to - from);
  let waitNs = 0;
  for (let index = cores === undefined ? from : 1; index < to; index++) {
    if (cores !== undefined) {
      const gapNs = (sentNs[index] as number) - (sentNs[index - 1] as number);
      waitNs = Math.max(0, waitNs + (serviceNs[index - 1] as number) / cores - gapNs);
    } else if (isServed(ended, index)) waitNs = (latencyNs[index] as number) - (serviceNs[index] as number);
    if (index >= from) waits[index - from] = waitNs / SECOND;
  }
  return waits;
}

/** Whether the request found a place. */
export function isServed({ latencyNs }: Ended, index: number): boolean {
  return !Number.isNaN(latencyNs[index]);
}
