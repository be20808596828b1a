// The accept queue of a listening unix stream socket.
//
// Modelled: the backlog is min(backlog argument, somaxconn) and the queue is full when it is longer than
// that, so it holds backlog + 1; a non-blocking connect() to a full queue fails at once with EAGAIN; accept()
// takes the oldest; a connection whose caller has gone stays queued and counts until it is accepted
// (net/socket.c __sys_listen, net/unix/af_unix.c unix_stream_connect and unix_accept; measured on Linux 6.18,
// 2026-11: backlogs 0, 1, 5 and 20 hold 1, 2, 6 and 21).
// Not modelled: blocking connect(), which waits for a place (nginx never blocks); the time of the system
// calls.

import { EAGAIN, type Errno, OK } from "../../src/component/errno.js";
import type { World } from "../../src/component/world.js";
import type { Gauge } from "../../src/metrics/gauge.js";

const FIRST_CAPACITY = 64;

export interface UnixListener {
  /** A connect(): OK queues it, EAGAIN refuses it and notes why. */
  offer(connection: number): Errno;
  /** An accept(): the oldest connection, or -1 if there is none. */
  take(): number;
  /** Connections that wait: Recv-Q of `ss -lx`. */
  readonly length: Gauge;
}

export interface UnixListenerSettings {
  /** `unix:/run/gunicorn.sock`. */
  address: string;
  /** The argument of listen(2), and the setting it came from. */
  backlog: number;
  backlogText: string;
  somaxconn: number;
  somaxconnText: string;
}

export function unixListener(world: World, settings: UnixListenerSettings): UnixListener {
  const { address, backlog, backlogText, somaxconn, somaxconnText } = settings;
  const { connections, requests, recorder } = world;
  // The kernel refuses when the queue is longer than the backlog, so it holds one more (unix_recvq_full).
  const limit = Math.min(backlog, somaxconn) + 1;
  const decided = somaxconn < backlog ? [somaxconnText, backlogText] : [backlogText, somaxconnText];
  const length = world.gauge(`accept queue of ${address}`, limit);
  const full = recorder.cause({
    id: "unix-accept-queue-full",
    text: () => `unix accept queue full (${limit} of ${limit}) at ${address}`,
    settings: decided,
  });
  world.limits.push({ text: `the accept queue of ${address} holds ${limit} connections`, settings: decided });
  let ring = new Int32Array(FIRST_CAPACITY);
  let head = 0;

  function offer(connection: number): Errno {
    const queued = length.value;
    if (queued >= limit) {
      requests.cause[connections.request[connection] as number] = full;
      return EAGAIN;
    }
    if (queued === ring.length) grow();
    ring[(head + queued) & (ring.length - 1)] = connection;
    length.set(queued + 1);
    return OK;
  }

  function take(): number {
    if (length.value === 0) return -1;
    const connection = ring[head] as number;
    head = (head + 1) & (ring.length - 1);
    length.set(length.value - 1);
    return connection;
  }

  function grow(): void {
    const larger = new Int32Array(ring.length * 2);
    larger.set(ring.subarray(head));
    larger.set(ring.subarray(0, head), ring.length - head);
    ring = larger;
    head = 0;
  }

  return { offer, take, length };
}
