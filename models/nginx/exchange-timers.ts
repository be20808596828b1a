// The timers of requests at the application, one of a kind for all workers: whenever one expires the engine
// looks at the others, and a thousand workers would have thousands.
//
// Modelled: whose connection a timer belongs to. Not modelled: what its worker does; see exchange.ts.

import type { Caller } from "../../src/component/connections.js";
import type { World } from "../../src/component/world.js";
import type { Timer } from "../../src/engine/timer.js";
import type { AttemptRows } from "./attempts.js";
import { type HandOver, type HandOverRules, handOver } from "./hand-over.js";

type Expired = Timer["expired"];

/** What a worker does when the time of one of its connections is up. */
export interface TimersOwner {
  connectTimedOut: Expired;
  readTimedOut: Expired;
  sendTimedOut: Expired;
}

export interface ExchangeTimers {
  connectTimer: Timer;
  readTimer: HandOver;
  /** Connections of this caller are the owner's. */
  own(caller: Caller, owner: TimersOwner): void;
}

export function exchangeTimers(
  world: World,
  settings: HandOverRules & { connectTimeoutNs: number },
  rows: AttemptRows,
): ExchangeTimers {
  const { sim, connections } = world;
  const owners = new Map<Caller, TimersOwner>();
  const to =
    (what: keyof TimersOwner): Expired =>
    (connection) =>
      owners.get(connections.caller(connection))?.[what](connection);
  return {
    connectTimer: sim.timer("nginx connect timeout", settings.connectTimeoutNs, to("connectTimedOut")),
    readTimer: handOver(world, settings, {
      peerOf: (connection) => rows.peer[connections.downstream[connection] as number] as number,
      readTimedOut: to("readTimedOut"),
      sendTimedOut: to("sendTimedOut"),
    }),
    own: (caller, owner) => owners.set(caller, owner),
  };
}
