// An open loop: requests are sent at given times, whatever becomes of those before.
//
// Modelled: phases of arrivals; a rate that changes by the clock. Not modelled: a load generator that cannot
// keep up.

import { once } from "../../src/component/once.js";
import type { World } from "../../src/component/world.js";
import { arrivals, bringCpu, expectedRequests, hasRate } from "./arrivals.js";
import type { Births } from "./births.js";
import type { Phase } from "./phases.js";

/** Who decides when requests are born. */
export interface Loop {
  /** Sets it going; what is upstream takes `leadNs` before anything can be observed. */
  start(leadNs: number): void;
  /** A request has its outcome at `endNs`, which may be a little later than now. */
  ended?(request: number, endNs: number): void;
  /** A request is sent again, from now on in another row. */
  moved?(from: number, to: number): void;
  readonly actions: Actions;
}

/** What events can do with the clients. */
export interface Actions {
  /**
   * From now on all rates are so many times those of the scenario; or each phase has this mean rate. False if
   * it comes too late for any request. Only clients with a rate have it.
   */
  rate?(change: { factor: number } | { perSecond: number }): boolean;
}

/** The same at all times, as far as anybody knows who looks at one of them. */
const STATIONARY: ReadonlySet<Phase["process"]> = new Set(["constant", "poisson", "mmpp"]);
const DRAWN = -1;
const NOBODY = -1;

export function openLoop(
  world: World,
  phases: readonly Phase[],
  given: { path: string; births: Births; send(request: number): void },
): Loop {
  const { sim } = world;
  const { path, births } = given;
  const table = (file: string) => world.table(file);
  const pace = { factor: 1, perSecond: undefined as number | undefined };
  const sending = arrivals(phases, {
    source: once(() => world.random(`${path}.arrivals`)),
    states: once(() => world.random(`${path}.states`)),
    table,
    pace,
    path,
  });
  world.recorder.expected += expectedRequests(phases, table, path);
  if (phases.length > 1 || !phases.every(({ process }) => STATIONARY.has(process))) {
    world.changes.push("the load is not the same at all times");
  }
  if (bringCpu(phases, table, path)) world.recorder.computes = true;
  const arrived = sim.lone("arrived", arrive);
  const bringsTimes = phases.some(({ process }) => process === "trace");
  const due = world.state({ sentNs: -1, event: -1, leadNs: 0 });
  world.onReset(() => {
    pace.factor = 1;
    pace.perSecond = undefined;
    sending.restart();
  });

  // What is upstream takes a fixed time before anything can be observed: the event is moved by it instead of
  // having one more.
  function schedule(sentNs: number): void {
    due.sentNs = sentNs;
    if (sentNs >= 0) due.event = arrived.at(sentNs + due.leadNs, 0);
  }

  function arrive(): void {
    const serviceNs = bringsTimes ? sending.serviceNs() : DRAWN;
    const cpuNs = bringsTimes ? sending.cpuNs() : DRAWN;
    const request = births.born(sim.now - due.leadNs, serviceNs, cpuNs, NOBODY);
    schedule(sending.next());
    given.send(request);
  }

  function rate(change: { factor: number } | { perSecond: number }): boolean {
    pace.factor = "factor" in change ? change.factor : 1;
    pace.perSecond = "perSecond" in change ? change.perSecond : undefined;
    // A request that is on its way already cannot be called back.
    const isDue = due.sentNs >= 0;
    const wasRated = sending.isRated();
    const sentNs = sending.changed(isDue && due.sentNs < sim.now ? due.sentNs : sim.now);
    if (isDue) arrived.cancel(due.event);
    schedule(sentNs);
    return (isDue && wasRated) || (sentNs >= 0 && sending.isRated());
  }

  return {
    start(leadNs) {
      due.leadNs = leadNs;
      schedule(sending.next());
    },
    actions: phases.some(hasRate) ? { rate } : {},
  };
}
