// What became of a client's request so far: what its client's timeout is named after, and nginx's 499.
//
// Modelled: the listen queue, limit_req's delay, a body on its way, a worker that is busy, and the
// application from connect() to its answer. Not modelled: an answer on its way through the client's socket.

import type { Server } from "../../src/component/network.js";
import { NO_CAUSE } from "../../src/component/requests.js";
import type { World } from "../../src/component/world.js";
import { type AttemptRows, SEARCHING } from "./attempts.js";
import { DELAYED, PROXYING, READING } from "./client-connections.js";
import type { UpstreamServers } from "./upstream.js";

interface Given {
  stageOf(client: number): number | undefined;
  rows: AttemptRows;
  servers: UpstreamServers;
  socket: Server;
}

export function whereabouts(
  { places, connections }: World,
  { stageOf, rows, servers, socket }: Given,
): Required<Pick<Server, "obstacle" | "place">> {
  const delayed = places.declare({ id: "delayed", text: "while delayed by nginx's limit_req" });
  const reading = places.declare({ id: "sending", text: "while its body was on its way to nginx" });
  const waiting = places.declare({ id: "queued", text: "while queued in a busy nginx worker" });
  const searching = places.declare({ id: "searching", text: "while nginx searched for a free port" });
  const answered = places.declare({ id: "answered", text: "while its answer waited in a busy nginx worker" });

  return {
    obstacle(client) {
      const stage = stageOf(client);
      if (stage === undefined) return socket.obstacle(client);
      if (stage !== PROXYING) return NO_CAUSE;
      return servers.obstacle(rows.peer[client] as number, rows.upstream[client] as number);
    },
    place(client) {
      const stage = stageOf(client);
      if (stage === undefined) return (socket.place as (client: number) => number)(client);
      if (stage === DELAYED) return delayed;
      if (stage === READING) return reading;
      if (stage !== PROXYING) return waiting;
      if (rows.isConnecting[client] === SEARCHING) return searching;
      const connection = rows.upstream[client] as number;
      const isAnswered = !connections.isServerOpen(connection) || connections.isKept(connection);
      return isAnswered ? answered : servers.place(rows.peer[client] as number, connection);
    },
  };
}
