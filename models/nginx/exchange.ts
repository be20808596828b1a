// One attempt of a request at one server: the connection to it, new or kept from an earlier request, the
// timeouts, and how it ends.
//
// Modelled: connect() to the upstream, any error of it is an attempt that failed
// (src/event/ngx_event_connect.c); the connect timeout; the read timeout, which runs from the moment the
// request is handed over, so the time in the application's accept queue counts; nginx then closes its side,
// while the work stays queued and is executed all the same; a failure over a kept connection gives its
// attempt back (src/http/ngx_http_upstream.c ngx_http_upstream_next).
// Not modelled: responses that fail after their header, buffering.

import type { Caller } from "../../src/component/connections.js";
import {
  EADDRINUSE,
  ECONNRESET,
  EINPROGRESS,
  type Errno,
  type Failure,
  OK,
} from "../../src/component/errno.js";
import { NO_CAUSE } from "../../src/component/requests.js";
import type { World } from "../../src/component/world.js";
import { NO_TIMER } from "../../src/engine/timer.js";
import { CONNECT_FAILED, CONNECT_TIMED_OUT, FAILED, REUSED_FAILED, TIMED_OUT } from "./attempts.js";
import type { ExchangeSettings, ExchangeWorker } from "./exchange-settings.js";
import { portSearches } from "./port-searches.js";
import { type UpstreamCache, upstreamCache } from "./upstream-cache.js";
import { PROMPT } from "./who-closes-first.js";

const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;
const NONE = -1;
// Instead of a status, for what waits for the event loop: the application has closed.
const FIN = -1;

/** The connections of one worker to the servers of a group. */
export function exchange(world: World, worker: ExchangeWorker, settings: ExchangeSettings) {
  const { sim, connections, requests, recorder } = world;
  const { servers, slots, loop, rows, causes } = worker;
  const { isMoreWanted, halfCpuNs, responseOverheadNs } = settings;
  const { connectTimer, readTimer } = worker.timers;
  const itself: Caller = {
    responded,
    hungUp,
    connected,
    connectFailed,
    reset,
    gone: servers.gone,
    peerClosed: servers.peerClosed,
    reads: readTimer.reads,
    severed,
    dismissed(connection) {
      if (cache) cache.dismissed(connection);
    },
  };
  const caller = connections.register(itself);
  const ports = portSearches(world, { rows, servers, loop, found: connects });
  const connect = servers.takePorts ? ports.find : connectAtOnce;
  worker.timers.own(itself, { connectTimedOut, readTimedOut, sendTimedOut });
  // Not undefined, which V8 would look up each time.
  const cache: UpstreamCache | false =
    settings.cache !== undefined &&
    upstreamCache(world, { closeIdle, defers, undefer: loop.drop }, settings.cache);

  /** Begins an attempt at this peer; false if the worker has no connection left for it. */
  function begin(client: number, peer: number): boolean {
    const request = connections.request[client] as number;
    const kept = cache ? cache.take(peer) : NONE;
    if (kept === NONE && !slots.take()) return false;
    rows.peer[client] = peer;
    requests.cause[request] = NO_CAUSE;
    if (kept === NONE) open(client, peer, request);
    else reuse(kept, client, request);
    return true;
  }

  function open(client: number, peer: number, request: number): void {
    const connection = connections.opened(caller, request, client);
    rows.upstream[client] = connection;
    if (isMoreWanted) {
      connections.wantsMore(connection);
      if (cache) cache.opened(connection);
    }
    connect(peer, connection);
  }

  /** Nobody needs a port. */
  function connectAtOnce(peer: number, connection: number): void {
    connects(peer, connection, OK);
  }

  /** The search for a port is over. */
  function connects(peer: number, connection: number, found: Errno): void {
    const errno = found === OK ? servers.connect(peer, connection) : found;
    if (errno === OK) send(connection);
    else if (errno === EINPROGRESS) {
      rows.isConnecting[connections.downstream[connection] as number] = 1;
      connections.callerTimer[connection] = connectTimer.start(connection);
    } else if (errno === EADDRINUSE) bindFailed(connection);
    else connectFailed(connection, errno);
  }

  /** No other server is tried, and none has failed (ngx_http_upstream.c ngx_http_upstream_connect). */
  function bindFailed(connection: number): void {
    const client = connections.downstream[connection] as number;
    recorder.met(connections.request[connection] as number, EADDRINUSE);
    connections.closed(connection);
    slots.free++;
    worker.unable(client);
  }

  function reuse(connection: number, client: number, request: number): void {
    connections.carries(connection, request, client);
    rows.upstream[client] = connection;
    if (servers.sent(rows.peer[client] as number, connection)) {
      connected(connection);
      return;
    }
    requests.cause[request] = causes.stale;
    reset(connection);
  }

  function connected(connection: number): void {
    stopConnectTimer(connection);
    send(connection);
  }

  /** The request goes out; the read timeout runs from now on. */
  function send(connection: number): void {
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
    failed(client, BAD_GATEWAY, CONNECT_FAILED);
  }

  function connectTimedOut(connection: number): void {
    const request = connections.request[connection] as number;
    requests.cause[request] = servers.obstacle(peerOf(connection), connection);
    rows.isConnecting[connections.downstream[connection] as number] = 0;
    giveUp(connection);
    failed(connections.downstream[connection] as number, GATEWAY_TIMEOUT, CONNECT_TIMED_OUT);
  }

  function readTimedOut(connection: number): void {
    const request = connections.request[connection] as number;
    const waiting = servers.obstacle(peerOf(connection), connection) || causes.queued;
    requests.cause[request] = connections.isAccepted(connection) ? causes.running : waiting;
    giveUp(connection);
    failed(connections.downstream[connection] as number, GATEWAY_TIMEOUT, TIMED_OUT);
  }

  /** Nobody has read the request, and the kernel does not take more of it. */
  function sendTimedOut(connection: number): void {
    requests.cause[connections.request[connection] as number] = causes.unread;
    giveUp(connection);
    failed(connections.downstream[connection] as number, GATEWAY_TIMEOUT, TIMED_OUT);
  }

  function severed(connection: number): boolean {
    if (!readTimer.isSevered(connection)) return false;
    requests.cause[connections.request[connection] as number] = causes.severed;
    reset(connection);
    return true;
  }

  /** nginx closes its side; the application does not notice before it writes. */
  function giveUp(connection: number): void {
    const peer = peerOf(connection);
    connections.callerTimer[connection] = NO_TIMER;
    connections.closedByCaller(connection, sim.now);
    servers.abandoned(peer, connection);
  }

  function reset(connection: number): void {
    recorder.met(connections.request[connection] as number, ECONNRESET);
    hungUp(connection);
  }

  // Without a RST: "upstream prematurely closed connection" in nginx's error log.
  function hungUp(connection: number): void {
    readTimer.stop(connections.callerTimer[connection] as number);
    servers.failed(connection);
    const client = connections.downstream[connection] as number;
    const isReused = cache ? cache.isReused(connection) : false;
    connections.closedByCaller(connection, sim.now);
    failed(client, BAD_GATEWAY, isReused ? REUSED_FAILED : FAILED);
  }

  function failed(client: number, status: number, how: number): void {
    slots.free++;
    worker.failed(client, status, how);
  }

  function responded(connection: number, status: number, bodyBytes: number, laterNs: number): void {
    if (loop.isFree()) {
      relay(connection, status, bodyBytes, laterNs, PROMPT);
      return;
    }
    // It has come before the time ran out, although it is looked at later.
    readTimer.stop(connections.callerTimer[connection] as number);
    loop.defer(connection, status, bodyBytes, laterNs);
  }

  /** Sends a response on, or notices a FIN, that has waited so long for the event loop. */
  function catchUp(
    connection: number,
    status: number,
    bodyBytes: number,
    laterNs: number,
    lateNs: number,
  ): void {
    if (status !== FIN) relay(connection, status, bodyBytes, laterNs, lateNs);
    else if (cache) cache.noticed(connection);
  }

  /** Sends a response on that has waited so long; or PROMPT. */
  function relay(
    connection: number,
    status: number,
    bodyBytes: number,
    laterNs: number,
    lateNs: number,
  ): void {
    loop.spend(halfCpuNs);
    readTimer.stop(connections.callerTimer[connection] as number);
    const client = connections.downstream[connection] as number;
    const peer = rows.peer[client] as number;
    if (!cache || !connections.isKept(connection) || !cache.save(peer, connection)) {
      connections.answered(connection);
      servers.answered(peer, connection, lateNs);
      slots.free++;
    }
    worker.answered(client, status, bodyBytes, laterNs + responseOverheadNs);
  }

  function defers(connection: number): boolean {
    if (loop.isFree()) return false;
    loop.defer(connection, FIN, 0, 0);
    return true;
  }

  /** An idle connection is closed. */
  function closeIdle(peer: number, connection: number, isSecond: boolean): void {
    slots.free++;
    connections.closedByCaller(connection, sim.now);
    servers.closedIdle(peer, connection, isSecond);
  }

  /** The client has gone: the upstream connection is closed at once. */
  function abandoned(client: number): void {
    const connection = rows.upstream[client] as number;
    slots.free++;
    if (ports.drop(connection)) return;
    const timer = rows.isConnecting[client] ? connectTimer : readTimer;
    timer.stop(connections.callerTimer[connection] as number);
    rows.isConnecting[client] = 0;
    loop.drop(connection);
    giveUp(connection);
  }

  function peerOf(connection: number): number {
    return rows.peer[connections.downstream[connection] as number] as number;
  }

  return { begin, abandoned, catchUp, returned: ports.returned };
}
