// The callers' ends of connections: a port for each connect() over TCP, and who keeps what after the close.
//
// Modelled: a connection over TCP takes an ephemeral port of its caller's network namespace, without one
// connect() fails with EADDRNOTAVAIL; whoever closes first keeps a TIME_WAIT, both do when their FINs cross
// (RFC 9293, 3.6); after a connection that its caller gave up the port stays in FIN_WAIT2 until the server
// writes, which frees it, or closes, which makes it a TIME_WAIT; a port that is used again while the server
// still holds the old connection: see tcp-stack.ts. With a source address (bind() before connect()) either
// connect() chooses the port, for each destination, or bind() does for all of them at once and fails with
// EADDRINUSE (net/ipv4/inet_connection_sock.c inet_csk_get_port, IP_BIND_ADDRESS_NO_PORT). Callers that live
// elsewhere have ports without end: of them the servers' TIME_WAIT entries are counted. Unix sockets have
// none of this.
// Not modelled: with one port for several servers a server's TIME_WAIT that ends when another one is called.

import { isLoopback } from "../../src/component/address.js";
import { EADDRINUSE, EADDRNOTAVAIL, type Failure, OK } from "../../src/component/errno.js";
import type { Route } from "../../src/component/network.js";
import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";
import { type Kernel, kernel } from "./kernel.js";
import type { Destination, PortTable } from "./port-table.js";

/** Who closes first after an answer. */
export const CALLER = 0;
export const SERVER = 1;
export const BOTH = 2;

const NO_PORT = -1;
const UNIX = -1;

export interface SourceAddress {
  host: string;
  /** One port for everything. */
  port?: number;
  /** Whether bind() leaves the port to connect(). */
  bindsWithoutPort: boolean;
  /** The setting that it came from. */
  setting: string;
}

export interface CallerEndsSettings {
  /** The caller's namespace; undefined if it lives elsewhere. */
  kernel: Kernel | undefined;
  /** Where it connects to; `peer` below is an index of this list. */
  routes: readonly Route[];
  source?: SourceAddress | undefined;
  /** Nobody notices how long the search for a port takes: only its want matters. */
  searchesUnseen?: boolean;
}

export interface CallerEnds {
  /** Takes a port for a connect() if it needs one. */
  take(peer: number, connection: number): typeof OK | Failure;
  /** connect() failed, or the connection was reset. */
  failed(connection: number): void;
  /** The caller has closed without an answer; the server has not. */
  abandoned(peer: number, connection: number): void;
  /** Both sides have closed after an answer: CALLER, SERVER, or BOTH at the same instant. */
  answered(peer: number, connection: number, first: typeof CALLER | typeof SERVER | typeof BOTH): void;
  /** The server has written to, or reset, a connection that was abandoned. */
  gone(connection: number): void;
  /** The server has closed, without having written, a connection that was abandoned. */
  peerClosed(connection: number): void;
  /** Processor time that the last connect() took to find a port. */
  lastCostNs(): number;
}

export function callerEnds(world: World, settings: CallerEndsSettings): CallerEnds {
  const overTcp = settings.routes.some(({ address }) => address.family === "tcp");
  const ports = overTcp ? portsOf(settings) : undefined;
  if (!ports) return withoutPorts(world, settings.routes);
  if (!settings.searchesUnseen) world.reveal();
  return withPorts(world, settings, ports);
}

/** Callers that live elsewhere, and unix sockets: what happens for each request has to cost nothing. */
function withoutPorts(world: World, routes: readonly Route[]): CallerEnds {
  const crowds = routes.map((route) =>
    route.address.family === "tcp"
      ? serverWaits(world, route)?.crowd(`callers of ${route.address.text}`)
      : undefined,
  );
  return {
    lastCostNs: () => 0,
    take: () => OK,
    failed() {},
    abandoned: (peer, connection) => (routes[peer] as Route).server.abandoned(connection),
    answered(peer, _, first) {
      if (first !== CALLER) crowds[peer]?.start();
    },
    gone() {},
    peerClosed() {},
  };
}

function withPorts(world: World, settings: CallerEndsSettings, ports: PortTable): CallerEnds {
  const { routes, source } = settings;
  const { connections, requests } = world;
  const stack = settings.kernel?.tcp();
  const bindsPort = source !== undefined && (source.port !== undefined || !source.bindsWithoutPort);
  const destinations = destinationsOf(world, settings, ports, bindsPort);
  const search = bindsPort ? undefined : searchTime(world, settings, ports);
  let portOf = new Int32Array(256).fill(NO_PORT);
  let isFinWait2 = new Uint8Array(256);
  world.onReset(() => {
    portOf.fill(NO_PORT);
    isFinWait2.fill(0);
  });

  function keep(connection: number, port: number): void {
    if (connection >= portOf.length) {
      const capacity = Math.max(2 * portOf.length, connection + 1);
      portOf = grown(portOf, new Int32Array(capacity).fill(NO_PORT));
      isFinWait2 = grown(isFinWait2, new Uint8Array(capacity));
    }
    isFinWait2[connection] = 0;
    portOf[connection] = port;
  }

  /** The port of a connection, which gives it up; NO_PORT for one that has none. */
  function takePort(connection: number): number {
    const port = portOf[connection] ?? NO_PORT;
    if (port !== NO_PORT) portOf[connection] = NO_PORT;
    return port;
  }

  return {
    take(peer, connection) {
      const destination = destinations[peer] as number;
      if (destination === UNIX) return OK;
      const port = ports.allocate(destination);
      if (search) search.ns += ports.lastCostNs;
      if (port < 0) {
        world.reveal();
        requests.cause[connections.request[connection] as number] = ports.lastCause;
        return bindsPort ? EADDRINUSE : EADDRNOTAVAIL;
      }
      keep(connection, port);
      if (ports.lastDisplaced >= 0 && stack) {
        world.reveal();
        stack.challenged.add(connection);
      }
      return OK;
    },
    failed(connection) {
      stack?.challenged.delete(connection);
      const port = takePort(connection);
      if (port !== NO_PORT) ports.free(port);
    },
    abandoned(peer, connection) {
      (routes[peer] as Route).server.abandoned(connection);
      // Of a connection that was not complete nothing is left, which the server has told by now.
      const port = portOf[connection] ?? NO_PORT;
      if (port === NO_PORT) return;
      isFinWait2[connection] = 1;
      ports.finWait2(port, connection);
    },
    answered(_, connection, first) {
      const port = takePort(connection);
      if (port === NO_PORT) return;
      if (first !== CALLER) ports.serverTimeWait(port);
      if (first === SERVER) ports.free(port);
      else ports.timeWait(port);
    },
    gone(connection) {
      const port = takePort(connection);
      if (port === NO_PORT) return;
      if (isFinWait2[connection]) ports.peerWrote(port, connection);
      else ports.free(port);
    },
    peerClosed(connection) {
      const port = takePort(connection);
      if (port === NO_PORT) return;
      if (isFinWait2[connection]) ports.peerClosed(port, connection);
      // At the very instant at which the caller has closed.
      else ports.timeWait(port);
    },
    lastCostNs: () => ports.lastCostNs,
  };
}

/** A share of the run that is worth a word. */
const CONSIDERABLE = 0.05;
const LEAST_NS = 100 * MILLISECOND;

/**
 * What the search for ports takes in all, of a caller that notices it: once all ports of the parity that
 * comes first are in use, each connect() looks at them before it finds another.
 */
function searchTime(
  world: World,
  { kernel: own, routes, searchesUnseen }: CallerEndsSettings,
  table: PortTable,
) {
  const { ports, costNs } = table.preferred();
  if (!own || searchesUnseen || costNs === 0) return undefined;
  const time = { ns: 0 };
  world.onReset(() => {
    time.ns = 0;
  });
  const path = own.name === undefined ? "kernel" : `kernel.${own.name}`;
  const decided = [
    own.setting("net.ipv4.ip_local_port_range"),
    own.setting("net.ipv4.tcp_tw_reuse"),
    `${path}.port_search_cost = ${durationText(own.searchCostNsPerPort)}`,
  ];
  const each = Number((costNs / MILLISECOND).toPrecision(2));
  for (const { address } of routes) {
    if (address.family === "unix") continue;
    const beyond = `beyond ${ports} ports in use towards ${address.text}${own.within()}`;
    world.limits.push({ text: `${beyond} connect() searches them all: ${each} ms each`, settings: decided });
  }
  world.notices.push(() => {
    const { lastEndNs } = world.recorder;
    if (time.ns < LEAST_NS || time.ns <= CONSIDERABLE * lastEndNs) return undefined;
    const [spent, all] = [time.ns, lastEndNs].map((ns) => (ns / SECOND).toFixed(1));
    return `nginx spent ${spent} s of ${all} s searching for free ports (${decided.join("; ")})`;
  });
  return time;
}

function portsOf({ kernel: own, source }: CallerEndsSettings): PortTable | undefined {
  return source?.port === undefined ? own?.ports() : own?.portsOf(source.port);
}

/** A number of the port table for each route. */
function destinationsOf(
  world: World,
  { kernel: own, routes, source }: CallerEndsSettings,
  ports: PortTable,
  bindsPort: boolean,
): number[] {
  const binds = bindsPort ? boundBy(own as Kernel, source as SourceAddress) : undefined;
  const from = source === undefined ? "" : ` from ${source.host}`;
  let shared = UNIX;
  return routes.map((route) => {
    const { address } = route;
    if (address.family === "unix") return UNIX;
    if (bindsPort && shared >= 0) return shared;
    const isOwn = address.host === "*" && world.network.namespaceOf(route) === own?.number;
    shared = ports.destination({
      address: bindsPort ? `anywhere${from}` : `${address.text}${from}`,
      loopback: isLoopback(address) || isOwn || (source !== undefined && /^127\./.test(source.host)),
      server: serverWaits(world, route),
      binds,
    });
    return shared;
  });
}

/** Where bind() takes ports, and the settings that decide which. */
function boundBy(own: Kernel, { host, port, setting }: SourceAddress): Destination["binds"] {
  const range = own.setting("net.ipv4.ip_local_port_range");
  return port === undefined
    ? { address: host, settings: [setting, range] }
    : { address: `${host}:${port}`, settings: [setting] };
}

/** The TIME_WAITs of the namespace that the server lives in; undefined if nobody listens there. */
function serverWaits(world: World, route: Route) {
  const number = world.network.namespaceOf(route);
  return world
    .all(kernel)
    .find((one) => one.number === number)
    ?.timeWaits();
}
