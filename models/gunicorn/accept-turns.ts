// The listening sockets that a set of workers accepts from.
//
// Modelled: several sockets that have connections are served in turn. Not modelled: which of them a selector
// reports first.

import type { Acceptors } from "../linux/listening-socket.js";

type Queue = Parameters<Acceptors["listen"]>[0];

export interface AcceptTurns {
  /** Declares one more socket. */
  listen(queue: Queue): void;
  /** The oldest connection of the next socket that has one, or -1. */
  take(): number;
}

export function acceptTurns(): AcceptTurns {
  const queues: Queue[] = [];
  let turn = 0;
  return {
    listen: (queue) => {
      queues.push(queue);
    },
    take() {
      for (let looked = 0; looked < queues.length; looked++) {
        const queue = queues[turn] as Queue;
        turn = (turn + 1) % queues.length;
        const connection = queue.take();
        if (connection >= 0) return connection;
      }
      return -1;
    },
  };
}
