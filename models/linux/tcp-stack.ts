// Handshakes that do not complete at once, and the retransmissions that drive them: both ends of a
// connection, each by the rules and the clock of its own kernel.
//
// Modelled (net/ipv4/tcp_timer.c, tcp_output.c tcp_schedule_loss_probe, tcp_minisocks.c tcp_check_req;
// measured by packet capture on the loopback, Linux 6.18, HZ=250, 2026-11): repeated SYNs and ETIMEDOUT; a
// client whose final ACK was ignored believes it is connected and sends its request, repeated as a loss probe
// after 0.2 s and then with doubling intervals; SYN-ACKs repeated at 1, 3, 7, 15 s, each answered by a bare
// ACK; promotion by any of these; a connection promoted by a bare ACK has no data until the next repetition;
// a RST once the request is gone; the end of a listening socket (listen-stop.ts), of which a client in
// SYN_SENT hears by its next SYN, unless another socket of a SO_REUSEPORT group answers that; a SYN that
// meets the old connection of a port that was used again: the listener's end answers a challenge ACK, the
// client resets it and repeats the SYN after two jiffies, before 5.6 after a second (tcp_input.c
// tcp_rcv_synsent_state_process, 9603d47bad46). What falls due in one granule arrives together: first SYNs
// and data, then answers to repeated SYN-ACKs, then final ACKs, then accept().
// Not modelled: delay and loss of the network; tcp_retries2; the limit of challenge ACKs a second.

import {
  ECONNREFUSED,
  ECONNRESET,
  EINPROGRESS,
  type Errno,
  ETIMEDOUT,
  OK,
} from "../../src/component/errno.js";
import type { World } from "../../src/component/world.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";
import { handshakeEnds } from "./handshake-ends.js";
import {
  COMPLETE,
  FORGOTTEN,
  HALF_OPEN,
  handshakeRows,
  SYN_SENT,
  WITH_COOKIE,
  WITHOUT_DATA,
} from "./handshake-rows.js";
import { listenStop } from "./listen-stop.js";
import { DROPPED, IGNORED, PROMOTED, REPLIED, RESET, type TcpListener } from "./tcp-listener.js";
import { NEVER_SEEN, type RttCache } from "./tcp-metrics.js";
import { givesUp, sharedSynackNs, synackIntervalNs, synIntervalNs } from "./tcp-rules.js";
import { type TcpSide, tcpSides } from "./tcp-sides.js";

// The loss probe: 200 ms and a quarter of the loopback's round trip; measured as 0.207 s, one jiffy included.
const PROBE_NS = 204 * MILLISECOND;
const LONGEST_TIMEOUT_NS = 120 * SECOND;
// TCP_TIMEOUT_MIN, include/net/tcp.h.
const QUICK_RETRY_JIFFIES = 2;

/** What a handshake on one listening socket needs. */
export interface Target {
  listener: TcpListener;
  /** The namespace that it listens in. */
  namespace: number;
  /** What is remembered of the way to it from there. */
  rtt: RttCache;
  /** Data has arrived for a connection that was accepted without. */
  dataArrived(connection: number): void;
  /** Of a group: the number of the socket that the connection's hash leads to now, -1 if there is none. */
  current?: ((connection: number) => number) | undefined;
}

/** The TCP of these namespaces, by number. */
export function tcpStack(world: World, sides: readonly TcpSide[]) {
  const { sim, connections, requests, recorder } = world;
  const ends = tcpSides(world, sides, expired);
  const synRetransmissions = recorder.tally("netstat.TCPSynRetrans");
  const targets: Target[] = [];
  const rows = handshakeRows(world);
  // Two timers a connection: the client's is 2 row, the listener's for the SYN-ACK 2 row + 1.
  const clientTimer = (row: number) => 2 * row;
  const listenerTimer = (row: number) => 2 * row + 1;
  const target = (row: number) => targets[rows.target[row] as number] as Target;

  const listenerOf = (row: number) => target(row).listener;
  const handed = { rows, listenerOf, finish };
  const { failed, reset, givenUp, abandoned, obstacle } = handshakeEnds(world, handed);
  const listening = (row: number) => ends.listening(target(row).namespace);
  const calling = (row: number) => ends.calling(row, target(row).namespace);

  /** A connect() to the target of this number. */
  function connect(row: number, number: number): Errno {
    const { listener } = targets[number] as Target;
    if (listener.closed.cause !== 0) {
      requests.cause[connections.request[row] as number] = listener.closed.cause;
      return ECONNREFUSED;
    }
    if (listener.isOpen()) {
      listener.completed();
      listener.put(row);
      listener.ready();
      return OK;
    }
    rows.open(row, number, sim.now);
    const reply = listener.syn();
    if (reply !== DROPPED) return answered(row, reply === REPLIED) === ECONNRESET ? ECONNRESET : OK;
    rows.state[row] = SYN_SENT;
    rows.dropped[row] = listener.dropped.cause;
    const { timers, rules } = calling(row);
    timers.set(clientTimer(row), timers.of(synIntervalNs(0, rules)));
    return EINPROGRESS;
  }

  /** The same, but the SYN meets an old connection of the port. */
  function connectAgain(row: number, number: number): Errno {
    rows.open(row, number, sim.now);
    rows.state[row] = SYN_SENT;
    const { timers, rules } = calling(row);
    const delay = rules.synQuickRetry ? QUICK_RETRY_JIFFIES : timers.of(synIntervalNs(0, rules));
    timers.set(clientTimer(row), delay);
    return EINPROGRESS;
  }

  /** The client has its SYN-ACK; its final ACK arrives. */
  function answered(row: number, isRequest: boolean): typeof OK | typeof ECONNRESET {
    const { listener } = target(row);
    rows.state[row] = isRequest ? HALF_OPEN : WITH_COOKIE;
    rows.repliedNs[row] = sim.now;
    rows.timeouts[row] = 0;
    const end = listener.segment(row, isRequest, 0);
    if (end === RESET) {
      finish(row);
      return ECONNRESET;
    }
    if (end === PROMOTED) finish(row);
    else {
      const { timers } = calling(row);
      rows.repeated[row] = 0;
      rows.intervalNs[row] = rttOf(row, target(row)).timeoutNs();
      timers.set(clientTimer(row), timers.of(PROBE_NS));
      if (isRequest) awaitAck(row, 0);
    }
    return OK;
  }

  /** The SYN-ACK is repeated if no answer gets in before. */
  function awaitAck(row: number, timeouts: number): void {
    const { timers, rules } = listening(row);
    const intervalNs = synackIntervalNs(timeouts);
    const waitNs =
      rules.synackTimer === "per-request"
        ? intervalNs
        : sharedSynackNs(sim.now + intervalNs, target(row).listener.counts.sinceNs) - sim.now;
    timers.set(listenerTimer(row), timers.of(waitNs));
  }

  /** Both ends within a namespace remember the same; of another one the caller knows nothing. */
  function rttOf(row: number, { rtt, namespace }: Target): RttCache {
    return ends.isWithin(row, namespace) ? rtt : NEVER_SEEN;
  }

  function finish(row: number): void {
    rows.state[row] = COMPLETE;
    calling(row).timers.clear(clientTimer(row));
    listening(row).timers.clear(listenerTimer(row));
  }

  const replied: number[] = [];
  const repliedAgain: number[] = [];
  const touched = new Set<TcpListener>();

  /** All timers of one granule: the segments they send arrive before any process runs. */
  function expired(subjects: readonly number[]): void {
    for (const subject of subjects) {
      const row = subject >> 1;
      // Of both timers of a connection in one batch the first may have ended its handshake.
      if (rows.state[row] === COMPLETE) continue;
      if ((subject & 1) === 1) synackTimedOut(row);
      else if (rows.state[row] === SYN_SENT) synTimedOut(row);
      else dataTimedOut(row);
    }
    for (const row of repliedAgain) bareAck(row);
    repliedAgain.length = 0;
    for (const entry of replied) {
      const row = entry >> 1;
      const { listener } = target(row);
      touched.add(listener);
      const caller = connections.caller(row);
      if (answered(row, (entry & 1) === 1) === ECONNRESET) failed(row, ECONNRESET);
      else caller.connected(row);
    }
    replied.length = 0;
    for (const listener of touched) listener.ready();
    touched.clear();
  }

  function synTimedOut(row: number): void {
    const repeated = rows.repeated[row] as number;
    const { timers, rules } = calling(row);
    if (givesUp(repeated, sim.now - (rows.firstNs[row] as number), rules)) {
      failed(row, ETIMEDOUT);
      return;
    }
    rows.repeated[row] = repeated + 1;
    synRetransmissions.count++;
    const now = target(row).current?.(row) ?? -1;
    if (now >= 0) rows.target[row] = now;
    const { listener } = target(row);
    if (listener.closed.cause !== 0) {
      failed(row, ECONNREFUSED, listener.closed.cause);
      return;
    }
    timers.set(clientTimer(row), timers.of(synIntervalNs(repeated + 1, rules)));
    const reply = listener.syn();
    rows.dropped[row] = reply === DROPPED ? listener.dropped.cause : 0;
    if (reply !== DROPPED) replied.push(row * 2 + (reply === REPLIED ? 1 : 0));
  }

  /** The client repeats its data, or the FIN of one that has given up. */
  function dataTimedOut(row: number): void {
    const state = rows.state[row];
    const repeated = rows.repeated[row] as number;
    if (state === FORGOTTEN) {
      reset(row);
      return;
    }
    if (state === WITHOUT_DATA) {
      finish(row);
      connections.gotData(row);
      target(row).dataArrived(row);
      touched.add(target(row).listener);
      return;
    }
    const end = offer(row);
    if (end !== IGNORED) {
      if (end === PROMOTED) finish(row);
      return;
    }
    const { timers, rules } = calling(row);
    if (!connections.isCallerOpen(row) && repeated >= rules.orphanRetries) {
      givenUp(row);
      return;
    }
    rows.repeated[row] = repeated + 1;
    const intervalNs = rows.intervalNs[row] as number;
    timers.set(clientTimer(row), timers.of(intervalNs));
    rows.intervalNs[row] = Math.min(2 * intervalNs, LONGEST_TIMEOUT_NS);
  }

  /** A segment of the client arrives at the listener. */
  function offer(row: number): typeof IGNORED | typeof PROMOTED | typeof RESET {
    const { listener } = target(row);
    const isRequest = rows.state[row] === HALF_OPEN;
    const end = listener.segment(row, isRequest, rows.timeouts[row] as number);
    if (end === RESET) reset(row);
    if (end === PROMOTED) {
      rows.waitedNs[row] = sim.now - (rows.repliedNs[row] as number);
      touched.add(listener);
    }
    return end;
  }

  function synackTimedOut(row: number): void {
    if (rows.state[row] !== HALF_OPEN) return;
    const timeouts = rows.timeouts[row] as number;
    if (!target(row).listener.repeats(timeouts)) {
      rows.state[row] = FORGOTTEN;
      return;
    }
    rows.timeouts[row] = timeouts + 1;
    awaitAck(row, timeouts + 1);
    repliedAgain.push(row);
  }

  /** The client's answer to a repeated SYN-ACK: a chance without data. */
  function bareAck(row: number): void {
    if (rows.state[row] !== HALF_OPEN || offer(row) !== PROMOTED) return;
    rows.state[row] = WITHOUT_DATA;
    connections.awaitsData(row);
    listening(row).timers.clear(listenerTimer(row));
  }

  const stack = {
    /** Connections whose SYN will meet an old connection of their port. */
    challenged: new Set<number>(),
    /** Declares a listening socket; its number is for `connect`. */
    target: (added: Target) => targets.push(added) - 1,
    connect,
    connectAgain,
    close: listenStop(world, {
      rows,
      targets,
      finish,
      forgets: (row) => listening(row).timers.clear(listenerTimer(row)),
    }),
    abandoned,
    obstacle,
    /** Both ends have closed in order: the kernel remembers the round-trip time. */
    answered(row: number, number: number): void {
      // Beyond its end a column has no number, of which V8 makes an object.
      const waitedNs = row < rows.waitedNs.length ? (rows.waitedNs[row] as number) : 0;
      if (waitedNs !== 0) rows.waitedNs[row] = 0;
      rttOf(row, targets[number] as Target).closed(waitedNs);
    },
  };
  world.onReset(() => stack.challenged.clear());
  return stack;
}

export type TcpStack = ReturnType<typeof tcpStack>;
