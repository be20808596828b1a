// connect() looks for an ephemeral port before it sends its SYN, and keeps the worker busy meanwhile.
//
// Modelled: a search of 10 us or more ends later, and its own connection begins after it; of a client that
// leaves during the search nginx hears when it is over. Shorter searches take their processor time, but
// nobody could notice that the connection begins later. Not modelled: the choice of the port at the end of
// the search rather than at its beginning.

import type { Errno } from "../../src/component/errno.js";
import type { World } from "../../src/component/world.js";
import { MICROSECOND } from "../../src/engine/time.js";
import { type AttemptRows, SEARCHING } from "./attempts.js";
import type { EventLoop } from "./event-loop.js";
import type { UpstreamServers } from "./upstream.js";

const NOTICEABLE_NS = 10 * MICROSECOND;

interface Given {
  rows: AttemptRows;
  servers: UpstreamServers;
  loop: EventLoop;
  /** The search for this connection to this peer has ended. */
  found(peer: number, connection: number, errno: Errno): void;
}

/** The searches of one worker. */
export function portSearches(world: World, { rows, servers, loop, found }: Given) {
  const { connections } = world;
  // Peer and result by connection, as long as the search takes.
  const searches = new Map<number, { peer: number; errno: Errno }>();
  world.onReset(() => searches.clear());

  function end(connection: number): void {
    searches.delete(connection);
    rows.isConnecting[connections.downstream[connection] as number] = 0;
  }

  return {
    /** `found` is called at once or later. */
    find(peer: number, connection: number): void {
      const errno = servers.findPort(peer, connection);
      const lastCostNs = servers.lastCostNs();
      if (lastCostNs >= NOTICEABLE_NS) {
        searches.set(connection, { peer, errno });
        rows.isConnecting[connections.downstream[connection] as number] = SEARCHING;
        loop.call(lastCostNs, connection);
        return;
      }
      if (lastCostNs > 0) loop.spend(lastCostNs);
      found(peer, connection, errno);
    },
    /** The time that a search takes is over. */
    returned(connection: number): void {
      const search = searches.get(connection);
      if (search === undefined) {
        connections.closed(connection);
        return;
      }
      end(connection);
      found(search.peer, connection, search.errno);
    },
    /** Gives up a search, if there is one for this connection. */
    drop(connection: number): boolean {
      if (searches.size === 0 || !searches.has(connection)) return false;
      end(connection);
      servers.failed(connection);
      return true;
    },
  };
}
