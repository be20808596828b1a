// The servers of an upstream as nginx connects to them: routes, and ephemeral ports for those over TCP.
//
// Modelled: after an answer over TCP either nginx or the application closes first (who-closes-first.ts), and
// only nginx's own TIME_WAIT keeps a port; what else becomes of a port is the kernel's business
// (linux/caller-ends.ts); proxy_bind with an address, whose port nginx leaves to connect() from 1.11.4 on
// where the kernel knows how, or with an address and a port (src/event/ngx_event_connect.c; measured with
// nginx 1.22.1 and gunicorn 20.1.0 on Linux 6.18, 2026-11).
// Not modelled: proxy_bind with variables or `transparent`.

import type { Errno } from "../../src/component/errno.js";
import type { Route, Server } from "../../src/component/network.js";
import { NOWHERE } from "../../src/component/places.js";
import type { World } from "../../src/component/world.js";
import { CALLER, callerEnds, SERVER, type SourceAddress } from "../linux/caller-ends.js";
import type { Kernel } from "../linux/kernel.js";
import { type ClosingSettings, PROMPT, whoClosesFirst } from "./who-closes-first.js";

/** What the proxy asks of the connections to one upstream; `peer` is a number of its group. */
export interface UpstreamServers {
  /** Some of them are connected to over TCP. */
  readonly takePorts: boolean;
  /** connect() finds a port, if it needs one, within lastCostNs of processor time. */
  findPort(peer: number, connection: number): Errno;
  lastCostNs(): number;
  /** connect() sends its SYN. */
  connect(peer: number, connection: number): Errno;
  /** The next request over a connection that was kept; false if the application's end has gone. */
  sent(peer: number, connection: number): boolean;
  /** An idle connection is closed: by nginx, or by nginx after the application. */
  closedIdle(peer: number, connection: number, isSecond: boolean): void;
  /** connect() failed or was reset before an answer. */
  failed(connection: number): void;
  /** nginx has closed without an answer; the application has not. */
  abandoned(peer: number, connection: number): void;
  /** The answer is complete and nginx has closed, after it waited so long for the event loop, or PROMPT. */
  answered(peer: number, connection: number, lateNs: number): void;
  /** The application has written to, or has closed, a connection that nginx had given up. */
  gone(connection: number): void;
  peerClosed(connection: number): void;
  /** Why a connection is not getting on, or 0. */
  obstacle(peer: number, connection: number): number;
  /** Where its request is otherwise. */
  place(peer: number, connection: number): number;
  /** The address at which this server was found, when everything is wired; undefined if it was not. */
  addressOf(server: Server): string | undefined;
  /** Fixed delay before anything can be observed. */
  leadNs(): number;
}

export interface UpstreamConnections {
  /** nginx's namespace. */
  kernel: Kernel;
  closing: ClosingSettings;
  /** Where `proxy_bind` puts nginx's ends. */
  source?: SourceAddress | undefined;
}

/** Connects to these addresses. */
export function upstreamServers(
  world: World,
  addresses: readonly string[],
  { kernel, closing, source }: UpstreamConnections,
): UpstreamServers {
  const routes: Route[] = addresses.map((address) =>
    world.network.route(address, "nginx", { from: kernel.number }),
  );
  const overTcp = routes.some(({ address }) => address.family === "tcp");
  const ends = callerEnds(world, { kernel, routes, source });
  // Not undefined, which V8 would look up each time.
  const closes = overTcp && whoClosesFirst(world, closing);
  const { connections } = world;
  const [only] = routes as [Route];
  const server = routes.length === 1 ? () => only.server : (peer: number) => (routes[peer] as Route).server;
  return {
    takePorts: overTcp,
    findPort: ends.take,
    lastCostNs: ends.lastCostNs,
    connect(peer, connection) {
      if (closes) closes.connects(connection);
      return server(peer).connect(connection);
    },
    failed: ends.failed,
    abandoned: ends.abandoned,
    answered(peer, connection, lateNs) {
      // A unix socket keeps nothing of a connection that is over.
      if (!closes) return;
      server(peer).answered(connection);
      const first = closes.first(connection, lateNs);
      // An application that believes in keepalive does not close; nor has it looked since, if this is late.
      const isKept = connections.isKept(connection);
      if (isKept && lateNs !== PROMPT) server(peer).dropped?.(connection);
      ends.answered(peer, connection, isKept ? CALLER : first);
    },
    sent: (peer, connection) => server(peer).sent?.(connection) ?? false,
    closedIdle(peer, connection, isSecond) {
      server(peer).answered(connection);
      if (!isSecond) server(peer).dropped?.(connection);
      ends.answered(peer, connection, isSecond ? SERVER : CALLER);
    },
    gone: ends.gone,
    peerClosed: ends.peerClosed,
    obstacle: (peer, connection) => server(peer).obstacle(connection),
    place: (peer, connection) => server(peer).place?.(connection) ?? NOWHERE,
    addressOf(sought) {
      // Where there are several namespaces, a route has the server with its own view of the caller.
      const isSought = ({ server }: Route) => server === sought || Object.getPrototypeOf(server) === sought;
      return addresses[routes.findIndex(isSought)];
    },
    leadNs: () => Math.max(...routes.map((route) => route.server.leadNs)),
  };
}
