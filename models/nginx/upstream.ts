// The servers of an upstream as nginx connects to them: routes, and ephemeral ports for those over TCP.
//
// Modelled: after an answer over TCP either nginx or the application closes first, or both at the same
// instant, which is drawn for each connection, and only nginx's own TIME_WAIT keeps a port; what else becomes
// of a port is the kernel's business (linux/caller-ends.ts); proxy_bind with an address, whose port nginx
// leaves to connect() from 1.11.4 on where the kernel knows how, or with an address and a port
// (src/event/ngx_event_connect.c; measured with nginx 1.22.1 and gunicorn 20.1.0 on Linux 6.18, 2026-11). The
// sooner a connection follows another, the more often nginx closes first: its processor and its caches are
// awake (measured: shares of 0.28 to 0.34 at 20/s and 0.64 at 620/s).
// Not modelled: proxy_bind with variables or `transparent`.

import { type Errno, OK } from "../../src/component/errno.js";
import type { Route, Server } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/event-heap.js";
import type { Source } from "../../src/engine/random.js";
import { BOTH, CALLER, callerEnds, SERVER, type SourceAddress } from "../linux/caller-ends.js";
import type { Kernel } from "../linux/kernel.js";

// Measured: 4 and 10 % with 20 requests in flight, gunicorn 20.1.0 and 26.1.0, Linux 6.18, two cores,
// 2026-11.
const LATE_SHARE = 0.07;

const FIRST_CAPACITY = 256;

/** What the proxy asks of the connections to one upstream; `peer` is a number of its group. */
export interface UpstreamServers {
  connect(peer: number, connection: number): Errno;
  /** The next request over a connection that was kept; false if the application's end has gone. */
  sent(peer: number, connection: number): boolean;
  /** An idle connection is closed: by nginx, or by nginx after the application. */
  closedIdle(peer: number, connection: number, isSecond: boolean): void;
  /** connect() failed or was reset before an answer. */
  failed(connection: number): void;
  /** nginx has closed without an answer; the application has not. */
  abandoned(peer: number, connection: number): void;
  /** The answer is complete and nginx has closed; late if that had to wait for the event loop. */
  answered(peer: number, connection: number, isLate: boolean): void;
  /** The application has written to, or has closed, a connection that nginx had given up. */
  gone(connection: number): void;
  peerClosed(connection: number): void;
  /** connect() searches for ports; lastCostNs is the processor time that the last search took. */
  readonly searches: boolean;
  lastCostNs(): number;
  /** Why a connection is not getting on, or 0. */
  obstacle(peer: number, connection: number): number;
  /** The address at which this server was found, when everything is wired; undefined if it was not. */
  addressOf(server: Server): string | undefined;
  /** Fixed delay before anything can be observed. */
  leadNs(): number;
}

export interface UpstreamConnections {
  /** nginx's namespace. */
  kernel: Kernel;
  /** Shares of the connections over TCP that nginx closes first, and of those that both close at once. */
  closesFirst: number;
  closesTogether: number;
  /** Time constant of the first share's return to its value after a connection; 0 is at once. */
  warmForNs: number;
  /** Where `proxy_bind` puts nginx's ends. */
  source?: SourceAddress | undefined;
}

/** Connects to these addresses. */
export function upstreamServers(
  world: World,
  addresses: readonly string[],
  { kernel, closesFirst, closesTogether, warmForNs, source }: UpstreamConnections,
): UpstreamServers {
  const routes: Route[] = addresses.map((address) =>
    world.network.route(address, "nginx", { from: kernel.number }),
  );
  const overTcp = routes.some(({ address }) => address.family === "tcp");
  const ends = callerEnds(world, { kernel, routes, source });
  const isDrawn = overTcp && closesFirst > 0 && closesFirst < 1;
  const draw: Source = isDrawn ? world.random("nginx.closes_first") : () => 0;
  // A busy nginx looks at the answer when the application has mostly closed.
  const lateFirst = Math.min(LATE_SHARE, closesFirst);
  const connects = { lastNs: Number.NEGATIVE_INFINITY };
  const firsts = { of: new Float64Array(FIRST_CAPACITY) };

  /** The share for a connection that is opened now: the sooner after the one before, the warmer is nginx. */
  function warm(connection: number): void {
    if (connection >= firsts.of.length) {
      firsts.of = grown(firsts.of, new Float64Array(Math.max(2 * firsts.of.length, connection + 1)));
    }
    const coldness = -Math.expm1((connects.lastNs - world.sim.now) / warmForNs);
    connects.lastNs = world.sim.now;
    firsts.of[connection] = closesFirst ** coldness;
  }

  const { connections } = world;
  const [only] = routes as [Route];
  const server = routes.length === 1 ? () => only.server : (peer: number) => (routes[peer] as Route).server;
  return {
    connect(peer, connection) {
      if (isDrawn) warm(connection);
      const errno = ends.take(peer, connection);
      return errno === OK ? server(peer).connect(connection) : errno;
    },
    failed: ends.failed,
    abandoned: ends.abandoned,
    answered(peer, connection, isLate) {
      server(peer).answered(connection);
      if (!overTcp) return;
      const drawn = draw();
      const promptly = isDrawn ? (firsts.of[connection] as number) : closesFirst;
      const first = isLate ? lateFirst : promptly;
      // Where one side always closes first, the two never close together.
      const alone = first - Math.min(closesTogether, first, 1 - first);
      // An application that believes in keepalive does not close; nor has it looked since, if this is late.
      const isKept = connections.isKept(connection);
      if (isKept && isLate) server(peer).dropped?.(connection);
      ends.answered(peer, connection, isKept || drawn < alone ? CALLER : drawn < first ? BOTH : SERVER);
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
    addressOf(sought) {
      // Where there are several namespaces, a route has the server with its own view of the caller.
      const isSought = ({ server }: Route) => server === sought || Object.getPrototypeOf(server) === sought;
      return addresses[routes.findIndex(isSought)];
    },
    searches: overTcp,
    lastCostNs: ends.lastCostNs,
    leadNs: () => Math.max(...routes.map((route) => route.server.leadNs)),
  };
}
