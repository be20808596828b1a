// What an nginx worker does with a request: attempts at the servers of a group until one answers or none is
// left.
//
// Modelled: connect() to the upstream, any error of it is an attempt that failed
// (src/event/ngx_event_connect.c); the connect timeout; the read timeout, which runs from the moment the
// request is handed over, so the time in the application's accept queue counts; nginx then closes its side,
// while the work stays queued and is executed all the same; proxy_next_upstream with tries and timeout,
// tested between attempts only; the last attempt decides the status; a client that leaves ends the attempt at
// once, 499 (src/http/ngx_http_upstream.c).
// Not modelled: requests that must not be sent twice (POST), responses that fail after their header,
// keepalive to the upstream, the send timeout, buffering.

import type { Caller } from "../../src/component/connections.js";
import { ECONNRESET, EINPROGRESS, type Errno, type Failure, OK } from "../../src/component/errno.js";
import { NO_CAUSE } from "../../src/component/requests.js";
import type { World } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";
import { NO_TIMER } from "../../src/engine/timer.js";
import { attemptRows, proxyCauses } from "./attempts.js";
import type { EventLoop } from "./event-loop.js";
import type { UpstreamGroup } from "./group.js";
import type { UpstreamServers } from "./upstream.js";

export const CLIENT_CLOSED = 499;
export const INTERNAL_ERROR = 500;
const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;
const NONE = -1;

export interface ProxySettings {
  connectTimeoutNs: number;
  readTimeoutNs: number;
  responseOverheadNs: number;
  /** Processor time up to the connect(), and again from the response on. */
  halfCpuNs: number;
  /** Classes of failures after which another server is tried. */
  retriesErrors: boolean;
  retriesTimeouts: boolean;
  /** proxy_next_upstream_tries and _timeout; 0 is no limit. */
  tries: number;
  nextTimeoutNs: number;
  /** By how much the wall clock's second is ahead of the run's: fail_timeout counts whole seconds. */
  clockPhaseNs: number;
}

/** What a worker is given. */
export interface ProxyWorker {
  group: UpstreamGroup;
  servers: UpstreamServers;
  /** Connections left: see slots.ts. */
  slots: { free: number };
  loop: EventLoop;
  /**
   * Every server of the group is as good as any other and nothing is remembered: one address without limits.
   */
  isPlain: boolean;
  noSlot: number;
  /** Sends a response to the client and closes. `bodyBytes` NONE stands for nginx's own page. */
  answer(client: number, status: number, bodyBytes: number, laterNs: number): void;
}

export type Proxying = ReturnType<typeof proxy>;
export const OWN_PAGE = NONE;

/** One worker's proxying; `start` begins the attempts of a client's request. */
export function proxy(world: World, worker: ProxyWorker, settings: ProxySettings) {
  const { sim, connections, requests, recorder } = world;
  const { group, servers, slots, isPlain, answer, loop } = worker;
  const connectTimer = sim.timer("nginx connect timeout", settings.connectTimeoutNs, connectTimedOut);
  const readTimer = sim.timer("nginx read timeout", settings.readTimeoutNs, readTimedOut);
  const causes = proxyCauses(world, settings);
  const caller = connections.register({
    responded,
    hungUp,
    connected,
    connectFailed,
    reset,
    gone: servers.gone,
  } satisfies Caller);
  const most = settings.tries > 0 ? Math.min(settings.tries, group.attempts) : group.attempts;
  const rows = attemptRows();

  function start(client: number): void {
    rows.reserve(client);
    if (!isPlain) {
      rows.tried[client] = 0;
      rows.left[client] = most;
      rows.startedNs[client] = sim.now;
    }
    attempt(client);
  }

  const nowS = () => Math.floor((sim.now + settings.clockPhaseNs) / SECOND);

  function attempt(client: number): void {
    const peer = isPlain
      ? 0
      : group.choose(rows.tried[client] as number, nowS(), connections.callerNumber(client));
    const request = connections.request[client] as number;
    if (peer < 0) {
      requests.cause[request] = causes.noLive;
      end(client, BAD_GATEWAY);
      return;
    }
    rows.peer[client] = peer;
    if (slots.free === 0) {
      // No failure of the peer, and no other is tried.
      if (!isPlain) group.release(peer, false, nowS());
      requests.cause[request] = worker.noSlot;
      end(client, INTERNAL_ERROR);
      return;
    }
    slots.free--;
    requests.cause[request] = NO_CAUSE;
    const connection = connections.opened(caller, request, client);
    rows.upstream[client] = connection;
    const errno: Errno = servers.connect(peer, connection);
    loop.spend(servers.lastCostNs);
    if (errno === OK) connected(connection);
    else if (errno === EINPROGRESS) {
      rows.isConnecting[client] = 1;
      connections.callerTimer[connection] = connectTimer.start(connection);
    } else connectFailed(connection, errno);
  }

  /** The request goes out; the read timeout runs from now on. */
  function connected(connection: number): void {
    stopConnectTimer(connection);
    connections.callerTimer[connection] = readTimer.start(connection);
  }

  // A connection that has just been opened has no timer, so one that runs is that of a connect() in progress.
  function stopConnectTimer(connection: number): void {
    const running = connections.callerTimer[connection] as number;
    if (running === NO_TIMER) return;
    connectTimer.stop(running);
    rows.isConnecting[connections.downstream[connection] as number] = 0;
  }

  function connectFailed(connection: number, errno: Failure): void {
    stopConnectTimer(connection);
    const request = connections.request[connection] as number;
    recorder.met(request, errno);
    const obstacle = servers.obstacle(peerOf(connection), connection);
    if (obstacle !== NO_CAUSE) requests.cause[request] = obstacle;
    servers.failed(connection);
    const client = connections.downstream[connection] as number;
    connections.closed(connection);
    failed(client, BAD_GATEWAY, settings.retriesErrors);
  }

  function connectTimedOut(connection: number): void {
    const request = connections.request[connection] as number;
    requests.cause[request] = servers.obstacle(peerOf(connection), connection);
    rows.isConnecting[connections.downstream[connection] as number] = 0;
    giveUp(connection);
    failed(connections.downstream[connection] as number, GATEWAY_TIMEOUT, settings.retriesTimeouts);
  }

  function readTimedOut(connection: number): void {
    const request = connections.request[connection] as number;
    const waiting = servers.obstacle(peerOf(connection), connection) || causes.queued;
    requests.cause[request] = connections.isAccepted(connection) ? causes.running : waiting;
    giveUp(connection);
    failed(connections.downstream[connection] as number, GATEWAY_TIMEOUT, settings.retriesTimeouts);
  }

  /** nginx closes its side; the application does not notice before it writes. */
  function giveUp(connection: number): void {
    const peer = peerOf(connection);
    connections.callerTimer[connection] = NO_TIMER;
    connections.closedByCaller(connection, sim.now);
    servers.abandoned(peer, connection);
  }

  function reset(connection: number): void {
    readTimer.stop(connections.callerTimer[connection] as number);
    const request = connections.request[connection] as number;
    recorder.met(request, ECONNRESET);
    servers.failed(connection);
    const client = connections.downstream[connection] as number;
    connections.closedByCaller(connection, sim.now);
    failed(client, BAD_GATEWAY, settings.retriesErrors);
  }

  // The upstream has closed before a response: "upstream prematurely closed connection" in nginx's error log.
  function hungUp(connection: number): void {
    readTimer.stop(connections.callerTimer[connection] as number);
    servers.failed(connection);
    const client = connections.downstream[connection] as number;
    connections.closedByCaller(connection, sim.now);
    failed(client, BAD_GATEWAY, settings.retriesErrors);
  }

  /** An attempt has failed: the next one, or the end with the status of this one. */
  function failed(client: number, status: number, retries: boolean): void {
    slots.free++;
    if (isPlain) {
      answer(client, status, OWN_PAGE, 0);
      return;
    }
    const peer = rows.peer[client] as number;
    group.release(peer, true, nowS());
    const left = --(rows.left[client] as number);
    if (left > 0 && retries && !isTooLate(client)) {
      rows.tried[client] = group.mark(rows.tried[client] as number, peer);
      attempt(client);
    } else end(client, status);
  }

  function isTooLate(client: number): boolean {
    const { nextTimeoutNs } = settings;
    return nextTimeoutNs > 0 && sim.now - (rows.startedNs[client] as number) >= nextTimeoutNs;
  }

  function responded(connection: number, status: number, bodyBytes: number, laterNs: number): void {
    if (loop.isFree()) {
      relay(connection, status, bodyBytes, laterNs, false);
      return;
    }
    // It has come before the time ran out, although it is looked at later.
    readTimer.stop(connections.callerTimer[connection] as number);
    loop.defer(connection, status, bodyBytes, laterNs);
  }

  /** Sends a response on; `isLate` if it had to wait for the event loop. */
  function relay(
    connection: number,
    status: number,
    bodyBytes: number,
    laterNs: number,
    isLate: boolean,
  ): void {
    loop.spend(settings.halfCpuNs);
    readTimer.stop(connections.callerTimer[connection] as number);
    const client = connections.downstream[connection] as number;
    const peer = rows.peer[client] as number;
    servers.answered(peer, connection, isLate);
    connections.closedByCaller(connection, sim.now);
    slots.free++;
    if (!isPlain) {
      group.release(peer, false, nowS());
      // Whoever answers with an error has said why.
      if (status < INTERNAL_ERROR) requests.cause[connections.request[client] as number] = NO_CAUSE;
      forget(client);
    }
    answer(client, status, bodyBytes, laterNs + settings.responseOverheadNs);
  }

  function end(client: number, status: number): void {
    if (!isPlain) forget(client);
    answer(client, status, OWN_PAGE, 0);
  }

  function forget(client: number): void {
    const tried = rows.tried[client] as number;
    if (tried !== 0) group.forget(tried);
  }

  /** The client has gone: the upstream connection is closed at once, and that counts as no failure. */
  function abandoned(client: number): void {
    const connection = rows.upstream[client] as number;
    const running = connections.callerTimer[connection] as number;
    (rows.isConnecting[client] ? connectTimer : readTimer).stop(running);
    rows.isConnecting[client] = 0;
    loop.drop(connection);
    giveUp(connection);
    slots.free++;
    if (!isPlain) {
      group.release(rows.peer[client] as number, false, nowS());
      forget(client);
    }
  }

  function peerOf(connection: number): number {
    return rows.peer[connections.downstream[connection] as number] as number;
  }

  return { start, abandoned, relay };
}
