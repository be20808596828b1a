// Who listens where. Listeners and callers are wired by address; an address that nobody listens on refuses
// every connect() in the run, and is a warning before it.
//
// Each lives in a network namespace. Loopback addresses are reached from their own namespace only, other
// addresses from everywhere. What listens on all addresses of its namespace (`*:80`) is reached from others
// by the addresses that the namespace declares, or by any where none declares one. Unix sockets are files,
// which everybody reaches, but for those with an abstract name (unix(7)).

import { type Address, isLoopback, overlaps, parseAddress, reaches } from "./address.js";
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
   * Where the request of a connection is that has met no obstacle: a number of the world's places. A server
   * without it tells nothing.
   */
  place?(connection: number): number;
  /**
   * Fixed delay in nanoseconds between the caller's connect() and the first thing anybody can observe. The
   * caller adds it to the time of its own event, so that it costs none.
   */
  readonly leadNs: number;
}

/** The namespace of callers that live on none of the scenario's machines. */
export const ELSEWHERE = -1;

export interface Namespace {
  name: string | undefined;
  /** How others reach what listens on all addresses here. */
  addresses: readonly string[];
}

/** Where a listener lives, the first namespace unless told. */
export interface Place {
  namespace?: number;
  /** With SO_REUSEPORT others that have it too may listen at all addresses, or at one of these. */
  reuseport?: boolean;
}

/** Network namespaces by number: where a caller lives, and in which one the listener is if that is known. */
export interface Ends {
  from?: number;
  to?: number | undefined;
}

/** Where a caller connects to. */
export class Route {
  readonly address: Address;
  /** Known when everything is built. Written once, which makes it a constant for V8 if the route is one. */
  server!: Server;

  constructor(address: Address) {
    this.address = address;
  }
}

export interface Network {
  /** Declares a network namespace and answers its number. Whoever names none is in the first. */
  namespace(declared: Namespace): number;
  /**
   * Throws a SettingError at `path` if somebody listens at this address already, be it with others: bind()
   * fails with EADDRINUSE (net/ipv4/inet_connection_sock.c inet_csk_get_port).
   */
  listen(address: string, path: (string | number)[], server: Server, place?: Place): void;
  /** A route to an address, which may be listened on later. */
  route(address: string, caller: string, ends?: Ends): Route;
  /** The namespace of whoever listens at its end; undefined if nobody does, so far. */
  namespaceOf(route: Route): number | undefined;
  /** Connects routes and listeners; answers a warning for each address that nobody listens on. */
  wire(): string[];
}

interface Listener {
  address: Address;
  server: Server;
  namespace: number;
  reuseport: boolean;
}

interface Wanted extends Ends {
  route: Route;
  caller: string;
  from: number;
}

export function network(rows: { connections: Connections; requests: Requests; recorder: Recorder }): Network {
  const namespaces: Namespace[] = [];
  const listeners: Listener[] = [];
  const routes: Wanted[] = [];

  function locate({ route: { address }, from, to }: Wanted): Listener | undefined {
    const reached = listeners.filter(
      (listener) =>
        reaches(address, listener.address) && isReachable(namespaces, address, from, to, listener),
    );
    return reached.find(({ namespace }) => namespace === from) ?? reached[0];
  }

  function wire(wanted: Wanted): string | undefined {
    const { route, caller, from } = wanted;
    const found = locate(wanted);
    const several = namespaces.length > 1;
    const seen = several ? ` as seen from ${namespaces[from]?.name ?? "elsewhere"}` : "";
    const server = found?.server ?? nobody(route.address, seen);
    route.server = several ? comingFrom(server, from, rows.connections) : server;
    if (found) return undefined;
    const error = errnoName(refusal(route.address));
    return `nobody listens on ${route.address.text}${seen}: every connect() by ${caller} gives ${error}`;
  }

  /** Refuses every connect(). */
  function nobody(address: Address, seen: string): Server {
    const errno = refusal(address);
    const cause = rows.recorder.cause({
      id: "nobody-listens",
      text: () => `nobody listens on ${address.text}${seen} (${errnoName(errno)})`,
      settings: [],
    });
    return {
      leadNs: 0,
      abandoned() {},
      answered() {},
      obstacle: () => 0,
      connect(connection) {
        rows.requests.cause[rows.connections.request[connection] as number] = cause;
        return errno;
      },
    };
  }

  return {
    namespace: (declared) => namespaces.push(declared) - 1,
    listen(text, path, server, { namespace = 0, reuseport = false } = {}) {
      const listener = { address: parseAddress(text), server, namespace, reuseport };
      const other = listeners.find((one) => isTaken(one, listener));
      if (other) {
        throw new SettingError(
          path,
          `expected an address of its own, but somebody listens on ${other.address.text} already`,
        );
      }
      listeners.push(listener);
    },
    route(text, caller, { from = 0, to } = {}) {
      const route = new Route(parseAddress(text));
      routes.push({ route, caller, from, to });
      return route;
    },
    namespaceOf: (route) => locate(routes.find((wanted) => wanted.route === route) as Wanted)?.namespace,
    wire: () => routes.map(wire).filter((warning) => warning !== undefined),
  };
}

/** Whether a second listener cannot bind() its address because of the first. */
function isTaken(first: Listener, second: Listener): boolean {
  const { address } = second;
  if (!isFile(address) && first.namespace !== second.namespace) return false;
  if (first.address.text === address.text) return true;
  return !(first.reuseport && second.reuseport) && overlaps(first.address, address);
}

/** Whether a caller in namespace `from` gets to a listener whose address is the one it asks for. */
function isReachable(
  namespaces: readonly Namespace[],
  target: Address,
  from: number,
  to: number | undefined,
  { address, namespace }: Listener,
): boolean {
  if (isFile(target) || namespaces.length < 2) return true;
  if (address.family === "unix") return namespace === from;
  if (to !== undefined) return namespace === to && (from === to || !isLoopback(address));
  const owner = namespaces.findIndex(({ addresses }) => addresses.includes(target.host as string));
  if (namespace === from) return owner < 0 || owner === from;
  if (isLoopback(target) || isLoopback(address)) return false;
  if (address.host !== "*" || owner >= 0) return owner < 0 || owner === namespace;
  return namespaces.every(({ addresses }) => addresses.length === 0);
}

function isFile({ path }: Address): boolean {
  return path !== undefined && !path.startsWith("@");
}

/** The server, which learns from where it is called: the caller's kernel has rules of its own. */
function comingFrom(server: Server, from: number, connections: Connections): Server {
  const seen: Server = Object.create(server);
  seen.connect = (connection) => {
    connections.from[connection] = from;
    return server.connect(connection);
  };
  return seen;
}

// Without a socket file connect() answers ENOENT, without a TCP listener the SYN is answered by RST:
// ECONNREFUSED (net/unix/af_unix.c unix_find_bsd; RFC 9293, 3.10.7.1).
function refusal(address: Address): Failure {
  return address.family === "unix" ? ENOENT : ECONNREFUSED;
}
