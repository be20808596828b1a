// The worker processes of nginx with what each of them knows.
//
// Modelled: each worker has connections and an event loop of its own, and (without `zone`) its own knowledge
// of the servers. Not modelled: the master process.

import { parseAddress } from "../../src/component/address.js";
import type { Server } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";
import { app } from "../app.js";
import { processorsOf } from "../cpu.js";
import type { Kernel } from "../linux/kernel.js";
import { isAtLeast } from "../version.js";
import { attemptRows, proxyCauses } from "./attempts.js";
import type { Worker } from "./client-connections.js";
import { eventLoop } from "./event-loop.js";
import { exchangeTimers } from "./exchange-timers.js";
import { type UpstreamGroup, upstreamGroup } from "./group.js";
import { checkGroup } from "./group-settings.js";
import { socketBytes } from "./hand-over.js";
import { nextUpstream } from "./next-upstream.js";
import { type ProxySettings, proxy } from "./proxy.js";
import { sourceAddress } from "./proxy-bind.js";
import type { NginxSettings } from "./settings.js";
import { connectionSlots } from "./slots.js";
import { upstreamServers } from "./upstream.js";
import { checkUpstream, refuseItself } from "./upstream-checks.js";
import { reuseOf, serversOf, speaksHttp11 } from "./upstream-settings.js";

/** What the workers call on. */
export interface WorkerGiven {
  kernel: Kernel;
  noSlot: number;
  answer(client: number, status: number, bodyBytes: number, laterNs: number): void;
  /** A request of a kept connection that had to wait for the worker. */
  begin(client: number): void;
  acceptNext(worker: number): boolean;
  /** A worker with at most `scarce` free connections is about to take one. */
  scarce: number;
  makeRoom(worker: number): void;
  mayRepeat(client: number): boolean;
}

/** The worker processes with what each of them knows. */
export function workerProcesses(world: World, declared: NginxSettings, given: WorkerGiven) {
  const { balance, zone, closes_first } = declared.upstream;
  const list = serversOf(declared);
  checkGroup(["nginx", "upstream"], list, balance);
  checkUpstream(world, declared, list);
  const random = balance.kind.startsWith("random") ? world.random("nginx.balance") : () => 0;
  const recovers = !isAtLeast(declared.version, "1.11.5");
  function newGroup(): UpstreamGroup {
    const group = upstreamGroup(list, balance, { random, recovers });
    world.onReset(group.reset);
    return group;
  }
  const shared = newGroup();
  const addresses = Array.from({ length: shared.peers }, (_, peer) => shared.address(peer));
  // nginx reads an answer whose end it does not know until the application closes.
  const closesFirst = world.get(app).announcesLength || speaksHttp11(declared) ? closes_first : 0;
  const servers = upstreamServers(world, addresses, {
    kernel: given.kernel,
    closing: {
      closesFirst,
      closesTogether: declared.upstream.closes_together,
      warmForNs: declared.upstream.warm_for,
      closesAfterNs: declared.upstream.closes_after,
    },
    source: sourceAddress(declared, given.kernel),
  });
  const isPlain = shared.single && list.every(({ down, max_conns }) => !down && max_conns === 0);
  const peerBytes = addresses.map((address) => socketBytes(parseAddress(address).family));
  const clock = isPlain ? () => 0 : world.random("nginx.clock");
  const clockPhaseNs = () => Math.floor(clock() * SECOND);
  const settings = {
    ...proxySettings(world, declared),
    clockPhaseNs: clockPhaseNs(),
    mayRepeat: given.mayRepeat,
    socketBytes: (peer: number) => peerBytes[peer] as number,
  };
  world.onReset(() => {
    settings.clockPhaseNs = clockPhaseNs();
  });
  const processors = processorsOf(given.kernel);
  const rows = attemptRows();
  world.onReset(rows.clear);
  const causes = proxyCauses(world, settings);
  const timers = exchangeTimers(world, settings, rows);
  const workers = Array.from({ length: declared.worker_processes }, (_, index): Worker => {
    const slots = connectionSlots(declared.worker_connections, given.scarce, () => given.makeRoom(index));
    world.onReset(slots.reset);
    const group = zone || index === 0 ? shared : newGroup();
    const loop = eventLoop(world, processors, {
      begin: given.begin,
      catchUp: (connection, status, bodyBytes, laterNs, lateNs) =>
        proxied.catchUp(connection, status, bodyBytes, laterNs, lateNs),
      accept: () => given.acceptNext(index),
      returned: (connection) => proxied.returned(connection),
    });
    const worker = { group, servers, slots, loop, rows, causes, timers, isPlain, ...given };
    const proxied = proxy(world, worker, settings);
    return { slots, loop, proxy: proxied };
  });
  return {
    workers,
    rows,
    servers,
    leadNs: servers.leadNs,
    /** Throws a SettingError if one of the servers is nginx itself. */
    refuse: (itself: Server) => refuseItself(declared, list, servers, itself),
  };
}

function proxySettings(
  world: World,
  declared: NginxSettings,
): Omit<ProxySettings, "clockPhaseNs" | "mayRepeat" | "socketBytes"> {
  let writing: (() => number) | undefined;
  const { isWanted, cache } = reuseOf(declared);
  return {
    isMoreWanted: isWanted,
    cache,
    connectTimeoutNs: declared.proxy_connect_timeout,
    readTimeoutNs: declared.proxy_read_timeout,
    sendTimeoutNs: declared.proxy_send_timeout,
    drawWriting() {
      writing ??= world.random("nginx.unread_body");
      return writing();
    },
    responseOverheadNs: declared.response_overhead,
    halfCpuNs: declared.request_cpu / 2,
    retries: nextUpstream(declared.proxy_next_upstream),
    tries: declared.proxy_next_upstream_tries,
    nextTimeoutNs: declared.proxy_next_upstream_timeout,
  };
}
