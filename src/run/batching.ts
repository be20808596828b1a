// One long run, cut into batches while it runs: their number is bounded, and how long the run will be need
// not be known. When there are 192, neighbours are merged and the length doubles, as in Fishman's and
// Yarberry's LBATCH (1997, INFORMS J. Computing 9, 296-310). A batch is what changed in it: counters and sums
// by name, and latencies by outcome.
//
// Batches end by the clock, so that a request costs nothing for their sake. The histograms that requests are
// recorded in are emptied then, and filled again with all batches when the run is over.

import type { World } from "../component/world.js";
import { LONGEST_NS, MILLISECOND } from "../engine/time.js";
import type { Gauge } from "../metrics/gauge.js";
import { type Histogram, joined, type Records } from "../metrics/histogram.js";

/** What happened in one batch. */
export interface Batch {
  /** Counters, sums and nanoseconds by name. */
  sums: Sums;
  /** Latencies by outcome, and by route and outcome. */
  records: Map<string, Records>;
}

export interface Batching {
  /** As it was before any run. */
  clear(): void;
  /** The first batch begins now. */
  begin(): void;
  /** Call it once, when the run is over: all batches, the last one up to its end. */
  finish(): Batch[];
}

/** Half of them are enough for 40 groups, even without those of a long end. */
const MOST = 192;
const FIRST_NS = MILLISECOND;
/** A batch of fewer requests is too short to begin with: one of so many, or of a share of those expected. */
const LEAST_REQUESTS = 16;
// Of a load that is the same at all times the first length gives 384 batches or more then, so that they are
// merged at least once and are the same in the end as if they had been shorter. From 1 ms on, 8 million
// requests of a closed loop were cut 1,250 times, which took 7 % of the run.
const LEAST_SHARE = 1 / (4 * MOST);

/** Numbers by name. All batches of a run have the same names, of which the first ones have the first. */
export class Sums {
  readonly places: ReadonlyMap<string, number>;
  readonly values: Float64Array<ArrayBuffer>;

  constructor(places: ReadonlyMap<string, number>, values: Float64Array<ArrayBuffer>) {
    this.places = places;
    this.values = values;
  }

  /** 0 if it has come up later, or never. */
  of(name: string): number {
    return this.values[this.places.get(name) ?? this.values.length] ?? 0;
  }

  plus({ values }: Sums): Sums {
    const [shorter, longer] = [this.values, values].sort((one, other) => one.length - other.length);
    const both = (longer as Float64Array<ArrayBuffer>).slice();
    for (let place = 0; place < (shorter as Float64Array).length; place++) {
      both[place] = (this.values[place] as number) + (values[place] as number);
    }
    return new Sums(this.places, both);
  }
}

/** Cuts this world's run. */
export function batching(world: World): Batching {
  const { sim, requests, recorder, gauges } = world;
  const over = sim.timer("batch over", 0, close, { isBackground: true });
  let growing = growingSums(world);
  let all: Batch[] = [];
  /** When each of them ended. */
  let ends: number[] = [];
  let lengthNs = FIRST_NS;
  let beganNs = 0;
  let sentBefore = 0;
  let before = new Float64Array(0);

  function clear(): void {
    growing = growingSums(world);
    all = [];
    ends = [];
    lengthNs = FIRST_NS;
    beganNs = 0;
    sentBefore = 0;
    before = new Float64Array(0);
  }

  function begin(): void {
    beganNs = sim.now;
    sentBefore = requests.sent;
    before = growing.upTo(sim.now);
    over.startAt(sim.now + lengthNs, 0);
  }

  function close(): void {
    const isFirst = all.length === 0;
    const least = Math.max(LEAST_REQUESTS, recorder.expected * LEAST_SHARE);
    if (isFirst && requests.sent - sentBefore < least) lengthNs *= 2;
    else {
      cut(sim.now);
      if (all.length === MOST) {
        all = pairs(all, both);
        ends = pairs(ends, (_, end) => end);
        lengthNs *= 2;
      }
    }
    const endNs = (all.length > 0 ? sim.now : beganNs) + lengthNs;
    // Before the next one ends the run does, or nobody's clock goes on: what is left is the last batch.
    if (endNs <= LONGEST_NS) over.startAt(endNs, 0);
  }

  function cut(attackedNs: number): void {
    for (const gauge of gauges) gauge.finish();
    const now = growing.upTo(attackedNs);
    const sums = now.slice();
    for (let place = 0; place < before.length; place++) (sums[place] as number) -= before[place] as number;
    before = now;
    const records = new Map(histogramsOf(world).map(([name, histogram]) => [name, histogram.take()]));
    all.push({ sums: new Sums(growing.places, sums), records });
    ends.push(sim.now);
  }

  return {
    clear,
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
      return [...all.slice(0, last), all.slice(last).reduce(both)];
    },
  };
}

/** All batches in so many groups of about one length; undefined if there are too few to be about equal. */
export function grouped(all: readonly Batch[], groups: number): Batch[] | undefined {
  if (all.length < 2 * groups) return undefined;
  const startOf = (group: number) => Math.round((group * all.length) / groups);
  return Array.from({ length: groups }, (_, group) =>
    all.slice(startOf(group), startOf(group + 1)).reduce(both),
  );
}

/** Two neighbours: what the earlier one has, the later one has too. */
function both(earlier: Batch, later: Batch): Batch {
  const records = new Map(later.records);
  for (const [name, own] of earlier.records)
    records.set(name, joined(own, later.records.get(name) as Records));
  return { sums: earlier.sums.plus(later.sums), records };
}

function pairs<Of>(all: readonly Of[], join: (one: Of, other: Of) => Of): Of[] {
  return Array.from({ length: all.length / 2 }, (_, pair) =>
    join(all[2 * pair] as Of, all[2 * pair + 1] as Of),
  );
}

/**
 * All that only grows. Names and places stay what they are: whatever is declared during the run comes behind
 * the others, so that a batch needs no map of its own.
 */
function growingSums(world: World) {
  const { sim, recorder, requests, gauges, work } = world;
  const { waits } = recorder;
  const places = new Map<string, number>();
  const own = ["timeNs", "attackNs", "sent", "busyNs", "waits answered", "waits delayed", "waits sum"];
  const levels: { place: number; gauge: Gauge }[] = [];
  const counters: { place: number; counted: { count: number } }[] = [];
  const known = { tallies: 0, causes: 1 };
  for (const name of own.slice(0, waits ? own.length : 4)) placeOf(name);

  function placeOf(name: string): number {
    const place = places.size;
    places.set(name, place);
    return place;
  }

  function addNew(): void {
    for (const gauge of gauges.slice(levels.length)) {
      levels.push({ place: placeOf(`area ${levels.length}`), gauge });
    }
    if (recorder.tallies.size > known.tallies) {
      for (const [name, counted] of [...recorder.tallies].slice(known.tallies)) {
        counters.push({ place: placeOf(`tally ${name}`), counted });
      }
      known.tallies = recorder.tallies.size;
    }
    for (const counted of recorder.causes.slice(known.causes)) {
      counters.push({ place: placeOf(`count cause.${known.causes++ - 1}`), counted });
    }
  }

  return {
    places: places as ReadonlyMap<string, number>,
    /** Up to now; requests are sent up to `attackedNs`. */
    upTo(attackedNs: number): Float64Array<ArrayBuffer> {
      addNew();
      const sums = new Float64Array(places.size);
      let busyNs = 0;
      for (const gauge of work.busy) busyNs += gauge.area;
      sums.set([sim.now, attackedNs, requests.sent, busyNs]);
      if (waits) sums.set([waits.answered, waits.delayed, waits.waitNs], 4);
      for (const { place, gauge } of levels) sums[place] = gauge.area;
      for (const { place, counted } of counters) sums[place] = counted.count;
      return sums;
    },
  };
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
