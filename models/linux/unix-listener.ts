// A listening unix stream socket.
//
// Modelled: a non-blocking connect() is complete at once or, when the accept queue is full, fails at once
// with EAGAIN: no half-open state, no retry by the kernel (net/unix/af_unix.c unix_stream_connect).
// Not modelled: blocking connect(), which waits for a place (nginx never blocks).

import { EAGAIN, type Errno, OK } from "../../src/component/errno.js";
import type { World } from "../../src/component/world.js";
import { type AcceptQueue, acceptQueue, type BacklogSettings } from "./accept-queue.js";

export interface UnixListener extends Pick<AcceptQueue, "take" | "length"> {
  /** A connect(): OK queues it, EAGAIN refuses it and notes why. */
  offer(connection: number): Errno;
}

export function unixListener(world: World, settings: BacklogSettings): UnixListener {
  const { connections, requests, recorder } = world;
  const queue = acceptQueue(world, settings);
  const { limit, length } = queue;
  const full = recorder.cause({
    id: "unix-accept-queue-full",
    text: () => `unix accept queue full (${limit} of ${limit}) at ${settings.address}`,
    settings: queue.decided,
  });

  function offer(connection: number): Errno {
    if (length.value >= limit) {
      requests.cause[connections.request[connection] as number] = full;
      return EAGAIN;
    }
    queue.put(connection);
    return OK;
  }

  return { offer, take: queue.take, length };
}
