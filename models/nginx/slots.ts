// The connections that one nginx worker can have.
//
// Modelled: worker_connections less one for each listening socket and one for the channel to the master; a
// client and its upstream connection take one each; without a free one for the client it is closed
// unanswered, without one for the upstream the answer is a 500 (src/event/ngx_event_accept.c,
// src/http/ngx_http_upstream.c; measured: of 10 with one listener 8 were usable, nginx 1.22.1, 2026-11).
// Not modelled: idle client connections that are closed to make room, since clients do not keep theirs.

import type { World } from "../../src/component/world.js";

const LISTENERS = 1;
const CHANNELS = 1;

/** How many connections a worker has at its disposal. */
export function usableConnections(workerConnections: number): number {
  return workerConnections - LISTENERS - CHANNELS;
}

/** What happens without a free connection, for all workers. */
export function slotCauses({ recorder, limits }: World, workerConnections: number) {
  const decided = [`nginx.worker_connections = ${workerConnections}`];
  const usable = usableConnections(workerConnections);
  limits.push({
    text: `an nginx worker has ${usable} connections, two for each request in flight`,
    settings: decided,
  });
  const text = () => `an nginx worker has all its ${usable} connections in use`;
  return {
    client: recorder.cause({ id: "worker-connections-client", text, settings: decided }),
    upstream: recorder.cause({ id: "worker-connections-upstream", text, settings: decided }),
  };
}
