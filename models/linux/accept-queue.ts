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
  /** Told of each listen(2). */
  listens(): void;
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

/** A class, since there are many of them: V8 has its methods once and not for each. */
export class AcceptQueue {
  /** B: what `ss -l` shows as Send-Q. Changes with another listen(), as does the limit. */
  backlog: number;
  /** It holds one more than the backlog. */
  limit: number;
  /** The settings behind it, the deciding one first. */
  readonly decided: string[];
  /** Connections that wait: Recv-Q of `ss -l`. */
  readonly length: Level;
  /** Where the level is recorded. */
  readonly gauge: Gauge;
  private readonly settings: BacklogSettings;
  private rows = new Int32Array(FIRST_CAPACITY);
  private head = 0;

  constructor(world: World, settings: BacklogSettings) {
    const { address, like } = settings;
    settings.listens();
    this.settings = settings;
    this.backlog = effectiveBacklog(settings.backlog, settings.somaxconn());
    this.limit = heldBy(this.backlog);
    this.decided = decisionOf(settings);
    this.gauge = like?.gauge ?? world.gauge(`accept queue of ${address}`, this.limit);
    this.length = settings.isShared ? shareOf(world, this.gauge) : this.gauge;
    world.onReset(() => this.reset());
    if (like) return;
    const text = `the accept queue of ${address} holds ${this.limit} connections`;
    // What holds at the start: after another listen() it is another one that decides.
    world.limits.push({ text, settings: [...this.decided] });
  }

  /** Puts a connection at the tail; only if the queue is not full. */
  put(connection: number): void {
    const queued = this.length.value;
    if (queued === this.rows.length) this.grow();
    this.rows[(this.head + queued) & (this.rows.length - 1)] = connection;
    this.length.set(queued + 1);
  }

  /** An accept(): the oldest connection, or -1 if there is none. */
  take(): number {
    const queued = this.length.value;
    if (queued === 0) return -1;
    const connection = this.rows[this.head] as number;
    this.head = (this.head + 1) & (this.rows.length - 1);
    this.length.set(queued - 1);
    return connection;
  }

  /** listen() once more: somaxconn may have changed. */
  listen(): void {
    const { settings, decided } = this;
    settings.listens();
    this.backlog = effectiveBacklog(settings.backlog, settings.somaxconn());
    this.limit = heldBy(this.backlog);
    this.gauge.limit = this.limit;
    decided.splice(0, decided.length, ...decisionOf(settings));
  }

  /** As after the first listen(); what it asks has been put back before. */
  private reset(): void {
    this.rows.fill(0);
    this.head = 0;
    this.listen();
  }

  private grow(): void {
    const { rows, head } = this;
    const larger = new Int32Array(rows.length * 2);
    larger.set(rows.subarray(head));
    larger.set(rows.subarray(0, head), rows.length - head);
    this.rows = larger;
    this.head = 0;
  }
}

/** The settings behind the backlog, the smaller one first. */
function decisionOf({ backlog, backlogText, somaxconn, somaxconnText }: BacklogSettings): string[] {
  return somaxconn() < backlog ? [somaxconnText(), backlogText] : [backlogText, somaxconnText()];
}

/** One of several levels that add up to a gauge. */
function shareOf(world: World, gauge: Gauge): Level {
  const level = {
    value: 0,
    set(value: number): void {
      gauge.set(gauge.value + value - level.value);
      level.value = value;
    },
  };
  world.onReset(() => {
    level.value = 0;
  });
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
