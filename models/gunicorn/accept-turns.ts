// The listening sockets that workers accept from.
//
// Modelled: all workers share them, or each has its own; those of several that have connections are served in
// turn. Not modelled: which of them a selector reports first.

import type { World } from "../../src/component/world.js";
import type { Acceptors } from "../linux/acceptors.js";
import type { Arbiter, ClassDeclaration, Employment, WorkerClass } from "./worker-class.js";

type Queue = Parameters<Acceptors["listen"]>[0];

/** Stands for the workers that share sockets. */
export const SHARED = -1;

export interface AcceptTurns {
  /** Declares one more socket, of all workers or of this one. */
  listen(queue: Queue, worker?: number): void;
  /** The oldest connection of the next socket of this worker that has one, or -1. */
  take(worker: number): number;
}

interface Turns {
  queues: Queue[];
  next: number;
}

export function acceptTurns({ onReset }: World): AcceptTurns {
  const shared: Turns = { queues: [], next: 0 };
  const own: (Turns | undefined)[] = [];
  onReset(() => {
    for (const turns of [shared, ...own]) if (turns) turns.next = 0;
  });
  return {
    listen(queue, worker) {
      if (worker === undefined) shared.queues.push(queue);
      else {
        own[worker] ??= { queues: [], next: 0 };
        own[worker].queues.push(queue);
      }
    },
    take(worker) {
      const turns = own[worker] ?? shared;
      const { queues } = turns;
      for (let looked = 0; looked < queues.length; looked++) {
        const queue = queues[turns.next] as Queue;
        turns.next = (turns.next + 1) % queues.length;
        const connection = queue.take();
        if (connection >= 0) return connection;
      }
      return -1;
    },
  };
}

/** Workers of one gunicorn, as those see them that share sockets, or the socket of one worker. */
export interface Staff {
  shared: WorkerClass;
  own(worker: number): WorkerClass;
}

/**
 * A class's `build`: the workers of one gunicorn are built once, however many sockets they have, so that
 * hundreds of workers need no more kinds of events than one.
 */
export function staffed(build: (world: World, employment: Employment) => Staff): ClassDeclaration["build"] {
  const built = new WeakMap<Arbiter, Staff>();
  return (world, employment) => {
    const { arbiter, of } = employment;
    const staff = built.get(arbiter) ?? build(world, employment);
    built.set(arbiter, staff);
    // The name of a worker's socket is its number.
    return of === "" ? staff.shared : staff.own(Number(of.slice(1)));
  };
}
