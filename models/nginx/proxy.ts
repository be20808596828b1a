// What an nginx worker does with a request: attempts at the servers of a group until one answers or none is
// left. exchange.ts is one such attempt.
//
// Modelled: proxy_next_upstream with tries and timeout, tested between attempts only; the last attempt
// decides the status; a kept connection that fails gives its attempt back, so that even a single server is
// tried again at once; an answer whose status is listed, unless nobody is left to try: then it is passed on
// and nobody has failed; a client that leaves ends the attempt at once, 499 (src/http/ngx_http_upstream.c).
// Not modelled: invalid headers, since the application's are good.

import { clientIpv4, NO_CAUSE } from "../../src/component/requests.js";
import type { World } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";
import {
  type AttemptRows,
  CONNECT_TIMED_OUT,
  FAILED,
  type ProxyCauses,
  REUSED_FAILED,
  TIMED_OUT,
} from "./attempts.js";
import type { EventLoop } from "./event-loop.js";
import { exchange } from "./exchange.js";
import type { ExchangeSettings } from "./exchange-settings.js";
import type { ExchangeTimers } from "./exchange-timers.js";
import type { UpstreamGroup } from "./group.js";
import { isFailure, type NextUpstream } from "./next-upstream.js";
import type { Slots } from "./slots.js";
import type { UpstreamServers } from "./upstream.js";

export const CLIENT_CLOSED = 499;
export const INTERNAL_ERROR = 500;
const BAD_GATEWAY = 502;
const NONE = -1;

export interface ProxySettings extends ExchangeSettings {
  /** After what another server is tried. */
  retries: NextUpstream;
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
  slots: Slots;
  loop: EventLoop;
  /** Of all workers: a client has one of them. */
  rows: AttemptRows;
  causes: ProxyCauses;
  timers: ExchangeTimers;
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
  const { sim, connections, requests } = world;
  const { group, isPlain, answer } = worker;
  const { servers, slots, loop, rows, causes, timers } = worker;
  // What a plain group needs is a part of what others do, and short: chosen here, it is inlined.
  const [failed, answered] = isPlain ? [failedPlain, answer] : [failedOf, answeredOf];
  const upstream = exchange(
    world,
    { servers, slots, loop, rows, causes, timers, failed, answered, unable },
    settings,
  );
  const most = settings.tries > 0 ? Math.min(settings.tries, group.attempts) : group.attempts;
  const retriesAnswers = settings.retries.answers.size > 0;

  function start(client: number): void {
    rows.reserve(client);
    rows.tried[client] = 0;
    rows.left[client] = most;
    rows.startedNs[client] = sim.now;
    attempt(client);
  }

  function startPlain(client: number): void {
    rows.reserve(client);
    if (!upstream.begin(client, 0)) withoutSlot(client, 0);
  }

  const nowS = () => Math.floor((sim.now + settings.clockPhaseNs) / SECOND);

  function attempt(client: number): void {
    const request = connections.request[client] as number;
    const peer = isPlain ? 0 : group.choose(rows.tried[client] as number, nowS(), keyOf(request));
    if (peer < 0) {
      requests.cause[request] = causes.noLive;
      end(client, BAD_GATEWAY);
    } else if (!upstream.begin(client, peer)) withoutSlot(client, peer);
  }

  function withoutSlot(client: number, peer: number): void {
    rows.peer[client] = peer;
    requests.cause[connections.request[client] as number] = worker.noSlot;
    unable(client);
  }

  /** What the group hashes, if it hashes anything. */
  function keyOf(request: number): number {
    if (group.hashesUri) return requests.uri[request] as number;
    return clientIpv4(requests.client[request] as number);
  }

  /** No failure of the peer, and no other is tried. */
  function unable(client: number): void {
    if (!isPlain) group.release(rows.peer[client] as number, false, nowS());
    end(client, INTERNAL_ERROR);
  }

  function retries(client: number, how: number): boolean {
    const isTimeout = how === TIMED_OUT || how === CONNECT_TIMED_OUT;
    const isSent = how >= FAILED;
    return (
      (isTimeout ? settings.retries.timeouts : settings.retries.errors) &&
      (!isSent || settings.mayRepeat(client))
    );
  }

  /** A peer that remembers nothing is tried again only for an attempt that was given back. */
  function failedPlain(client: number, status: number, how: number): void {
    if (how === REUSED_FAILED && retries(client, how)) attempt(client);
    else answer(client, status, OWN_PAGE, 0);
  }

  /** An attempt has failed: the next one, or the end with the status of this one. */
  function failedOf(client: number, status: number, how: number): void {
    const isReused = how === REUSED_FAILED;
    group.release(rows.peer[client] as number, true, nowS());
    if (!isReused) (rows.left[client] as number)--;
    if ((rows.left[client] as number) > 0 && retries(client, how) && !isTooLate(client)) another(client);
    else end(client, status);
  }

  function another(client: number): void {
    rows.tried[client] = group.mark(rows.tried[client] as number, rows.peer[client] as number);
    attempt(client);
  }

  function isTooLate(client: number): boolean {
    const { nextTimeoutNs } = settings;
    return nextTimeoutNs > 0 && sim.now - (rows.startedNs[client] as number) >= nextTimeoutNs;
  }

  function answeredOf(client: number, status: number, bodyBytes: number, laterNs: number): void {
    if (retriesAnswers && settings.retries.answers.has(status) && isTriedAgain(client)) {
      group.release(rows.peer[client] as number, isFailure(status), nowS());
      (rows.left[client] as number)--;
      another(client);
      return;
    }
    group.release(rows.peer[client] as number, false, nowS());
    // Whoever answers with an error has said why.
    if (status < INTERNAL_ERROR) requests.cause[connections.request[client] as number] = NO_CAUSE;
    forget(client);
    answer(client, status, bodyBytes, laterNs);
  }

  /** Whether an answer is given up for that of another server (ngx_http_upstream_test_next). */
  function isTriedAgain(client: number): boolean {
    return (rows.left[client] as number) > 1 && settings.mayRepeat(client) && !isTooLate(client);
  }

  function end(client: number, status: number): void {
    if (!isPlain) forget(client);
    answer(client, status, OWN_PAGE, 0);
  }

  function forget(client: number): void {
    const tried = rows.tried[client] as number;
    if (tried !== 0) group.forget(tried);
  }

  /** The client has gone: that counts as no failure. */
  function abandoned(client: number): void {
    upstream.abandoned(client);
    if (isPlain) return;
    group.release(rows.peer[client] as number, false, nowS());
    forget(client);
  }

  return {
    start: isPlain ? startPlain : start,
    abandoned,
    catchUp: upstream.catchUp,
    returned: upstream.returned,
  };
}
