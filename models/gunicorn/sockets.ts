// gunicorn's listening sockets, and which of its workers accept from which.
//
// Modelled: one socket for each bind, which all workers share (gunicorn/sock.py create_sockets); with
// reuse_port from 24.0 on one for each worker and bind, opened when the worker is forked and closed with its
// process, to which the kernel's hash assigns a connection whether or not that worker is busy
// (gunicorn/arbiter.py spawn_worker; net/core/sock_reuseport.c); the end of the master: a unix path is
// removed at once, the queue lasts until the last worker has closed its copy (gunicorn/arbiter.py stop).
// Not modelled: sockets that are handed over (systemd, USR2).

import { ECONNREFUSED } from "../../src/component/errno.js";
import type { Server } from "../../src/component/network.js";
import { NOWHERE } from "../../src/component/places.js";
import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import type { ListeningSocket } from "../linux/acceptors.js";
import type { Kernel } from "../linux/kernel.js";
import { listeningSocket } from "../linux/listening-socket.js";
import { recycledCause, stopCauses } from "./causes.js";
import type { GunicornSettings } from "./settings.js";
import type { WorkerClass } from "./worker-class.js";

export interface Sockets {
  /** The object that this worker belongs to. */
  classOf(worker: number): WorkerClass;
  /** A process has been forked as this worker. */
  forked(worker: number): void;
  /** The process has gone, and its descriptors with it. */
  gone(worker: number): void;
  /** The master has closed its descriptors and removed the paths. */
  unlink(): void;
  /** The last process has gone. */
  close(): void;
  /** A master listens again. */
  listen(): void;
}

interface Given {
  settings: GunicornSettings;
  /** The namespace that it listens in. */
  kernel: Kernel;
  path: string;
  backlog: number;
  backlogText: string;
  /** A class of workers; `of` tells several apart. */
  workers(of: string): WorkerClass;
}

/** One socket for each bind. */
export function sharedSockets(world: World, given: Given): Sockets {
  const { path, settings, kernel, backlog, backlogText } = given;
  const workers = given.workers("");
  const sockets = settings.bind.map((bind) => {
    const socket = listeningSocket(world, workers, { kernel, bind, of: "", backlog, backlogText });
    world.network.listen(bind, [path, "bind"], socket, { namespace: kernel.number });
    return socket;
  });
  const causes = stopCauses(world, path);
  const each = (act: (socket: ListeningSocket) => void) => () => sockets.forEach(act);
  return {
    classOf: () => workers,
    forked() {},
    gone() {},
    unlink: each((socket) => socket.unlink(causes.absent)),
    close: each((socket) => socket.close(causes.closed)),
    listen: each((socket) => socket.listen()),
  };
}

/** One socket for each bind and worker. */
export function ownSockets(world: World, given: Given): Sockets {
  const { path, settings, kernel, backlog, backlogText } = given;
  const causes = stopCauses(world, path);
  const recycled = recycledCause(world, path);
  const draw = world.random(`${path}.reuseport`);
  const groups = settings.bind.map((bind) => {
    const group = reuseportGroup(world, kernel, draw, causes.absent);
    world.network.listen(bind, [path, "bind"], group.server, { namespace: kernel.number, reuseport: true });
    return { bind, group };
  });
  const classes: WorkerClass[] = [];
  const sockets: ListeningSocket[][] = [];
  const master = { stops: false };
  world.onReset(() => {
    master.stops = false;
  });

  /** What this worker listens on; it is made once, and what comes later takes its place in the report. */
  function socketsOf(worker: number): ListeningSocket[] {
    const known = sockets[worker];
    if (known) return known;
    const place = worker % settings.workers;
    const workers = given.workers(`.${worker}`);
    classes[worker] = workers;
    const made = groups.map(({ bind, group }, index) => {
      const twin = place === worker ? undefined : sockets[place]?.[index]?.twin;
      const of = ` of worker ${place + 1}`;
      return listeningSocket(world, workers, {
        kernel,
        bind,
        of,
        backlog,
        backlogText,
        group: { current: group.current, twin },
      });
    });
    sockets[worker] = made;
    return made;
  }

  return {
    classOf: (worker) => classes[worker] as WorkerClass,
    forked(worker) {
      socketsOf(worker).forEach((socket, index) => {
        socket.listen();
        groups[index]?.group.join(socket);
      });
    },
    gone(worker) {
      socketsOf(worker).forEach((socket, index) => {
        groups[index]?.group.leave(socket);
        socket.close(master.stops ? causes.closed : recycled);
      });
    },
    unlink() {
      master.stops = true;
    },
    close() {},
    listen() {
      master.stops = false;
    },
  };
}

/**
 * The sockets of a SO_REUSEPORT group. The keyed hash of a connection's addresses picks one before any queue
 * is looked at; a repeated SYN has the same addresses, and comes to the same socket unless the group has
 * changed (net/core/sock_reuseport.c reuseport_select_sock, __reuseport_detach_sock).
 */
function reuseportGroup(world: World, kernel: Kernel, draw: () => number, absent: number) {
  const { connections, requests } = world;
  const members: ListeningSocket[] = [];
  let hashes = new Float64Array(64);
  /** By connection: where it was accepted, whatever becomes of the group. */
  const homes: (ListeningSocket | undefined)[] = [];
  world.onReset(() => {
    members.length = 0;
    hashes.fill(0);
    homes.fill(undefined);
  });
  const picked = (connection: number) =>
    members[Math.floor((hashes[connection] as number) * members.length)] as ListeningSocket | undefined;
  return {
    join: (socket: ListeningSocket) => members.push(socket),
    leave(socket: ListeningSocket): void {
      const last = members.pop() as ListeningSocket;
      // The last one takes the place of the one that leaves.
      if (last !== socket) members[members.indexOf(socket)] = last;
    },
    current: (connection: number) => picked(connection)?.number ?? -1,
    server: {
      leadNs: 0,
      connect(connection) {
        if (connection >= hashes.length) {
          hashes = grown(hashes, new Float64Array(Math.max(2 * hashes.length, connection + 1)));
        }
        hashes[connection] = draw();
        const socket = picked(connection);
        homes[connection] = socket;
        if (socket) return socket.connect(connection);
        requests.cause[connections.request[connection] as number] = absent;
        return ECONNREFUSED;
      },
      // What comes after connect() is known by the connection.
      abandoned: (connection) => homes[connection]?.abandoned(connection),
      answered: (connection) => picked(connection)?.answered(connection),
      obstacle: (connection) => kernel.tcp().obstacle(connection),
      place: (connection) => homes[connection]?.place?.(connection) ?? NOWHERE,
      sent: (connection) => homes[connection]?.sent?.(connection) ?? false,
      dropped: (connection) => homes[connection]?.dropped?.(connection),
    } satisfies Server,
  };
}
