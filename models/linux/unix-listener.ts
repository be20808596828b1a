// A listening unix stream socket.
//
// Modelled: a non-blocking connect() is complete at once or, when the accept queue is full, fails at once
// with EAGAIN: no half-open state, no retry by the kernel (net/unix/af_unix.c unix_stream_connect); without
// its path nobody finds it: ENOENT (unix_find_bsd); close() resets what waits (unix_release_sock).
// Not modelled: blocking connect(), which waits for a place (nginx never blocks).

import { EAGAIN, ENOENT, type Errno, OK } from "../../src/component/errno.js";
import type { World } from "../../src/component/world.js";
import { type AcceptQueue, acceptQueue, type BacklogSettings, resetQueued } from "./accept-queue.js";

export interface UnixListener extends Pick<AcceptQueue, "take" | "length"> {
  /** A connect(): OK queues it, EAGAIN refuses it and notes why. */
  offer(connection: number): Errno;
  /** The path is gone; `cause` is why. What waits stays. */
  unlink(cause: number): void;
  /** close() of the last descriptor. */
  close(cause: number): void;
  /** bind() and listen() once more. */
  listen(): void;
}

export function unixListener(world: World, settings: BacklogSettings): UnixListener {
  const { connections, requests, recorder } = world;
  const queue = acceptQueue(world, settings);
  const { length } = queue;
  const full = recorder.cause({
    id: "unix-accept-queue-full",
    text: () => `unix accept queue full (${queue.limit} of ${queue.limit}) at ${settings.address}`,
    settings: queue.decided,
  });
  world.bounded.push({ gauge: queue.gauge, cause: full });

  // Why nobody finds it, or 0.
  const absent = { cause: 0 };

  function offer(connection: number): Errno {
    if (absent.cause !== 0) {
      requests.cause[connections.request[connection] as number] = absent.cause;
      return ENOENT;
    }
    if (length.value >= queue.limit) {
      requests.cause[connections.request[connection] as number] = full;
      return EAGAIN;
    }
    queue.put(connection);
    return OK;
  }

  function unlink(cause: number): void {
    absent.cause = cause;
  }

  return {
    offer,
    take: queue.take,
    length,
    unlink,
    close(cause) {
      // Whoever comes later finds no path, which may have been removed before.
      if (absent.cause === 0) unlink(cause);
      for (let next = queue.take(); next >= 0; next = queue.take()) resetQueued(world, next, cause);
    },
    listen() {
      queue.listen();
      unlink(0);
    },
  };
}
