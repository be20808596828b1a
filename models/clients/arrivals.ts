// When open-loop clients send: phases that follow each other.
//
// Modelled: a phase lasts for a time or for a number of requests; by the clock, all rates can change while
// the phases go on, and the request that is due next comes as much earlier or later as it then should.
// Not modelled: phases that overlap (use several populations).

import type { Table } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";
import { type Arrivals, NO_MORE, type Supplies } from "./arrival-process.js";
import { mmppArrivals, profileArrivals, rampArrivals } from "./changing-rates.js";
import { lengthNs, meanPerSecond, type Phase } from "./phases.js";
import { burstArrivals, constantArrivals, poissonArrivals } from "./steady-rates.js";
import { readTrace, traceArrivals } from "./trace.js";

const NONE = -1;

/** All phases in sequence, from time 0. */
export function arrivals(
  phases: readonly Phase[],
  supplies: Supplies,
): Omit<Required<Arrivals>, "restart"> & { isRated(): boolean; restart(): void } {
  const only = begin(phases[0] as Phase, 0, supplies, 0);
  /** Made when they first begin, in this run or in one before: the first `begun` have begun in this one. */
  const made = [only];
  let begun = 1;
  let current = only;

  function nextOfAll(): number {
    for (;;) {
      const timeNs = current.next();
      if (timeNs !== NO_MORE) return timeNs;
      if (begun >= phases.length) return NO_MORE;
      current = following(current.endNs());
    }
  }

  function following(startNs: number): Arrivals {
    const index = begun++;
    const known = made[index];
    if (known) known.restart(startNs);
    else made.push(begin(phases[index] as Phase, startNs, supplies, index));
    return made[index] as Arrivals;
  }

  // A phase that has been looked into already, because nothing more was due in the one before, begins anew.
  function changed(atNs: number): number {
    while (begun > 1 && atNs < (made[begun - 2] as Arrivals).endNs()) begun--;
    current = made[begun - 1] as Arrivals;
    const timeNs = current.changed(atNs);
    return timeNs === NO_MORE ? nextOfAll() : Math.max(timeNs, atNs);
  }

  return {
    // A call whose target is known is inlined.
    next: phases.length === 1 ? only.next : nextOfAll,
    changed,
    serviceNs: () => current.serviceNs?.() ?? NONE,
    cpuNs: () => current.cpuNs?.() ?? NONE,
    endNs: () => current.endNs(),
    /** A phase that has a rate is going on or still to come. */
    isRated: () => phases.slice(begun - 1).some(hasRate),
    /** From time 0 again. */
    restart() {
      begun = 1;
      current = only;
      only.restart(0);
    },
  };
}

/** Bursts and traces come when they come, whatever the pace. */
export function hasRate({ process }: Phase): boolean {
  return process !== "burst" && process !== "trace";
}

function begin(declared: Phase, startNs: number, supplies: Supplies, index: number): Arrivals {
  switch (declared.process) {
    case "constant":
      return constantArrivals(declared, startNs, supplies);
    case "poisson":
      return poissonArrivals(declared, startNs, supplies);
    case "burst":
      return burstArrivals(declared, startNs);
    case "ramp":
      return rampArrivals(declared, startNs, supplies);
    case "mmpp":
      return mmppArrivals(declared, startNs, supplies);
    case "profile":
      return profileArrivals(declared, startNs, supplies);
    case "trace":
      return traceArrivals(readTrace(declared.file, supplies.table, supplies.path, index), startNs);
  }
}

/**
 * Requests that the phases send, on average. Throws a SettingError for a trace that cannot be read. `path` is
 * that of the supplies.
 */
export function expectedRequests(
  phases: readonly Phase[],
  table: (file: string) => Table,
  path?: string,
): number {
  return phases
    .map((one, index) => expectedOf(one, (file) => readTrace(file, table, path, index).sent.length))
    .reduce((sum, requests) => sum + requests, 0);
}

/** Whether requests of some phase bring their processor times along. `path` is that of the supplies. */
export function bringCpu(phases: readonly Phase[], table: (file: string) => Table, path?: string): boolean {
  return phases.some(
    (one, index) => one.process === "trace" && readTrace(one.file, table, path, index).cpu !== undefined,
  );
}

function expectedOf(one: Phase, traced: (file: string) => number): number {
  if (one.process === "trace") return traced(one.file);
  if (one.process === "burst") return one.requests;
  if ("requests" in one && one.requests !== undefined) return one.requests;
  const length = one.process === "mmpp" || one.process === "profile" ? lengthNs(one) : one.for;
  return ((meanPerSecond(one) as number) * (length as number)) / SECOND;
}
