// Modelled: a listening socket of either family, and the processes that accept from it. Not modelled: more
// families.

import { parseAddress } from "../../src/component/address.js";
import { OK } from "../../src/component/errno.js";
import type { Server } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import type { AcceptQueue } from "./accept-queue.js";
import { kernel } from "./kernel.js";
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
  /** Which of several sockets at this address: ` of worker 2`. */
  of: string;
  /** The argument of listen(2), and the setting it came from. */
  backlog: number;
  backlogText: string;
}

/** bind() and listen() in the namespace of the scenario's kernel. */
export function listeningSocket(world: World, acceptors: Acceptors, settings: ListenSettings): Server {
  const { family, text } = parseAddress(settings.bind);
  const { somaxconn, text: texts } = world.get(kernel);
  const somaxconnText = texts["net.core.somaxconn"];
  const { backlog, backlogText } = settings;
  const address = `${text}${settings.of}`;
  const given = { address, backlog, backlogText, somaxconn, somaxconnText };
  return family === "unix" ? unixServer(world, acceptors, given) : tcpServer(world, acceptors, given);
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

function tcpServer(world: World, acceptors: Acceptors, given: Given): Server {
  const rules = world.get(kernel);
  const listener = tcpListener(world, { ...given, ready: acceptors.ready }, rules);
  acceptors.listen(listener);
  const stack = rules.tcp();
  const target = stack.target({
    listener,
    rtt: rules.rtt(parseAddress(given.address).host as string),
    dataArrived: acceptors.arrived,
  });
  return {
    leadNs: 0,
    connect(connection) {
      if (!acceptors.isIdle() || !listener.isOpen()) return stack.connect(connection, target);
      acceptors.accept(connection);
      return OK;
    },
    abandoned: stack.abandoned,
    answered: (connection) => stack.answered(connection, target),
    obstacle: stack.obstacle,
  };
}
