// Modelled: TCP's rules by kernel version and sysctl, as the handshake needs them. Not modelled here: what
// they do; see tcp-listener.ts and tcp-stack.ts.

import { MILLISECOND, SECOND } from "../../src/engine/time.js";

/** Values and rules of one network namespace. */
export interface TcpRules {
  syncookies: 0 | 1 | 2;
  maxSynBacklog: number;
  abortOnOverflow: boolean;
  synRetries: number;
  /** Repetitions of the SYN before the interval doubles: from 6.5 on. */
  synLinearTimeouts: number;
  synackRetries: number;
  orphanRetries: number;
  /** Before 4.10 a full accept queue still takes a SYN while at most one request is young. */
  acceptsYoungWhenFull: boolean;
  /** Requests that the SYN queue of a listener with this backlog holds. */
  synQueueLimit(backlog: number): number;
  /** One timer of 200 ms for the SYN-ACKs of all requests of a listener: up to 4.0. */
  synackTimer: "shared" | "per-request";
  /** A SYN that met the other end's old connection is repeated at once: from 5.6 on. */
  synQuickRetry: boolean;
  /** What is queued at a closed socket moves to another of its SO_REUSEPORT group (tcp_migrate_req). */
  migratesRequests: boolean;
  /** The kernel remembers round-trip times of destinations (tcp_no_metrics_save = 0). */
  savesMetrics: boolean;
}

const INITIAL_TIMEOUT_NS = SECOND;
/** TCP_RTO_MAX, include/net/tcp.h. */
const LONGEST_TIMEOUT_NS = 120 * SECOND;
/** Time-outs that double before they would exceed TCP_RTO_MAX: ilog2(120 s / 1 s). */
const MOST_DOUBLINGS = 6;

/**
 * The interval before repetition number `repeated` + 1 of a SYN: 1 s, doubling after more than
 * `synLinearTimeouts` repetitions up to 120 s (net/ipv4/tcp_timer.c tcp_retransmit_timer).
 */
export function synIntervalNs(repeated: number, { synLinearTimeouts }: TcpRules): number {
  return doubledNs(Math.max(0, repeated - synLinearTimeouts));
}

function doubledNs(times: number): number {
  return Math.min(INITIAL_TIMEOUT_NS * 2 ** times, LONGEST_TIMEOUT_NS);
}

/**
 * Whether connect() ends with ETIMEDOUT at this time-out: so many repetitions are out, or so much time has
 * passed (tcp_timer.c tcp_write_timeout and retransmits_timed_out).
 */
export function givesUp(repeated: number, sinceFirstNs: number, rules: TcpRules): boolean {
  const { synRetries, synLinearTimeouts } = rules;
  if (repeated >= synRetries + synLinearTimeouts) return true;
  return repeated >= 1 && sinceFirstNs >= modelTimeoutNs(synRetries);
}

/** When a connect() whose SYNs are all dropped repeats them, and at the end when it gives up (ETIMEDOUT). */
export function synTimesNs(rules: TcpRules): number[] {
  const timesNs: number[] = [];
  let nowNs = 0;
  for (let repeated = 0; nowNs === 0 || !givesUp(repeated - 1, nowNs, rules); repeated++) {
    nowNs += synIntervalNs(repeated, rules);
    timesNs.push(nowNs);
  }
  return timesNs;
}

/**
 * Requests beyond which a listener without SYN cookies takes none: max - length < max / 4 with an integer
 * shift (net/ipv4/tcp_input.c tcp_conn_request).
 */
export function threeQuarters(maxSynBacklog: number): number {
  return maxSynBacklog - (maxSynBacklog >> 2);
}

/** How long so many repetitions take with the interval that doubles (tcp_timer.c tcp_model_timeout). */
function modelTimeoutNs(retries: number): number {
  const doublings = Math.min(retries, MOST_DOUBLINGS);
  return (2 ** (doublings + 1) - 1) * INITIAL_TIMEOUT_NS + (retries - doublings) * LONGEST_TIMEOUT_NS;
}

/** TCP_SYNQ_INTERVAL, include/net/tcp.h: the period of the timer that all requests of a listener share. */
const SYNQ_NS = 200 * MILLISECOND;

/**
 * When a SYN-ACK that is due at `dueNs` is repeated by the shared timer, which ran first 1 s after the queue
 * had got its first request (net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_prune of 3.13).
 */
export function sharedSynackNs(dueNs: number, queueSinceNs: number): number {
  const firstNs = queueSinceNs + INITIAL_TIMEOUT_NS;
  return firstNs + Math.max(0, Math.ceil((dueNs - firstNs) / SYNQ_NS)) * SYNQ_NS;
}

/** The interval after time-out number `timeouts` (from 0) of a SYN-ACK: 1 s, 2 s, 4 s, at most 120 s. */
export function synackIntervalNs(timeouts: number): number {
  return doubledNs(timeouts);
}
