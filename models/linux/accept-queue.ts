// The queue of connections that are complete and not yet accepted: one FIFO of a listening socket, of any
// family.
//
// Modelled: the backlog is min(backlog argument, somaxconn at listen()); the queue is full when it is longer
// than that, so it holds backlog + 1 (net/socket.c __sys_listen; include/net/sock.h sk_acceptq_is_full;
// measured on Linux 6.18, 2026-11: backlogs 0, 1, 5 and 20 hold 1, 2, 6 and 21, unix and TCP alike); accept()
// takes the oldest; a connection whose caller has gone stays and counts until it is accepted; close() of the
// last descriptor resets what waits (net/unix/af_unix.c unix_release_sock, net/ipv4/inet_connection_sock.c
// inet_csk_listen_stop).
// Not modelled: the time of the system calls.

import type { World } from "../../src/component/world.js";
import type { Gauge } from "../../src/metrics/gauge.js";

// Room for most queues: see engine/columns.ts.
const FIRST_CAPACITY = 256;

/** What listen(2) makes of its argument. */
export function effectiveBacklog(backlog: number, somaxconn: number): number {
  return Math.min(backlog, somaxconn);
}

/** How many connections the accept queue holds: it is full when it is longer than its backlog. */
export function heldBy(effective: number): number {
  return effective + 1;
}

export interface BacklogSettings {
  /** As `ss -l` shows it: `unix:/run/gunicorn.sock`, `127.0.0.1:8000`. */
  address: string;
  /** The argument of listen(2), and the setting it came from. */
  backlog: number;
  backlogText: string;
  /** What holds at the time of listen(2). */
  somaxconn(): number;
  somaxconnText(): string;
  /** Others may record their levels in the gauge of this queue; */
  isShared?: boolean | undefined;
  /** this one does so in that of another. */
  like?: AcceptQueue | undefined;
}

/** A gauge, or a share of one. */
export interface Level {
  readonly value: number;
  set(value: number): void;
}

export interface AcceptQueue {
  /** B: what `ss -l` shows as Send-Q. Changes with another listen(), as does the limit. */
  readonly backlog: number;
  /** It holds one more than the backlog. */
  readonly limit: number;
  /** The settings behind it, the deciding one first. */
  readonly decided: string[];
  /** Connections that wait: Recv-Q of `ss -l`. */
  readonly length: Level;
  /** Where the level is recorded. */
  readonly gauge: Gauge;
  /** Puts a connection at the tail; only if the queue is not full. */
  put(connection: number): void;
  /** listen() once more: somaxconn may have changed. */
  listen(): void;
  /** An accept(): the oldest connection, or -1 if there is none. */
  take(): number;
}

export function acceptQueue(world: World, settings: BacklogSettings): AcceptQueue {
  const { address, like } = settings;
  const backlog = effectiveBacklog(settings.backlog, settings.somaxconn());
  const decided = decisionOf(settings);
  const gauge = like?.gauge ?? world.gauge(`accept queue of ${address}`, heldBy(backlog));
  const length = settings.isShared ? shareOf(gauge) : gauge;
  if (!like) {
    const text = `the accept queue of ${address} holds ${heldBy(backlog)} connections`;
    world.limits.push({ text, settings: decided });
  }
  const ring = { rows: new Int32Array(FIRST_CAPACITY), head: 0 };

  function put(connection: number): void {
    const queued = length.value;
    if (queued === ring.rows.length) grow();
    ring.rows[(ring.head + queued) & (ring.rows.length - 1)] = connection;
    length.set(queued + 1);
  }

  function take(): number {
    const queued = length.value;
    if (queued === 0) return -1;
    const connection = ring.rows[ring.head] as number;
    ring.head = (ring.head + 1) & (ring.rows.length - 1);
    length.set(queued - 1);
    return connection;
  }

  function grow(): void {
    const { rows, head } = ring;
    const larger = new Int32Array(rows.length * 2);
    larger.set(rows.subarray(head));
    larger.set(rows.subarray(0, head), rows.length - head);
    ring.rows = larger;
    ring.head = 0;
  }

  const queue = {
    backlog,
    limit: heldBy(backlog),
    decided,
    length,
    gauge,
    put,
    take,
    listen(): void {
      queue.backlog = effectiveBacklog(settings.backlog, settings.somaxconn());
      queue.limit = heldBy(queue.backlog);
      gauge.limit = queue.limit;
      decided.splice(0, decided.length, ...decisionOf(settings));
    },
  };
  return queue;
}

/** The settings behind the backlog, the smaller one first. */
function decisionOf({ backlog, backlogText, somaxconn, somaxconnText }: BacklogSettings): string[] {
  return somaxconn() < backlog ? [somaxconnText(), backlogText] : [backlogText, somaxconnText()];
}

/** One of several levels that add up to a gauge. */
function shareOf(gauge: Gauge): Level {
  const level = {
    value: 0,
    set(value: number): void {
      gauge.set(gauge.value + value - level.value);
      level.value = value;
    },
  };
  return level;
}

/** The kernel closes a connection that waits in a queue. */
export function resetQueued({ connections, requests }: World, connection: number, cause: number): void {
  const caller = connections.caller(connection);
  if (connections.isCallerOpen(connection)) {
    requests.cause[connections.request[connection] as number] = cause;
    caller.reset(connection);
  } else caller.gone(connection);
  connections.closedByServer(connection);
}
