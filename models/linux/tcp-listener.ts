// The listening side of TCP: the SYN queue and the accept queue.
//
// Modelled (net/ipv4/tcp_input.c tcp_conn_request, tcp_minisocks.c tcp_check_req, inet_connection_sock.c
// reqsk_timer_handler; measured on Linux 6.18, 2026-11): a SYN that finds the accept queue full is dropped
// (before 4.10 only if more than one request is young); the SYN queue's limit by version, SYN cookies, the
// three-quarter rule without them; a final ACK or data that finds the accept queue full is ignored and the
// request kept, or answered by RST with tcp_abort_on_overflow; a request gets fewer repetitions of its
// SYN-ACK under pressure and is then dropped.
// Not modelled: handshakes that race on several processors while the last place fills; TCP_DEFER_ACCEPT; a
// SYN that meets a TIME_WAIT entry, which skips the test of the SYN queue.

import type { World } from "../../src/component/world.js";
import { AcceptQueue, type BacklogSettings } from "./accept-queue.js";
import { type TcpRules, threeQuarters } from "./tcp-rules.js";

/** What becomes of a SYN. */
export const DROPPED = 0;
export const REPLIED = 1;
/** Replied with a cookie: the listener keeps nothing. */
export const COOKIE = 2;

/** What becomes of a segment that could complete a handshake. */
export const IGNORED = 0;
export const PROMOTED = 1;
export const RESET = 2;

export interface TcpListenerSettings extends BacklogSettings {
  /** A connection is in the accept queue, or has got its data: somebody may accept. */
  ready(): void;
  /** net.ipv4.tcp_max_syn_backlog and tcp_syncookies, for the report. */
  synQueueText: string[];
  /** Another socket of this address, whose gauge and causes it takes. */
  twin?: Twin | undefined;
}

export interface Twin {
  queue: AcceptQueue;
  full: number;
  synQueueFull: number;
  forgotten: number;
}

export type TcpListener = ReturnType<typeof tcpListener>;

/** The queues of one listening socket. Rows are connections. */
export function tcpListener(world: World, settings: TcpListenerSettings, rules: TcpRules) {
  const { twin } = settings;
  const queue = new AcceptQueue(world, { ...settings, like: twin?.queue });
  const { length } = queue;
  const { connections, requests } = world;
  const overflows = world.recorder.tally("netstat.ListenOverflows");
  const drops = world.recorder.tally("netstat.ListenDrops");
  const cookies = world.recorder.tally("netstat.TCPReqQFullDoCookies");
  const refused = world.recorder.tally("netstat.TCPReqQFullDrop");
  const full =
    twin?.full ??
    world.recorder.cause({
      id: "tcp-accept-queue-full",
      text: () => `TCP accept queue full (${queue.limit} of ${queue.limit}) at ${settings.address}`,
      settings: queue.decided,
    });
  if (!twin) world.bounded.push({ gauge: queue.gauge, cause: full });
  const synQueueFull =
    twin?.synQueueFull ??
    world.recorder.cause({
      id: "syn-queue-full",
      text: () => `SYN queue full (${synQueue.most}) at ${settings.address}`,
      settings: [...settings.synQueueText, ...queue.decided],
    });
  const forgotten =
    twin?.forgotten ??
    world.recorder.cause({
      id: "reset-by-upstream",
      text: () => `handshake forgotten at ${settings.address}: its TCP accept queue was full for too long`,
      settings: queue.decided,
    });
  // `most` is how many there were when it was full.
  const synQueue = { limit: rules.synQueueLimit(queue.backlog), most: 0 };
  const counts = world.state({ requests: 0, young: 0, sinceNs: 0 });
  // Why the last SYN was dropped that was.
  const dropped = { cause: full };
  // Why nobody listens, or 0.
  const closed = { cause: 0 };
  world.onReset(() => {
    synQueue.limit = rules.synQueueLimit(queue.backlog);
    synQueue.most = 0;
    dropped.cause = full;
    closed.cause = 0;
  });

  const isFull = () => length.value >= queue.limit;
  const isSynQueueFull = () => counts.requests >= synQueue.limit;
  const wantsCookie = () => rules.syncookies === 2 || isSynQueueFull();

  function overflowed(): void {
    overflows.count++;
    drops.count++;
  }

  /** A SYN arrives; REPLIED makes a request of it. */
  function syn(): typeof DROPPED | typeof REPLIED | typeof COOKIE {
    const isCookie = wantsCookie();
    if (isCookie && rules.syncookies > 0) cookies.count++;
    if (isCookie && rules.syncookies === 0) {
      refused.count++;
      return crowdedOut();
    }
    if (isFull() && (!rules.acceptsYoungWhenFull || counts.young > 1)) {
      overflowed();
      dropped.cause = full;
      return DROPPED;
    }
    if (isCookie) return COOKIE;
    if (rules.syncookies === 0 && isThreeQuartersFull()) return crowdedOut();
    if (counts.requests++ === 0) counts.sinceNs = world.sim.now;
    counts.young++;
    return REPLIED;
  }

  function crowdedOut(): typeof DROPPED {
    drops.count++;
    synQueue.most = counts.requests;
    dropped.cause = synQueueFull;
    return DROPPED;
  }

  function isThreeQuartersFull(): boolean {
    return counts.requests > threeQuarters(rules.maxSynBacklog);
  }

  /** A segment of a client arrives whose handshake is not complete; `isRequest` unless a cookie was sent. */
  function segment(connection: number, isRequest: boolean, timeouts: number) {
    if (!isFull()) {
      if (isRequest) forget(timeouts);
      queue.put(connection);
      return PROMOTED;
    }
    overflowed();
    if (!isRequest || !rules.abortOnOverflow) return IGNORED;
    forget(timeouts);
    requests.cause[connections.request[connection] as number] = full;
    return RESET;
  }

  /** close() of the last descriptor: the requests are freed; what waits is seen to by the stack. */
  function close(cause: number): void {
    closed.cause = cause;
    counts.requests = 0;
    counts.young = 0;
  }

  /** Takes over a request of another socket that has closed, after so many time-outs of its SYN-ACK. */
  function adopt(timeouts: number): void {
    counts.requests++;
    if (timeouts === 0) counts.young++;
  }

  /** A request leaves the SYN queue after so many time-outs of its SYN-ACK. */
  function forget(timeouts: number): void {
    counts.requests--;
    if (timeouts === 0) counts.young--;
  }

  /**
   * The SYN-ACK of a request timed out for the time number `timeouts` (from 0). True if it is repeated;
   * otherwise the request is dropped.
   */
  function repeats(timeouts: number): boolean {
    let most = rules.synackRetries;
    if (2 * counts.requests > Math.max(8, queue.backlog)) {
      for (let young = 2 * counts.young; most > 2 && counts.requests >= young; young *= 2) most--;
    }
    if (timeouts >= most) {
      forget(timeouts);
      return false;
    }
    if (timeouts === 0) counts.young--;
    return true;
  }

  return {
    take: () => queue.take(),
    put: (connection: number) => queue.put(connection),
    length,
    queue,
    full,
    synQueueFull,
    forgotten,
    dropped,
    counts,
    isFull,
    /** A SYN meets no obstacle: the handshake completes at once. */
    isOpen: () => !isFull() && !(rules.syncookies === 0 && (isSynQueueFull() || isThreeQuartersFull())),
    /** A handshake has completed at once: a cookie that it needed is counted all the same. */
    completed(): void {
      if (rules.syncookies > 0 && wantsCookie()) cookies.count++;
    },
    syn,
    segment,
    forget,
    adopt,
    close,
    listen(): void {
      queue.listen();
      synQueue.limit = rules.synQueueLimit(queue.backlog);
      closed.cause = 0;
    },
    closed,
    repeats,
    ready: settings.ready,
  };
}
