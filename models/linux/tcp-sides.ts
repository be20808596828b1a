// Whose rules and clock an end of a connection follows.
//
// Modelled: each end those of the kernel of its own network namespace. Not modelled: the kernels of callers
// that live elsewhere, which are taken to be as the listener's.

import type { World } from "../../src/component/world.js";
import { type Jiffies, jiffies, type MachineClock } from "./jiffies.js";
import type { TcpRules } from "./tcp-rules.js";

/** One network namespace. */
export interface TcpSide {
  rules: TcpRules;
  clock: MachineClock;
}

export interface End {
  rules: TcpRules;
  timers: Jiffies;
}

export interface TcpSides {
  /** The end that listens in this namespace. */
  listening(namespace: number): End;
  /** The caller's end of a connection that is listened to in this namespace. */
  calling(connection: number, namespace: number): End;
  /** Whether both ends are in this namespace. */
  isWithin(connection: number, namespace: number): boolean;
}

/** Namespaces by number; `expired` gets the timers of one machine that are due together. */
export function tcpSides(
  world: World,
  sides: readonly TcpSide[],
  expired: (subjects: readonly number[]) => void,
): TcpSides {
  const { connections } = world;
  const byClock = new Map<MachineClock, Jiffies>();
  const ends = sides.map(({ rules, clock }): End => {
    const timers = byClock.get(clock) ?? jiffies(world, clock, expired);
    byClock.set(clock, timers);
    return { rules, timers };
  });
  const several = ends.length > 1;
  return {
    listening: (namespace) => ends[namespace] as End,
    calling(connection, namespace) {
      const own = several ? ends[connections.from[connection] as number] : undefined;
      return own ?? (ends[namespace] as End);
    },
    isWithin: (connection, namespace) => !several || connections.from[connection] === namespace,
  };
}
