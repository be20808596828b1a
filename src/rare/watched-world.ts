// A world of which only births and ends of requests are seen: what splitting needs to know of it, and nothing
// of what a report would want to know besides.

import type { Component } from "../component/component.js";
import { isSuccess } from "../component/outcome.js";
import type { CauseRecord } from "../component/recorder.js";
import { SettingError } from "../component/setting-error.js";
import type { BoundedQueue, Table, World } from "../component/world.js";
import type { Streams } from "../engine/random.js";
import { Counts } from "../metrics/counts.js";
import type { Gauge } from "../metrics/gauge.js";
import { Histogram } from "../metrics/histogram.js";
import { timeAxis } from "../metrics/time-axis.js";
import { assemble } from "../scenario/assemble.js";

/** What to run: its sources of requests never end. */
export interface EndlessJob {
  settings: Record<string, unknown>;
  components: readonly Component[];
  seed: string;
  table: (file: string) => Table;
  /** The number of the queue that is watched, in the order of `World.bounded`. */
  queue: number;
  /** Mean gap of a Poisson process in nanoseconds, of a job that systems can be filled for. */
  meanGapNs: number;
}

/** Nanoseconds that a request will take. */
export interface Work {
  serviceNs: number;
  cpuNs: number;
}

export interface Watched {
  world: World;
  hooks: Hooks;
  /** The queue that is watched, from now on: its number in the order of `World.bounded`. */
  watch(queue: number): void;
  readonly queue: BoundedQueue;
  /** Requests in the queue and with workers: the importance function. */
  level(): number;
  /** Requests with workers. */
  inService(): number;
  /** A worker has nothing to do, and nobody waits. */
  hasIdle(): boolean;
  /** Nothing is on its way: a request that is born now begins everything anew. */
  isEmpty(): boolean;
  /** Requests that have no outcome yet. */
  unfinished(): number;
  /** Requests so far that any queue has refused. */
  refused(): number;
}

/** What is told; may be exchanged. */
export interface Hooks {
  /** A request is born; its work may be changed. Before it, nothing of its gap to the next one is drawn. */
  born(work: Work): void;
  /** A request, by its number, has its outcome at this time. */
  ended?: (id: number, endNs: number) => void;
}

const UNRECORDED = { hash: 0, latencies: new Histogram(), ended: new Counts(timeAxis()) };

/** Builds a world and starts it; nothing has happened yet. */
export function watchedWorld(job: EndlessJob, random: Streams, hooks: Hooks): Watched {
  const { settings, components, seed, table } = job;
  const { world } = assemble(settings, components, { seed, replication: 0, table, random });
  const { requests, recorder } = world;
  const { busy } = world.work;
  const workers = busy.reduce((sum, { limit }) => sum + (limit ?? 0), 0);
  const counts = { ended: 0 };
  const work: Work = { serviceNs: 0, cpuNs: 0 };

  // In place of the methods of this one world: a hook in the classes would cost every other run something.
  // The recorder's histograms of outcomes (220 kB each) would take longer to make than most paths, but their
  // names stay known to whoever asks for them.
  const { born } = requests;
  requests.born = (sentNs, serviceNs, cpuNs = 0) => {
    work.serviceNs = serviceNs;
    work.cpuNs = cpuNs;
    hooks.born(work);
    return born.call(requests, sentNs, work.serviceNs, work.cpuNs);
  };
  recorder.outcome = (outcome) => {
    const known = recorder.outcomes.findIndex((record) => record.outcome === outcome);
    if (known >= 0) return known;
    return recorder.outcomes.push({ ...UNRECORDED, outcome, isSuccess: isSuccess(outcome) }) - 1;
  };
  recorder.ended = (request, _outcome, endNs) => {
    counts.ended++;
    const cause = requests.cause[request] as number;
    if (cause !== 0) (recorder.causes[cause] as CauseRecord).count++;
    hooks.ended?.(requests.id[request] as number, endNs);
  };

  function inService(): number {
    let sum = 0;
    for (let index = 0; index < busy.length; index++) sum += (busy[index] as { value: number }).value;
    return sum;
  }

  const full = world.bounded.map(({ cause }) => recorder.causes[cause] as CauseRecord);
  let queue: BoundedQueue;
  let gauge: Gauge;
  function watch(number: number): void {
    const wanted = world.bounded[number];
    if (!wanted) throw new SettingError(["gunicorn"], "expected a server whose accept queue can be full");
    queue = wanted;
    gauge = queue.gauge;
  }

  function refused(): number {
    let sum = 0;
    for (let index = 0; index < full.length; index++) sum += (full[index] as CauseRecord).count;
    return sum;
  }

  watch(job.queue);
  world.start();
  return {
    world,
    hooks,
    watch,
    get queue() {
      return queue;
    },
    level: () => gauge.value + inService(),
    inService,
    hasIdle: () => gauge.value === 0 && inService() < workers,
    isEmpty: () => counts.ended === requests.sent && inService() === 0,
    unfinished: () => requests.sent - counts.ended,
    refused,
  };
}
