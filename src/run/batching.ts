// One long run, cut into batches while it runs: their number is bounded, and how long the run will be need
// not be known. When there are 192, neighbours are merged and the length doubles, as in Fishman's and
// Yarberry's LBATCH (1997, INFORMS J. Computing 9, 296-310). A batch is what changed in it: counters and sums
// by name, and latencies by outcome.
//
// Batches end by the clock, so that a request costs nothing for their sake. The histograms that requests are
// recorded in are emptied then, and filled again with all batches when the run is over.

import type { World } from "../component/world.js";
import { MILLISECOND } from "../engine/time.js";
import { Histogram, type Records } from "../metrics/histogram.js";

/** What happened in one batch. */
export interface Batch {
  /** Counters, sums and nanoseconds by name. */
  sums: Map<string, number>;
  /** Latencies by outcome, and by route and outcome. */
  records: Map<string, Records>;
}

export interface Batching {
  /** The first batch begins now. */
  begin(): void;
  /** Call it once, when the run is over: all batches, the last one up to its end. */
  finish(): Batch[];
}

/** Half of them are enough for 40 groups, even without those of a long end. */
const MOST = 192;
const FIRST_NS = MILLISECOND;
/** A batch of fewer requests is too short to begin with. */
const LEAST_REQUESTS = 16;

/** Cuts this world's run. */
export function batching(world: World): Batching {
  const { sim, requests, gauges } = world;
  const over = sim.timer("batch over", 0, close, { isBackground: true });
  const scratch = new Histogram();
  let all: Batch[] = [];
  /** When each of them ended. */
  let ends: number[] = [];
  let lengthNs = FIRST_NS;
  let beganNs = 0;
  let before = new Map<string, number>();

  function begin(): void {
    beganNs = sim.now;
    before = sumsOf(world, sim.now);
    over.startAt(sim.now + lengthNs, 0);
  }

  function close(): void {
    const isFirst = all.length === 0;
    if (isFirst && requests.sent - (before.get("sent") as number) < LEAST_REQUESTS) lengthNs *= 2;
    else {
      cut(sim.now);
      if (all.length === MOST) {
        all = pairs(all, (one, other) => merged([one, other], scratch));
        ends = pairs(ends, (_, end) => end);
        lengthNs *= 2;
      }
    }
    over.startAt((all.length > 0 ? sim.now : beganNs) + lengthNs, 0);
  }

  function cut(attackedNs: number): void {
    for (const gauge of gauges) gauge.finish();
    const now = sumsOf(world, attackedNs);
    const [sums, records] = [new Map<string, number>(), new Map<string, Records>()];
    now.forEach((sum, name) => {
      sums.set(name, sum - (before.get(name) ?? 0));
    });
    for (const [name, histogram] of histogramsOf(world)) records.set(name, histogram.take());
    before = now;
    all.push({ sums, records });
    ends.push(sim.now);
  }

  return {
    begin,
    finish() {
      const { lastSentNs } = requests;
      cut(lastSentNs);
      for (const [name, histogram] of histogramsOf(world)) {
        for (const { records } of all) {
          const own = records.get(name);
          if (own) histogram.put(own);
        }
      }
      // When nobody comes any more, what is left ends: a part of the last batch.
      const last = ends.findIndex((end, index) => end >= lastSentNs || index === ends.length - 1);
      return [...all.slice(0, last), merged(all.slice(last), scratch)];
    },
  };
}

/** All batches in so many groups of about one length; undefined if there are too few to be about equal. */
export function grouped(all: readonly Batch[], groups: number): Batch[] | undefined {
  if (all.length < 2 * groups) return undefined;
  const scratch = new Histogram();
  const startOf = (group: number) => Math.round((group * all.length) / groups);
  return Array.from({ length: groups }, (_, group) =>
    merged(all.slice(startOf(group), startOf(group + 1)), scratch),
  );
}

function merged(batches: readonly Batch[], scratch: Histogram): Batch {
  const [sums, records] = [new Map<string, number>(), new Map<string, Records>()];
  for (const batch of batches) {
    batch.sums.forEach((sum, name) => {
      sums.set(name, (sums.get(name) ?? 0) + sum);
    });
  }
  for (const name of new Set(batches.flatMap((batch) => [...batch.records.keys()]))) {
    for (const batch of batches) {
      const own = batch.records.get(name);
      if (own) scratch.put(own);
    }
    records.set(name, scratch.take());
  }
  return { sums, records };
}

function pairs<Of>(all: readonly Of[], join: (one: Of, other: Of) => Of): Of[] {
  return Array.from({ length: all.length / 2 }, (_, pair) =>
    join(all[2 * pair] as Of, all[2 * pair + 1] as Of),
  );
}

/** All that only grows, by name, up to now; requests are sent up to `attackedNs`. */
function sumsOf(world: World, attackedNs: number): Map<string, number> {
  const { sim, recorder, requests, gauges, work } = world;
  const sums = new Map([
    ["timeNs", sim.now],
    ["attackNs", attackedNs],
    ["sent", requests.sent],
    ["busyNs", work.busy.reduce((sum, gauge) => sum + gauge.area, 0)],
  ]);
  gauges.forEach((gauge, index) => {
    sums.set(`area ${index}`, gauge.area);
  });
  recorder.tallies.forEach(({ count }, name) => {
    sums.set(`tally ${name}`, count);
  });
  recorder.causes.forEach(({ count }, index) => {
    if (index > 0) sums.set(`count cause.${index - 1}`, count);
  });
  if (!recorder.waits) return sums;
  sums.set("waits answered", recorder.waits.answered);
  sums.set("waits delayed", recorder.waits.delayed);
  sums.set("waits sum", recorder.waits.waitNs);
  return sums;
}

function histogramsOf({ recorder }: World): [name: string, histogram: Histogram][] {
  const { outcomes, routes } = recorder;
  const ofRoutes = routes.flatMap(({ latencies }, index) =>
    outcomes.flatMap(({ outcome }, number): [string, Histogram][] => {
      const own = latencies[number];
      return own ? [[`route ${index} outcome.${outcome}`, own]] : [];
    }),
  );
  return [
    ...outcomes.map(({ outcome, latencies }): [string, Histogram] => [`outcome.${outcome}`, latencies]),
    ...ofRoutes,
  ];
}
