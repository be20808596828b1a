// nginx as a reverse proxy: what it listens on, its workers, and the way of a request through them.
//
// Modelled: worker processes, each with its own connections and (without `zone`) its own knowledge of the
// servers; of idle workers the one that has waited longest accepts, up to 16 times in a row
// (src/event/ngx_event_accept.c); limits before the proxying (limits.ts, proxy.ts); a client that leaves:
// 499, and the application's work is lost; the time that nginx, the kernel and the client take for a request;
// sizes of the error pages.
// Not modelled: nginx's own listen queue (taken as never full), its event loop as a serial server, keepalive,
// buffering.

import { component } from "../../src/component/component.js";
import type { Server } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";
import { app } from "../app.js";
import type { AcceptQueue } from "../linux/accept-queue.js";
import { type Kernel, kernelOf } from "../linux/kernel.js";
import { listeningSocket } from "../linux/listening-socket.js";
import { isAtLeast } from "../version.js";
import { type EventLoop, eventLoop } from "./event-loop.js";
import { upstreamGroup } from "./group.js";
import { checkGroup } from "./group-settings.js";
import { limits, PASSED } from "./limits.js";
import { errorPageBytes } from "./pages.js";
import { CLIENT_CLOSED, OWN_PAGE, type Proxying, type ProxySettings, proxy } from "./proxy.js";
import { sourceAddress } from "./proxy-bind.js";
import { type NginxSettings, nginxSettings } from "./settings.js";
import { slotCauses, usableConnections } from "./slots.js";
import { upstreamServers } from "./upstream.js";

/** A worker goes to the tail of the waiting ones after so many accepts (ngx_reorder_accept_events). */
const ACCEPTS_IN_A_ROW = 16;
const NO_WORKER = 255;

export const nginx = component({
  section: "nginx",
  occurs: "optional",
  help: "nginx, the reverse proxy",
  settings: nginxSettings,
  build,
});

type Queue = Pick<AcceptQueue, "take" | "length">;

interface Worker {
  slots: { free: number };
  loop: EventLoop;
  proxy: Proxying;
}

function build(world: World, declared: NginxSettings) {
  const { sim, connections, requests } = world;
  const home = kernelOf(world, declared.kernel, ["nginx", "kernel"]);
  const causes = slotCauses(world, declared.worker_connections);
  const gate = limits(world, declared);
  const respond = responses(world, declared, (client) => socket.answered(client));
  const queues: Queue[] = [];
  const { workers, leadNs } = workerProcesses(world, declared, {
    kernel: home,
    noSlot: causes.upstream,
    answer,
    acceptNext,
  });
  const delayed = sim.event("limit_req delay over", (client) => {
    delete delayOf[client];
    admit(client, gate.count(client));
  });
  const socket = listeningSocket(
    world,
    { isIdle, accept, ready, arrived() {}, listen: (queue) => queues.push(queue) },
    {
      kernel: home,
      bind: declared.listen,
      of: "",
      backlog: declared.backlog,
      backlogText: `nginx.backlog = ${declared.backlog}`,
    },
  );
  let workerOf = new Uint8Array(256).fill(NO_WORKER);
  // Handles of the delays that run, by the client's connection.
  const delayOf: Record<number, number> = {};
  // Without EPOLLEXCLUSIVE all that wait are woken, and whoever comes first accepts (fs/eventpoll.c).
  const wakesOne = home.epollExclusive && isAtLeast(declared.version.split(" ")[0] as string, "1.11.3");
  const race = workers.length > 1 && !wakesOne ? world.random("nginx.herd") : undefined;
  let accepting = 0;
  let accepts = 0;

  /** Some worker waits for events; the one that is to accept next is found by the way. */
  function isIdle(): boolean {
    if (race) accepting = Math.floor(race() * workers.length);
    for (let looked = 0; looked < workers.length; looked++) {
      if ((workers[accepting] as Worker).loop.isFree()) return true;
      accepting = (accepting + 1) % workers.length;
      accepts = 0;
    }
    return false;
  }

  function ready(): void {
    for (const { loop } of workers) loop.wake();
  }

  /** A worker turns to the listen queue; false if nobody waits there. */
  function acceptNext(worker: number): boolean {
    const client = (queues[0] as Queue).take();
    if (client < 0) return false;
    acceptedBy(worker, client);
    return true;
  }

  function accept(client: number): void {
    if (workers.length > 1 && !race && accepts++ === ACCEPTS_IN_A_ROW) {
      accepting = (accepting + 1) % workers.length;
      accepts = 1;
    }
    acceptedBy(accepting, client);
  }

  function acceptedBy(number: number, client: number): void {
    if (client >= workerOf.length) workerOf = longer(workerOf, client);
    const { slots, loop } = workers[number] as Worker;
    loop.spend(declared.request_cpu / 2);
    if (slots.free === 0) {
      requests.cause[connections.request[client] as number] = causes.client;
      if (connections.isCallerOpen(client)) connections.caller(client).hungUp(client);
      connections.closedByServer(client);
      return;
    }
    slots.free--;
    workerOf[client] = number;
    if (gate.isOpen) proceed(client);
    else admit(client, gate.enter(client));
    // Of a client that has gone nginx hears only when the request is on its way to the application.
    if (!connections.isCallerOpen(client)) abandoned(client);
  }

  /** What the limits say: see limits.ts. */
  function admit(client: number, end: number): void {
    if (end === PASSED) proceed(client);
    else if (end < 0) delayOf[client] = delayed.after(-end * MILLISECOND, client);
    else finish(client, end, OWN_PAGE, 0);
  }

  function proceed(client: number): void {
    (workers[workerOf[client] as number] as Worker).proxy.start(client);
  }

  /** The proxying of a request is over. */
  function answer(client: number, status: number, bodyBytes: number, laterNs: number): void {
    if (!gate.isOpen) gate.leave(client);
    finish(client, status, bodyBytes, laterNs);
  }

  function finish(client: number, status: number, bodyBytes: number, laterNs: number): void {
    respond(client, status, bodyBytes, laterNs);
    (workers[workerOf[client] as number] as Worker).slots.free++;
    workerOf[client] = NO_WORKER;
    connections.closedByServer(client);
  }

  /** A client has gone. */
  function abandoned(client: number): void {
    socket.abandoned(client);
    const number = workerOf[client] ?? NO_WORKER;
    if (number === NO_WORKER || declared.proxy_ignore_client_abort === "on") return;
    const { slots, proxy: proxied } = workers[number] as Worker;
    const delay = delayOf[client];
    if (delay !== undefined) {
      delayed.cancel(delay);
      delete delayOf[client];
    } else {
      proxied.abandoned(client);
      if (!gate.isOpen) gate.leave(client);
    }
    world.recorder.tally(`nginx.${CLIENT_CLOSED}`).count++;
    slots.free++;
    workerOf[client] = NO_WORKER;
    connections.caller(client).peerClosed?.(client);
    connections.closedByServer(client);
  }

  const server: Server = {
    ...socket,
    abandoned,
    get leadNs() {
      return declared.connect_overhead + leadNs();
    },
  };
  world.network.listen(declared.listen, ["nginx", "listen"], server, home.number);
  return { listen: declared.listen, kernel: home };
}

/** Sends responses: nginx's own pages or the application's. */
function responses(
  { recorder, connections }: World,
  declared: NginxSettings,
  answered: (client: number) => void,
) {
  const logged: { count: number }[] = [];
  const pages: number[] = [];
  return (client: number, status: number, bodyBytes: number, laterNs: number): void => {
    logged[status] ??= recorder.tally(`nginx.${status}`);
    (logged[status] as { count: number }).count++;
    // With proxy_ignore_client_abort a request may outlive its client.
    if (!connections.isCallerOpen(client)) return;
    let bytes = bodyBytes;
    if (bytes === OWN_PAGE) {
      pages[status] ??= errorPageBytes(status, declared.version, declared.server_tokens === "on");
      bytes = pages[status] as number;
    }
    connections.caller(client).responded(client, status, bytes, laterNs);
    answered(client);
  };
}

/** The worker processes with what each of them knows. */
function workerProcesses(
  world: World,
  declared: NginxSettings,
  given: {
    kernel: Kernel;
    noSlot: number;
    answer(client: number, status: number, bodyBytes: number, laterNs: number): void;
    acceptNext(worker: number): boolean;
  },
) {
  const { servers: list, balance, zone, closes_first } = declared.upstream;
  checkGroup(["nginx", "upstream"], list, balance);
  const random = balance.kind.startsWith("random") ? world.random("nginx.balance") : () => 0;
  const newGroup = () => upstreamGroup(list, balance, { random });
  const shared = newGroup();
  const addresses = Array.from({ length: shared.peers }, (_, peer) => shared.address(peer));
  const closesFirst = world.get(app).announcesLength ? closes_first : 0;
  const servers = upstreamServers(world, addresses, {
    kernel: given.kernel,
    closesFirst,
    closesTogether: declared.upstream.closes_together,
    source: sourceAddress(declared, given.kernel),
  });
  const isPlain = shared.single && list.every(({ down, max_conns }) => !down && max_conns === 0);
  const settings = proxySettings(world, declared, isPlain);
  const workers = Array.from({ length: declared.worker_processes }, (_, index): Worker => {
    const slots = { free: usableConnections(declared.worker_connections) };
    const group = zone || index === 0 ? shared : newGroup();
    const loop = eventLoop(world, {
      relay: (connection, status, bodyBytes, laterNs) =>
        proxied.relay(connection, status, bodyBytes, laterNs, true),
      accept: () => given.acceptNext(index),
    });
    const proxied = proxy(world, { group, servers, slots, loop, isPlain, ...given }, settings);
    return { slots, loop, proxy: proxied };
  });
  return { workers, leadNs: () => servers.leadNs };
}

function proxySettings(world: World, declared: NginxSettings, isPlain: boolean): ProxySettings {
  const classes = declared.proxy_next_upstream;
  const isOn = !classes.includes("off");
  return {
    connectTimeoutNs: declared.proxy_connect_timeout,
    readTimeoutNs: declared.proxy_read_timeout,
    responseOverheadNs: declared.response_overhead,
    halfCpuNs: declared.request_cpu / 2,
    retriesErrors: isOn && classes.includes("error"),
    retriesTimeouts: isOn && classes.includes("timeout"),
    tries: declared.proxy_next_upstream_tries,
    nextTimeoutNs: declared.proxy_next_upstream_timeout,
    clockPhaseNs: isPlain ? 0 : Math.floor(world.random("nginx.clock")() * SECOND),
  };
}

function longer(old: Uint8Array<ArrayBuffer>, row: number): Uint8Array<ArrayBuffer> {
  const column = new Uint8Array(Math.max(2 * old.length, row + 1)).fill(NO_WORKER);
  column.set(old);
  return column;
}
