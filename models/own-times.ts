// Times that requests take in applications other than the one that the scenario's `app` describes.
//
// Modelled: a request's times in each of them are drawn at its birth, each from a stream of its own for each
// population and route, whoever serves it in the end; so its times in one application stay what they were
// when the others change, and it takes as long there if nginx sends it to a second server. A time that a
// request brings along (a trace's) is its time everywhere. Not modelled: times that go with those in another
// application, as those of a slow request would.

import type { World } from "../src/component/world.js";
import { type Distribution, isRandom, sampler } from "../src/engine/distribution.js";
import { grown } from "../src/engine/grown.js";

/** The request's own time, or that of the scenario's `app`. */
const SAME = -1;

/** How an application differs, by the number of the route; undefined where it does not. */
export interface Differing {
  /** Ends the names of its streams. */
  name: string;
  sleep: readonly (Distribution | undefined)[];
  cpu: readonly (Distribution | undefined)[];
}

/** Times of a request, in whole nanoseconds. */
export interface Times {
  sleepNs(request: number): number;
  cpuNs(request: number): number;
}

/** What is drawn besides when a population draws a time for a request of this route. */
export interface Draws {
  sleep(route: number): void;
  cpu(route: number): void;
}

interface Own extends Differing {
  /** Of the request that is about to be born. */
  next: { sleep: number; cpu: number };
  /** By request. */
  columns: { sleep: Float64Array; cpu: Float64Array };
}

export function ownTimes(world: World, paths: readonly string[]) {
  const { requests } = world;
  const all: Own[] = [];
  world.onReset(() => {
    for (const { next, columns } of all) {
      next.sleep = SAME;
      next.cpu = SAME;
      columns.sleep.fill(0);
      columns.cpu.fill(0);
    }
  });

  function born(row: number): void {
    for (const { next, columns } of all) {
      if (row >= columns.sleep.length) {
        columns.sleep = grown(columns.sleep, new Float64Array(requests.id.length));
        columns.cpu = grown(columns.cpu, new Float64Array(requests.id.length));
      }
      columns.sleep[row] = next.sleep;
      columns.cpu[row] = next.cpu;
      next.sleep = SAME;
      next.cpu = SAME;
    }
  }

  function copy(from: number, to: number): void {
    born(to);
    for (const { columns } of all) {
      columns.sleep[to] = columns.sleep[from] as number;
      columns.cpu[to] = columns.cpu[from] as number;
    }
  }

  return {
    /** Declares an application, before anybody draws. */
    declare(differing: Differing): Times {
      const columns = { sleep: new Float64Array(0), cpu: new Float64Array(0) };
      all.push({ ...differing, next: { sleep: SAME, cpu: SAME }, columns });
      requests.others = { born, copy };
      const or = (ownNs: number, sameNs: number) => (ownNs === SAME ? sameNs : ownNs);
      return {
        sleepNs: (row) => or(columns.sleep[row] as number, requests.serviceNs[row] as number),
        cpuNs: (row) => or(columns.cpu[row] as number, requests.cpuNs[row] as number),
      };
    },
    /** Some of them take processor time. */
    compute: () => all.some(({ cpu }) => cpu.some((one) => one !== undefined && !isNothing(one))),
    /** What a population draws whose streams begin with `stream`; undefined if nothing. */
    draws(stream: string, slowed: (ns: number) => number): Draws | undefined {
      if (all.length === 0) return undefined;
      const samplers = (key: "sleep" | "cpu", name: string) =>
        all.map((own) =>
          own[key].map((one, route) => {
            const of = paths.length === 1 ? own.name : `${own.name} ${paths[route]}`;
            return one && sampler(one, isRandom(one) ? world.random(`${stream}.${name} of ${of}`) : undrawn);
          }),
        );
      const draw = (key: "sleep" | "cpu", of: ((() => number) | undefined)[][]) => (route: number) => {
        for (const [index, { next }] of all.entries()) {
          const one = of[index]?.[route];
          next[key] = one ? slowed(one()) : SAME;
        }
      };
      return { sleep: draw("sleep", samplers("sleep", "service")), cpu: draw("cpu", samplers("cpu", "cpu")) };
    },
  };
}

function isNothing(distribution: Distribution): boolean {
  return distribution.kind === "constant" && distribution.valueNs === 0;
}

function undrawn(): number {
  throw new Error("a constant time draws nothing");
}
