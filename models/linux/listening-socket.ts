// Modelled: a listening socket of either family, and the processes that accept from it. Not modelled: more
// families.

import { parseAddress } from "../../src/component/address.js";
import { OK } from "../../src/component/errno.js";
import type { Server } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import type { AcceptQueue } from "./accept-queue.js";
import type { Kernel } from "./kernel.js";
import { tcpListener } from "./tcp-listener.js";
import { unixListener } from "./unix-listener.js";

/** The processes behind a socket. */
export interface Acceptors {
  /** One of them waits for a connection. */
  isIdle(): boolean;
  /** Hands a connection to an idle one without queueing it. */
  accept(connection: number): void;
  /** There may be something to accept. */
  ready(): void;
  /** The request of a connection that was accepted without it has come. */
  arrived(connection: number): void;
  /** Declares a queue to accept from. */
  listen(queue: Pick<AcceptQueue, "take" | "length">): void;
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
}

/** bind() and listen(). */
export function listeningSocket(world: World, acceptors: Acceptors, settings: ListenSettings): Server {
  const { family, text, host, port } = parseAddress(settings.bind);
  const { backlog, backlogText, kernel } = settings;
  const { somaxconn } = kernel;
  const somaxconnText = kernel.setting("net.core.somaxconn");
  const address = `${text}${settings.of}${family === "unix" ? "" : kernel.within()}`;
  const given = { address, backlog, backlogText, somaxconn, somaxconnText };
  if (family === "unix") return unixServer(world, acceptors, given);
  kernel.bind(port as number);
  return tcpServer(world, acceptors, given, { kernel, host: host as string });
}

type Given = Parameters<typeof unixListener>[1];

function unixServer(world: World, acceptors: Acceptors, given: Given): Server {
  const listener = unixListener(world, given);
  acceptors.listen(listener);
  return {
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
    abandoned() {},
    answered() {},
    obstacle: () => 0,
  };
}

function tcpServer(
  world: World,
  acceptors: Acceptors,
  given: Given,
  { kernel, host }: { kernel: Kernel; host: string },
): Server {
  const listener = tcpListener(world, { ...given, ready: acceptors.ready }, kernel);
  acceptors.listen(listener);
  const stack = kernel.tcp();
  const target = stack.target({
    listener,
    namespace: kernel.number,
    rtt: kernel.rtt(host),
    dataArrived: acceptors.arrived,
  });
  return {
    leadNs: 0,
    connect(connection) {
      if (stack.challenged === connection) return stack.connectAgain(connection, target);
      if (!acceptors.isIdle() || !listener.isOpen()) return stack.connect(connection, target);
      acceptors.accept(connection);
      return OK;
    },
    abandoned: stack.abandoned,
    answered: (connection) => stack.answered(connection, target),
    obstacle: stack.obstacle,
  };
}
