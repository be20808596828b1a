// The connections that one nginx worker can have.
//
// Modelled: worker_connections less one for each listening socket and one for the channel to the master; a
// client and its upstream connection take one each; without a free one for the client it is closed
// unanswered, without one for the upstream the answer is a 500 (src/event/ngx_event_accept.c,
// src/http/ngx_http_upstream.c; measured: of 10 with one listener 8 were usable, nginx 1.22.1, 2026-11); when
// they run short, connections of idle clients are closed (idle-clients.ts).
// Not modelled: a limit of open files below it.

import type { World } from "../../src/component/world.js";

const LISTENERS = 1;
const CHANNELS = 1;

/** The connections of one worker. */
export interface Slots {
  free: number;
  /** Takes one, after idle ones had to make room if they run short; false if there is none. */
  take(): boolean;
  /** All of them are free again. */
  reset(): void;
}

/** How many connections a worker has at its disposal. */
export function usableConnections(workerConnections: number): number {
  return workerConnections - LISTENERS - CHANNELS;
}

/** With at most `scarce` free ones, `makeRoom` is called before one is taken. */
export function connectionSlots(workerConnections: number, scarce: number, makeRoom: () => void): Slots {
  const slots = {
    free: usableConnections(workerConnections),
    take() {
      if (slots.free <= scarce) makeRoom();
      if (slots.free === 0) return false;
      slots.free--;
      return true;
    },
    reset() {
      slots.free = usableConnections(workerConnections);
    },
  };
  return slots;
}

/** What happens without a free connection, for all workers. */
export function slotCauses({ recorder, limits }: World, workerConnections: number) {
  const decided = [`nginx.worker_connections = ${workerConnections}`];
  const usable = usableConnections(workerConnections);
  const connections = usable === 1 ? "1 connection" : `${usable} connections`;
  limits.push({
    text: `an nginx worker has ${connections}, two for each request in flight`,
    settings: decided,
  });
  const all = usable === 1 ? "its only connection" : `all its ${usable} connections`;
  const text = () => `an nginx worker has ${all} in use`;
  return {
    client: recorder.cause({ id: "worker-connections-client", text, settings: decided }),
    upstream: recorder.cause({ id: "worker-connections-upstream", text, settings: decided }),
  };
}
