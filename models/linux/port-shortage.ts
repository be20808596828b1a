// Why a connect() or bind() finds no port: what holds those that there are, and the settings behind it.
//
// Modelled: the state of most ports of the destination at the failure decides, since each state ends by
// settings of its own: TIME_WAIT by tcp_tw_reuse, FIN_WAIT2 by tcp_fin_timeout, connections by their work;
// ports that bind() takes by proxy_bind. Not modelled here: the states; see ports.ts.

import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import type { Destination, PortSettings } from "./port-table.js";

export const FREE = 0;
export const CONNECTED = 1;
export const TIME_WAIT = 2;
export const FIN_WAIT2 = 3;
/** FIN_WAIT2 as a full socket, of a tcp_fin_timeout above 60 s. */
export const ORPHAN = 4;
export const STATES = ["free", "connected", "in TIME_WAIT", "in FIN_WAIT2", "in FIN_WAIT2"];
const KINDS = STATES.length;
const MOST_NAMES = 3;

export interface PortShortage {
  /** A destination, with the number of its row in turn. */
  declared(destination: Destination): void;
  /** A port of this row is in another state. */
  moved(row: number, from: number, to: number): void;
  /** No port was found: the number of the cause. */
  met(row: number): number;
}

interface Cause {
  number: number;
  /** Addresses by row, and how many ports of the first of them each state held at its first failure. */
  failed: Set<string>;
  held: string[];
}

export function portShortage(world: World, settings: PortSettings): PortShortage {
  const { within = "", rangeText, twReuseText, finTimeoutText } = settings;
  const addresses: string[] = [];
  // By row and state.
  const counts = { all: new Int32Array(0) };
  world.onReset(() => counts.all.fill(0));
  const binding: (Cause | undefined)[] = [];
  const byState = new Map([
    [CONNECTED, declare("no-free-port", "no free port to", [rangeText])],
    [FIN_WAIT2, declare("no-free-port", "no free port to", [finTimeoutText, rangeText])],
    [TIME_WAIT, declare("no-free-port", "no free port to", [rangeText, twReuseText])],
  ]);

  function declare(id: string, what: string, decided: string[]): Cause {
    const failed = new Set<string>();
    const held: string[] = [];
    world.onReset(() => {
      failed.clear();
      held.length = 0;
    });
    const text = () => {
      const numbers = held.length > 0 ? ` (${held.join(", ")})` : "";
      return `${what} ${listOf(failed.size > 0 ? [...failed] : addresses)}${within}${numbers}`;
    };
    return { number: world.recorder.cause({ id, text, settings: decided }), failed, held };
  }

  /** How many ports of a row are in each state that holds one, most first. */
  function holders(row: number): [state: number, count: number][] {
    const of = (state: number) => counts.all[row * KINDS + state] as number;
    const all: [number, number][] = [
      [CONNECTED, of(CONNECTED)],
      [TIME_WAIT, of(TIME_WAIT)],
      [FIN_WAIT2, of(FIN_WAIT2) + of(ORPHAN)],
    ];
    return all.filter(([, count]) => count > 0).sort(([, one], [, other]) => other - one);
  }

  return {
    declared({ address, binds }) {
      addresses.push(binds?.address ?? address);
      counts.all = grown(counts.all, new Int32Array(addresses.length * KINDS));
      binding.push(binds && declare("no-port-to-bind", "bind() finds no free port at", binds.settings));
    },
    moved(row, from, to) {
      const { all } = counts;
      (all[row * KINDS + from] as number)--;
      (all[row * KINDS + to] as number)++;
    },
    met(row) {
      const held = holders(row);
      // Without any all ports are reserved, or bound by others.
      const cause = binding[row] ?? (byState.get(held[0]?.[0] ?? CONNECTED) as Cause);
      if (cause.failed.size === 0)
        cause.held.push(...held.map(([state, count]) => `${count} ${STATES[state]}`));
      cause.failed.add(addresses[row] as string);
      return cause.number;
    },
  };
}

/** "a, b and 3 more". */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
