// The servers of an upstream as nginx connects to them: routes, and ephemeral ports for those over TCP.
//
// Modelled: a connection over TCP takes an ephemeral port of the namespace, without one connect() fails with
// EADDRNOTAVAIL; after an answer either nginx or the application closes first, which is drawn for each
// connection, and only nginx's own TIME_WAIT keeps a port; after a connection that nginx gave up its port
// stays in FIN_WAIT2 until the application writes, which frees it (src/event/ngx_event_connect.c; measured
// with nginx 1.22.1 and gunicorn 20.1.0 on Linux 6.18, 2026-11). Unix sockets have none of this.
// Not modelled: both sides closing at the same instant; proxy_bind.

import { parseAddress } from "../../src/component/address.js";
import { EADDRNOTAVAIL, type Errno } from "../../src/component/errno.js";
import type { Route } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import type { Source } from "../../src/engine/random.js";
import { kernel } from "../linux/kernel.js";
import type { PortTable } from "../linux/ports.js";

// Measured: 4 and 10 % with 20 requests in flight, gunicorn 20.1.0 and 26.1.0, Linux 6.18, two cores,
// 2026-11.
const LATE_SHARE = 0.07;
const NO_PORT = -1;
const UNIX = -1;

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
  /** The application has written to a connection that nginx had given up. */
  gone(connection: number): void;
  /** Processor time that the last connect() took to find a port. */
  readonly lastCostNs: number;
  /** Why a connection is not getting on, or 0. */
  obstacle(peer: number, connection: number): number;
  /** Fixed delay before anything can be observed. */
  readonly leadNs: number;
}

/**
 * Connects to these addresses. `closesFirst` is the share of connections over TCP that nginx closes first.
 */
export function upstreamServers(
  world: World,
  addresses: readonly string[],
  closesFirst: number,
): UpstreamServers {
  const { connections, requests } = world;
  const routes: Route[] = addresses.map((address) => world.network.route(address, "nginx"));
  const overTcp = addresses.some((address) => parseAddress(address).family === "tcp");
  const ports: PortTable | undefined = overTcp ? world.get(kernel).ports() : undefined;
  const destinations = routes.map(({ address }) =>
    address.family === "unix" || !ports
      ? UNIX
      : ports.destination({
          address: address.text,
          loopback: /^(127\.|localhost)/.test(address.host as string),
          server: world.get(kernel).timeWaits(),
        }),
  );
  const draw: Source =
    overTcp && closesFirst > 0 && closesFirst < 1 ? world.random("nginx.closes_first") : () => 0;
  // A busy nginx looks at the answer when the application has mostly closed.
  const lateShare = Math.min(LATE_SHARE, closesFirst);
  let portOf = new Int32Array(256).fill(NO_PORT);
  let isFinWait2 = new Uint8Array(256);
  const server = (peer: number) => (routes[peer] as Route).server;

  function connect(peer: number, connection: number): Errno {
    const destination = destinations[peer] as number;
    if (destination !== UNIX) {
      const port = (ports as PortTable).allocate(destination);
      if (port < 0) {
        requests.cause[connections.request[connection] as number] = (ports as PortTable).noFreePort;
        return EADDRNOTAVAIL;
      }
      keep(connection, port);
    }
    return server(peer).connect(connection);
  }

  function keep(connection: number, port: number): void {
    if (connection >= portOf.length) {
      const larger = new Int32Array(Math.max(2 * portOf.length, connection + 1)).fill(NO_PORT);
      larger.set(portOf);
      portOf = larger;
      const longer = new Uint8Array(larger.length);
      longer.set(isFinWait2);
      isFinWait2 = longer;
    }
    isFinWait2[connection] = 0;
    portOf[connection] = port;
  }

  /** The port of a connection, which gives it up; NO_PORT for a unix socket. */
  function takePort(connection: number): number {
    if (!ports) return NO_PORT;
    const port = portOf[connection] ?? NO_PORT;
    if (port !== NO_PORT) portOf[connection] = NO_PORT;
    return port;
  }

  /** Both sides close in order. */
  function ended(connection: number, isFirst: boolean): void {
    const port = takePort(connection);
    if (port === NO_PORT || !ports) return;
    if (isFirst) {
      ports.timeWait(port);
    } else {
      ports.serverTimeWait(port);
      ports.free(port);
    }
  }

  return {
    connect,
    failed(connection) {
      const port = takePort(connection);
      if (port !== NO_PORT) ports?.free(port);
    },
    abandoned(peer, connection) {
      const port = portOf[connection] ?? NO_PORT;
      // Of a handshake that has not got an answer nothing is left: `gone` comes before FIN_WAIT2.
      server(peer).abandoned(connection);
      if (!ports || port === NO_PORT || portOf[connection] === NO_PORT) return;
      isFinWait2[connection] = 1;
      ports.finWait2(port, connection);
    },
    answered(peer, connection, isLate) {
      server(peer).answered(connection);
      const isFirst = draw() < (isLate ? lateShare : closesFirst);
      // An application that believes in keepalive does not close; nor has it looked since, if this is late.
      const isKept = connections.isKept(connection);
      if (isKept && isLate) server(peer).dropped?.(connection);
      ended(connection, isFirst || isKept);
    },
    sent: (peer, connection) => server(peer).sent?.(connection) ?? false,
    closedIdle(peer, connection, isSecond) {
      server(peer).answered(connection);
      if (!isSecond) server(peer).dropped?.(connection);
      ended(connection, !isSecond);
    },
    gone(connection) {
      const port = takePort(connection);
      if (port === NO_PORT || !ports) return;
      if (isFinWait2[connection]) ports.peerWrote(port, connection);
      else ports.free(port);
    },
    obstacle: (peer, connection) => server(peer).obstacle(connection),
    get lastCostNs() {
      return ports ? ports.lastCostNs : 0;
    },
    get leadNs() {
      return Math.max(...routes.map((route) => route.server.leadNs));
    },
  };
}
