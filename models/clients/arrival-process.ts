// What the phases of arrivals have in common.
//
// Modelled: requests one after the other, and a pace that may change while they come. Not modelled: phases
// that know of each other.

import type { Table } from "../../src/component/world.js";
import type { Source } from "../../src/engine/random.js";

/** The requests of a phase, in order. */
export interface Arrivals {
  /** Time of the next request in nanoseconds; negative when there is none. */
  next(): number;
  /**
   * The pace has changed at `atNs`, not before the last request that was sent and not after the one that is
   * due: the time of that one anew, negative if it does not come in this phase any more.
   */
  changed(atNs: number): number;
  /** When the phase is over and the following one starts; asked for after the last request. */
  endNs(): number;
  /** It has sent nothing yet, and starts at `startNs`, at the present pace. */
  restart(startNs: number): void;
  /** Times in nanoseconds that the request of the last `next` brings along; negative if it brings none. */
  serviceNs?(): number;
  cpuNs?(): number;
}

/** By how much rates are above those of the scenario. */
export interface Pace {
  factor: number;
  /** In place of a factor: the mean rate of every phase. */
  perSecond: number | undefined;
}

/** What phases need: random numbers, asked for only if a phase draws some, and files. */
export interface Supplies {
  /** For the gaps between requests, and for how long states last. */
  source(): Source;
  states(): Source;
  table(file: string): Table;
  pace: Pace;
  /** The population in messages, `clients.web`; `clients` without it. */
  path?: string;
}

export const NO_MORE = -1;

/** The factor for a phase with this mean rate. */
export function factorOf({ factor, perSecond }: Pace, mean: number): number {
  return perSecond === undefined ? factor : perSecond / mean;
}
