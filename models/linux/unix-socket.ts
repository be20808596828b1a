// A listening unix stream socket.
//
// Modelled: a non-blocking connect() is complete at once or, when the accept queue is full, fails at once
// with EAGAIN: no half-open state, no retry by the kernel (net/unix/af_unix.c unix_stream_connect); without
// its path nobody finds it: ENOENT (unix_find_bsd); close() resets what waits (unix_release_sock).
// Not modelled: blocking connect(), which waits for a place (nginx never blocks).

import { EAGAIN, ENOENT, type Errno, OK } from "../../src/component/errno.js";
import type { World } from "../../src/component/world.js";
import { AcceptQueue, type BacklogSettings, resetQueued } from "./accept-queue.js";
import { type Acceptors, keptBy, type ListeningSocket, placeAt } from "./acceptors.js";

/** A class, since there are many of them: V8 has its methods once and not for each. */
export class UnixSocket implements ListeningSocket {
  readonly leadNs = 0;
  readonly number = 0;
  readonly twin = undefined;
  readonly place: (connection: number) => number;
  readonly sent?: (connection: number) => boolean;
  readonly dropped?: (connection: number) => void;
  private readonly world: World;
  private readonly acceptors: Acceptors;
  private readonly queue: AcceptQueue;
  private readonly full: number;
  /** Why nobody finds it, or 0. */
  private absent = 0;

  constructor(world: World, acceptors: Acceptors, settings: BacklogSettings) {
    const queue = new AcceptQueue(world, settings);
    this.world = world;
    this.acceptors = acceptors;
    this.queue = queue;
    this.full = world.recorder.cause({
      id: "unix-accept-queue-full",
      text: () => `unix accept queue full (${queue.limit} of ${queue.limit}) at ${settings.address}`,
      settings: queue.decided,
    });
    world.bounded.push({ gauge: queue.gauge, cause: this.full });
    acceptors.listen(queue);
    world.onReset(() => this.unlink(0));
    this.place = placeAt(world, acceptors, "unix", settings.address);
    Object.assign(this, keptBy(acceptors));
  }

  connect(connection: number): Errno {
    const { acceptors } = this;
    if (acceptors.isIdle()) {
      acceptors.accept(connection);
      return OK;
    }
    const errno = this.offer(connection);
    if (errno === OK) acceptors.ready();
    return errno;
  }

  abandoned(connection: number): void {
    this.acceptors.left?.(connection);
  }

  answered(): void {}

  obstacle(): number {
    return 0;
  }

  unlink(cause: number): void {
    this.absent = cause;
  }

  close(cause: number): void {
    const { world, queue } = this;
    // Whoever comes later finds no path, which may have been removed before.
    if (this.absent === 0) this.unlink(cause);
    for (let next = queue.take(); next >= 0; next = queue.take()) resetQueued(world, next, cause);
  }

  listen(): void {
    this.queue.listen();
    this.unlink(0);
  }

  /** OK queues it, EAGAIN refuses it and notes why. */
  private offer(connection: number): Errno {
    const { queue } = this;
    if (this.absent !== 0) return this.refused(connection, this.absent, ENOENT);
    if (queue.length.value >= queue.limit) return this.refused(connection, this.full, EAGAIN);
    queue.put(connection);
    return OK;
  }

  private refused(connection: number, cause: number, errno: Errno): Errno {
    const { connections, requests } = this.world;
    requests.cause[connections.request[connection] as number] = cause;
    return errno;
  }
}
