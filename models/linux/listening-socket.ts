// Modelled: a listening socket of either family, its end and its coming back. Not modelled: more families.

import { parseAddress } from "../../src/component/address.js";
import { OK } from "../../src/component/errno.js";
import type { World } from "../../src/component/world.js";
import type { BacklogSettings } from "./accept-queue.js";
import { type Acceptors, keptBy, type ListeningSocket, placeAt } from "./acceptors.js";
import type { Kernel } from "./kernel.js";
import { type Twin, tcpListener } from "./tcp-listener.js";
import { UnixSocket } from "./unix-socket.js";

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
  const somaxconn = () => kernel.somaxconn;
  const somaxconnText = () => kernel.setting("net.core.somaxconn");
  const address = `${text}${settings.of}${family === "unix" ? "" : kernel.within()}`;
  const listens = () => {
    kernel.listens++;
  };
  const given = { address, backlog, backlogText, somaxconn, somaxconnText, listens };
  if (family !== "unix") kernel.bind(port as number);
  if (family === "unix") return new UnixSocket(world, acceptors, given);
  return tcpServer(world, acceptors, given, { kernel, text, host: host as string, group });
}

function tcpServer(
  world: World,
  acceptors: Acceptors,
  given: BacklogSettings,
  {
    kernel,
    text,
    host,
    group,
  }: { kernel: Kernel; text: string; host: string; group?: GroupSettings | undefined },
): ListeningSocket {
  const ready = () => acceptors.ready();
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
    dataArrived: (connection) => acceptors.arrived(connection),
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
