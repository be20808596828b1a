// Keeps the requests that are under way, so that an empty system can be filled with them.

import type { Place } from "./path.js";
import { NotPlain } from "./path.js";
import type { Watched, Work } from "./watched-world.js";

/** The requests that were under way when another one was born, which is the last of them. */
export interface FilledPlace extends Place {
  /**
   * What those with workers still take, the oldest first, without what they take beside their work: less than
   * nothing if only that is left. NaN as long as it has not been seen.
   */
  leftNs: Float64Array;
  /** How much of its work each of them had done; less than nothing if it had not begun. */
  doneNs: Float64Array;
  /** What those take that wait, and the one that is born; only if that was asked for. */
  works: Work[] | undefined;
}

/** What a request takes beside its work, in nanoseconds, and by how many that is known. */
export interface Besides {
  ns: number;
  probes: number;
}

/** Nobody knows yet. */
export function nothingBesides(): Besides {
  return { ns: Number.POSITIVE_INFINITY, probes: 0 };
}

/** So many requests that found an idle worker tell it. */
export const PROBES = 100;

export interface Ledger {
  /** A request is born; of its work so much counts as done that is not in it. */
  born(work: Work, doneNs?: number): void;
  /** The last birth and the last end are longer ago than what requests take beside their work. */
  isSettled(): boolean;
  ended(id: number, endNs: number): void;
  /** The place at which the request is born that will be told next. Throws NotPlain. */
  save(work: Work, withWorks: boolean): FilledPlace;
  /** Adds the work of those who wait: of that nobody has seen anything. */
  waiting(pool: number[]): void;
  /** All that was saved is complete. */
  readonly isComplete: boolean;
}

const FIRST_CAPACITY = 256;

/**
 * Who is served has begun in the order of births, and those under way are all that the state consists of:
 * that is assumed here, and has to be checked by comparing paths. What a request takes beside its work is
 * measured with those that find a worker idle; it has to be the same for all of them.
 */
export function ledger(watched: () => Watched, besides: Besides): Ledger {
  let serviceNs = new Float64Array(FIRST_CAPACITY);
  let cpuNs = new Float64Array(FIRST_CAPACITY);
  let doneNs = new Float64Array(FIRST_CAPACITY);
  let hasEnded = new Uint8Array(FIRST_CAPACITY);
  const known = { oldest: 0, next: 0 };
  /** The request that tells what is taken beside work. */
  const probe = { id: -1, dueNs: 0 };
  const last = { atNs: 0 };
  const waiting = new Map<number, { place: FilledPlace; index: number; savedNs: number }[]>();

  function born(work: Work, before = 0): void {
    const id = known.next++;
    if (known.next - known.oldest > serviceNs.length) grow();
    const row = id & (serviceNs.length - 1);
    serviceNs[row] = work.serviceNs;
    cpuNs[row] = work.cpuNs;
    doneNs[row] = before;
    hasEnded[row] = 0;
    const isProbe = probe.id < 0 && besides.probes < PROBES && watched().hasIdle();
    last.atNs = watched().world.sim.now;
    if (!isProbe) return;
    probe.id = id;
    probe.dueNs = watched().world.sim.now + work.serviceNs + work.cpuNs;
  }

  function isSettled(): boolean {
    const [unfinished, level] = [watched().unfinished(), watched().level()];
    if (unfinished < level) throw new NotPlain("work goes on for requests that have ended");
    return unfinished === level && watched().world.sim.now - last.atNs > besides.ns;
  }

  const workNs = (row: number) => (serviceNs[row] as number) + (cpuNs[row] as number);

  function grow(): void {
    const [services, cpus, dones] = [serviceNs, cpuNs, doneNs];
    const [ends, mask] = [hasEnded, serviceNs.length - 1];
    const capacity = serviceNs.length * 2;
    serviceNs = new Float64Array(capacity);
    cpuNs = new Float64Array(capacity);
    doneNs = new Float64Array(capacity);
    hasEnded = new Uint8Array(capacity);
    for (let id = known.oldest; id < known.next; id++) {
      const row = id & (capacity - 1);
      serviceNs[row] = services[id & mask] as number;
      cpuNs[row] = cpus[id & mask] as number;
      doneNs[row] = dones[id & mask] as number;
      hasEnded[row] = ends[id & mask] as number;
    }
  }

  function ended(id: number, endNs: number): void {
    const mask = serviceNs.length - 1;
    last.atNs = watched().world.sim.now;
    hasEnded[id & mask] = 1;
    while (known.oldest < known.next && hasEnded[known.oldest & mask] === 1) known.oldest++;
    if (id === probe.id) measured(endNs - probe.dueNs);
    if (waiting.size === 0) return;
    for (const { place, index, savedNs } of waiting.get(id) ?? []) {
      const leftNs = endNs - savedNs - besides.ns;
      place.leftNs[index] = leftNs;
      place.doneNs[index] = (doneNs[id & mask] as number) + workNs(id & mask) - leftNs;
    }
    waiting.delete(id);
  }

  /** Where requests wait for each other on their way, the least is what each of them takes. */
  function measured(besidesNs: number): void {
    probe.id = -1;
    if (besides.probes === PROBES) return;
    besides.probes++;
    besides.ns = Math.min(besides.ns, besidesNs);
  }

  function save(work: Work, withWorks: boolean): FilledPlace {
    const level = watched().level();
    const serving = watched().inService();
    const works: Work[] = [];
    const place: FilledPlace = {
      level,
      leftNs: new Float64Array(serving),
      doneNs: new Float64Array(serving),
      works: withWorks ? works : undefined,
    };
    const mask = serviceNs.length - 1;
    let index = 0;
    for (let id = known.oldest; id < known.next && (withWorks || index < serving); id++) {
      const row = id & mask;
      if (hasEnded[row] === 1) continue;
      if (index < serving) wait(id, place, index);
      else works.push({ serviceNs: serviceNs[row] as number, cpuNs: cpuNs[row] as number });
      index++;
    }
    works.push({ ...work });
    return place;
  }

  function wait(id: number, place: FilledPlace, index: number): void {
    const others = waiting.get(id);
    const one = { place, index, savedNs: watched().world.sim.now };
    place.leftNs[index] = Number.NaN;
    if (others) others.push(one);
    else waiting.set(id, [one]);
  }

  function waitingInto(pool: number[]): void {
    const mask = serviceNs.length - 1;
    let serving = watched().inService();
    for (let id = known.oldest; id < known.next; id++) {
      if (hasEnded[id & mask] === 0 && serving-- <= 0) pool.push(workNs(id & mask));
    }
  }

  return {
    born,
    ended,
    isSettled,
    save,
    waiting: waitingInto,
    get isComplete() {
      return waiting.size === 0;
    },
  };
}
