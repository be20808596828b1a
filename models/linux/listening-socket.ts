// Modelled: a listening socket of either family, its end and its coming back, and the processes that accept
// from it. Not modelled: more families.

import { parseAddress } from "../../src/component/address.js";
import { OK } from "../../src/component/errno.js";
import type { Server } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import type { AcceptQueue } from "./accept-queue.js";
import type { Kernel } from "./kernel.js";
import { type Twin, tcpListener } from "./tcp-listener.js";
import { unixListener } from "./unix-listener.js";

/** The processes behind a socket. Nobody waits when the socket is unlinked or closed. */
export interface Acceptors {
  /** One of them waits for a connection. */
  isIdle(): boolean;
  /** Hands a connection to an idle one without queueing it. */
  accept(connection: number): void;
  /** There may be something to accept. */
  ready(): void;
  /** The request of a connection that was accepted without it has come. */
  arrived(connection: number): void;
  /** One of them has accepted it; without this, whoever accepts begins with the request at once. */
  holds?(connection: number): boolean;
  /** The next request on a connection that they have kept; false if they have closed it meanwhile. */
  sent?(connection: number): boolean;
  /** A connection that they have kept was closed by its caller. */
  dropped?(connection: number): void;
  /** The caller of a connection has closed it before it had an answer. */
  left?(connection: number): void;
  /** Declares a queue to accept from. */
  listen(queue: Pick<AcceptQueue, "take" | "length">): void;
}

/** A socket that can end. */
export interface ListeningSocket extends Server {
  /** A unix socket's path is removed; `cause` is why. What is queued stays. */
  unlink(cause: number): void;
  /** The last descriptor is closed. */
  close(cause: number): void;
  /** bind() and listen() once more at this address. */
  listen(): void;
  /** Of TCP: its number in the stack, and what a socket like it takes. */
  readonly number: number;
  readonly twin: Twin | undefined;
}

export interface ListenSettings {
  bind: string;
  /** The namespace that it listens in. */
  kernel: Kernel;
  /** Which of several sockets at this address: ` of worker 2`. */
  of: string;
  /** The argument of listen(2), and the setting it came from. */
  backlog: number;
  backlogText: string;
  /** Of TCP, for each of a SO_REUSEPORT group. */
  group?: GroupSettings;
}

export interface GroupSettings {
  /** The number of the socket that a connection's hash leads to now, -1 if there is none. */
  current(connection: number): number;
  /** One of the same place in the report. */
  twin: Twin | undefined;
}

/** bind() and listen(). */
export function listeningSocket(
  world: World,
  acceptors: Acceptors,
  settings: ListenSettings,
): ListeningSocket {
  const { family, text, host, port } = parseAddress(settings.bind);
  const { backlog, backlogText, kernel, group } = settings;
  kernel.listens++;
  const somaxconn = () => kernel.somaxconn;
  const somaxconnText = () => kernel.setting("net.core.somaxconn");
  const address = `${text}${settings.of}${family === "unix" ? "" : kernel.within()}`;
  const given = { address, backlog, backlogText, somaxconn, somaxconnText };
  if (family !== "unix") kernel.bind(port as number);
  const socket =
    family === "unix"
      ? unixServer(world, acceptors, given)
      : tcpServer(world, acceptors, given, { kernel, text, host: host as string, group });
  return {
    ...socket,
    listen() {
      kernel.listens++;
      socket.listen();
    },
  };
}

type Given = Parameters<typeof unixListener>[1];

function unixServer(world: World, acceptors: Acceptors, given: Given): ListeningSocket {
  const listener = unixListener(world, given);
  acceptors.listen(listener);
  return {
    ...keptBy(acceptors),
    place: placeAt(world, acceptors, "unix", given.address),
    leadNs: 0,
    connect(connection) {
      if (acceptors.isIdle()) {
        acceptors.accept(connection);
        return OK;
      }
      const errno = listener.offer(connection);
      if (errno === OK) acceptors.ready();
      return errno;
    },
    abandoned: (connection) => acceptors.left?.(connection),
    answered() {},
    obstacle: () => 0,
    unlink: listener.unlink,
    close: listener.close,
    listen: listener.listen,
    number: 0,
    twin: undefined,
  };
}

function tcpServer(
  world: World,
  acceptors: Acceptors,
  given: Given,
  {
    kernel,
    text,
    host,
    group,
  }: { kernel: Kernel; text: string; host: string; group?: GroupSettings | undefined },
): ListeningSocket {
  const { ready } = acceptors;
  const shared = group && { isShared: true, twin: group.twin };
  const synQueueText = [
    kernel.setting("net.ipv4.tcp_max_syn_backlog"),
    kernel.setting("net.ipv4.tcp_syncookies"),
  ];
  const listener = tcpListener(world, { ...given, ...shared, synQueueText, ready }, kernel);
  acceptors.listen(listener);
  const stack = kernel.tcp();
  const target = stack.target({
    listener,
    namespace: kernel.number,
    rtt: kernel.rtt(host),
    dataArrived: acceptors.arrived,
    current: group?.current,
  });
  return {
    ...keptBy(acceptors),
    place: placeAt(world, acceptors, "TCP", `${text}${kernel.within()}`),
    leadNs: 0,
    connect(connection) {
      const { challenged } = stack;
      if (challenged.size > 0 && challenged.delete(connection)) return stack.connectAgain(connection, target);
      if (!acceptors.isIdle() || !listener.isOpen()) return stack.connect(connection, target);
      listener.completed();
      acceptors.accept(connection);
      return OK;
    },
    abandoned(connection) {
      stack.abandoned(connection);
      acceptors.left?.(connection);
    },
    answered: (connection) => stack.answered(connection, target),
    obstacle: stack.obstacle,
    unlink() {},
    close: (cause) => stack.close(target, cause, kernel.migratesRequests),
    listen: listener.listen,
    number: target,
    twin: listener,
  };
}

/** Where a request is that has come to an address; the sockets of a SO_REUSEPORT group are one place. */
function placeAt(
  { places, connections }: World,
  { holds }: Acceptors,
  family: string,
  address: string,
): (connection: number) => number {
  const queue = `while queued in ${family} accept queue at ${address}`;
  const queued = places.declare({ id: "queued", text: queue });
  const held = holds && places.declare({ id: "queued", text: `while queued in a worker at ${address}` });
  const running = places.declare({ id: "running", text: "while running" });
  return (connection) => {
    if (connections.isAccepted(connection)) return running;
    return held !== undefined && holds?.(connection) ? held : queued;
  };
}

/** Segments of connections that are kept reach the process that has them. */
function keptBy({ sent, dropped }: Acceptors): Pick<Server, "sent" | "dropped"> {
  return { ...(sent && { sent }), ...(dropped && { dropped }) };
}
