// Who listens where. Listeners and callers are wired by address; an address that nobody listens on refuses
// every connect() in the run, and is a warning before it.

import { type Address, parseAddress, reaches } from "./address.js";
import type { Connections } from "./connections.js";
import { ECONNREFUSED, ENOENT, type Errno, errnoName, type Failure } from "./errno.js";
import type { Recorder } from "./recorder.js";
import type { Requests } from "./requests.js";
import { SettingError } from "./setting-error.js";

/** Whoever listens at an address. */
export interface Server {
  /**
   * A connect() by the connection's caller. With OK the request is handed over together with the connection;
   * with EINPROGRESS the caller is told later; anything else fails at once, and the caller closes the
   * connection.
   */
  connect(connection: number): Errno;
  /**
   * The caller sends its next request over a connection that the server has kept (`Connections.carries`).
   * False if the server's end has gone meanwhile: the request meets a RST.
   */
  sent?(connection: number): boolean;
  /** The caller has closed a kept connection that carries no request. */
  dropped?(connection: number): void;
  /** The caller has closed its side before it had an answer. */
  abandoned(connection: number): void;
  /** Both sides have closed after an answer. */
  answered(connection: number): void;
  /**
   * The cause of a connection's not having been accepted, or 0 if nothing stands in its way but the queue.
   */
  obstacle(connection: number): number;
  /**
   * Fixed delay in nanoseconds between the caller's connect() and the first thing anybody can observe. The
   * caller adds it to the time of its own event, so that it costs none.
   */
  readonly leadNs: number;
}

/** Where a caller connects to. `server` is known when everything is built. */
export interface Route {
  readonly address: Address;
  server: Server;
}

export interface Network {
  /** Throws a SettingError at `path` if somebody listens at this very address already. */
  listen(address: string, path: (string | number)[], server: Server): void;
  /** A route to an address, which may be listened on later. */
  route(address: string, caller: string): Route;
  /** Connects routes and listeners; answers a warning for each address that nobody listens on. */
  wire(): string[];
}

export function network(rows: { connections: Connections; requests: Requests; recorder: Recorder }): Network {
  const listeners: { address: Address; server: Server }[] = [];
  const routes: { route: Route; caller: string }[] = [];
  return {
    listen(text, path, server) {
      const address = parseAddress(text);
      if (listeners.some((other) => other.address.text === address.text)) {
        throw new SettingError(
          path,
          `expected an address of its own, but somebody listens on ${address.text} already`,
        );
      }
      listeners.push({ address, server });
    },
    route(text, caller) {
      const route = { address: parseAddress(text), server: UNWIRED };
      routes.push({ route, caller });
      return route;
    },
    wire() {
      const warnings: string[] = [];
      for (const { route, caller } of routes) {
        const listener = listeners.find(({ address }) => reaches(route.address, address));
        route.server = listener?.server ?? nobody(route.address);
        if (listener) continue;
        const error = errnoName(refusal(route.address));
        warnings.push(`nobody listens on ${route.address.text}: every connect() by ${caller} gives ${error}`);
      }
      return warnings;
    },
  };

  /** Refuses every connect(). */
  function nobody(address: Address): Server {
    const errno = refusal(address);
    const cause = rows.recorder.cause({
      id: "nobody-listens",
      text: () => `nobody listens on ${address.text} (${errnoName(errno)})`,
      settings: [],
    });
    return {
      ...UNWIRED,
      connect(connection) {
        rows.requests.cause[rows.connections.request[connection] as number] = cause;
        return errno;
      },
    };
  }
}

// Without a socket file connect() answers ENOENT, without a TCP listener the SYN is answered by RST:
// ECONNREFUSED (net/unix/af_unix.c unix_find_bsd; RFC 9293, 3.10.7.1).
function refusal(address: Address): Failure {
  return address.family === "unix" ? ENOENT : ECONNREFUSED;
}

const UNWIRED: Server = {
  leadNs: 0,
  abandoned() {},
  answered() {},
  obstacle: () => 0,
  connect() {
    throw new Error("a route is used before the network is wired");
  },
};
