// The way of a client's connection through an nginx worker: accepted, limited, its body read, proxied,
// answered, kept or closed.
//
// Modelled: each worker's own connections; a body that is too large; limits before the proxying (limits.ts);
// a buffered body that takes its time holds one connection and none of the application's; a client that
// leaves: 499, or 400 while its body is on its way, and the application's work is lost; connections that
// clients want to keep (idle-clients.ts), but for nginx's own pages after which it closes.
// Not modelled: a client that leaves in the middle of an answer, the lingering close.

import type { World } from "../../src/component/world.js";
import { columns } from "../../src/engine/columns.js";
import { MILLISECOND } from "../../src/engine/time.js";
import type { EventLoop } from "./event-loop.js";
import type { IdleClients } from "./idle-clients.js";
import { type Limits, PASSED } from "./limits.js";
import { closesAfterPage } from "./pages.js";
import { CLIENT_CLOSED, OWN_PAGE, type Proxying } from "./proxy.js";
import type { RequestBodies } from "./request-body.js";
import type { Slots } from "./slots.js";

const BAD_REQUEST = 400;
const TOO_LARGE = 413;
const NO_WORKER = -1;

/** What nginx does with a client's connection at the moment. */
const WAITING = 0;
export const DELAYED = 1;
export const READING = 2;
export const PROXYING = 3;
const IDLE = 4;

/** A worker process with what it knows. */
export interface Worker {
  slots: Slots;
  loop: EventLoop;
  proxy: Proxying;
}

export interface Given {
  workers: readonly Worker[];
  gate: Limits;
  bodies: RequestBodies;
  idle: IdleClients;
  /** Cause of a client's being closed for want of a connection. */
  noSlot: number;
  halfCpuNs: number;
  /** proxy_ignore_client_abort. */
  ignoresAborts: boolean;
  /** Sends a response, if the client is still there. */
  respond(client: number, status: number, bodyBytes: number, laterNs: number): void;
  /** The kernel's part when a client's side and nginx's have closed, or the client's alone. */
  socket: { answered(client: number): void; abandoned(client: number): void };
}

export type ClientConnections = ReturnType<typeof clientConnections>;

export function clientConnections(world: World, given: Given) {
  const { sim, connections, requests, recorder } = world;
  const { workers, gate, bodies, idle, respond, socket } = given;
  const rows = clientRows();
  world.onReset(rows.clear);
  const delayed = sim.event("limit_req delay over", (client) => admit(client, gate.count(client)));
  const bodyRead = sim.event("nginx request body read", proceed);
  // A worker that is known when the model is built need not be looked up.
  const [only] = workers as [Worker];
  const worker =
    workers.length === 1 ? () => only : (client: number) => workers[rows.worker[client] as number] as Worker;

  // What most requests take is short, so that it is inlined; the rest stands apart.
  function accepted(number: number, client: number): void {
    rows.reserve(client);
    const { slots, loop } = workers[number] as Worker;
    loop.spend(given.halfCpuNs);
    if (!slots.take()) {
      refuse(client);
      return;
    }
    rows.worker[client] = number;
    if (connections.isMoreWanted(client)) idle.opened(client);
    if (gate.isOpen && requests.bodies === undefined && !connections.isMoreWanted(client)) proceed(client);
    else begin(client);
    // Of a client that has gone nginx hears only when the request is on its way to the application.
    if (!connections.isCallerOpen(client)) abandoned(client);
  }

  /** The worker has no connection left. */
  function refuse(client: number): void {
    requests.cause[connections.request[client] as number] = given.noSlot;
    if (connections.isCallerOpen(client)) connections.caller(client).hungUp(client);
    else connections.caller(client).peerClosed?.(client);
    connections.closedByServer(client);
  }

  /** A request has arrived. */
  function begin(client: number): void {
    rows.stage[client] = WAITING;
    if (connections.isMoreWanted(client)) idle.begins(client);
    if (requests.bodies !== undefined && bodies.isTooLarge(client)) finish(client, TOO_LARGE, OWN_PAGE, 0);
    else if (gate.isOpen) read(client);
    else admit(client, gate.enter(client));
  }

  /** What the limits say: see limits.ts. */
  function admit(client: number, end: number): void {
    if (end === PASSED) read(client);
    else if (end < 0) {
      rows.stage[client] = DELAYED;
      rows.wait[client] = delayed.after(-end * MILLISECOND, client);
    } else finish(client, end, OWN_PAGE, 0);
  }

  /** A body that is buffered comes first. */
  function read(client: number): void {
    const leftNs = requests.bodies === undefined ? 0 : bodies.leftNs(client);
    if (leftNs === 0) {
      proceed(client);
      return;
    }
    rows.stage[client] = READING;
    rows.wait[client] = bodyRead.after(leftNs, client);
  }

  function proceed(client: number): void {
    rows.stage[client] = PROXYING;
    worker(client).proxy.start(client);
  }

  /** The proxying of a request is over. */
  function answer(client: number, status: number, bodyBytes: number, laterNs: number): void {
    if (!gate.isOpen) gate.leave(client);
    finish(client, status, bodyBytes, laterNs);
  }

  function finish(client: number, status: number, bodyBytes: number, laterNs: number): void {
    if (connections.isMoreWanted(client)) {
      finishKept(client, status, bodyBytes, laterNs);
      return;
    }
    // With proxy_ignore_client_abort a request may outlive its client.
    const isThere = connections.isCallerOpen(client);
    respond(client, status, bodyBytes, laterNs);
    if (isThere) socket.answered(client);
    else connections.caller(client).gone(client);
    close(client);
  }

  /** The same for a client that would like to send more. */
  function finishKept(client: number, status: number, bodyBytes: number, laterNs: number): void {
    const keeps = idle.mayKeep(client) && !(bodyBytes === OWN_PAGE && closesAfterPage(status));
    if (keeps) connections.keeps(client);
    const isThere = connections.isCallerOpen(client);
    respond(client, status, bodyBytes, laterNs);
    if (!isThere) connections.caller(client).gone(client);
    if (!keeps || !connections.isCallerOpen(client)) {
      if (isThere) socket.answered(client);
      close(client);
      return;
    }
    rows.stage[client] = IDLE;
    idle.add(rows.worker[client] as number, client);
  }

  /** nginx's side is closed, and the worker has one connection more. */
  function close(client: number): void {
    worker(client).slots.free++;
    rows.worker[client] = NO_WORKER;
    connections.closedByServer(client);
  }

  /** The next request of a kept connection: false if nginx has closed it meanwhile. */
  function sent(client: number): boolean {
    const number = rows.worker[client] as number;
    if (number === NO_WORKER) return false;
    idle.remove(number, client);
    rows.stage[client] = WAITING;
    const { loop } = workers[number] as Worker;
    if (loop.isFree()) next(client);
    else loop.deferRequest(client);
    return true;
  }

  /** The worker turns to it. */
  function next(client: number): void {
    worker(client).loop.spend(given.halfCpuNs);
    begin(client);
  }

  /** The client has closed a kept connection. */
  function dropped(client: number): void {
    if ((rows.worker[client] as number) === NO_WORKER) return;
    idle.remove(rows.worker[client] as number, client);
    close(client);
    socket.answered(client);
  }

  /** nginx closes a kept connection. */
  function dismiss(client: number): void {
    idle.remove(rows.worker[client] as number, client);
    close(client);
    connections.caller(client).dismissed?.(client);
    socket.answered(client);
  }

  /** A client has gone. */
  function abandoned(client: number): void {
    socket.abandoned(client);
    const number = rows.worker[client] ?? NO_WORKER;
    if (number === NO_WORKER) return;
    const { loop, proxy } = workers[number] as Worker;
    const stage = rows.stage[client];
    if (stage === PROXYING) {
      if (given.ignoresAborts) return;
      proxy.abandoned(client);
    } else if (stage === DELAYED) delayed.cancel(rows.wait[client] as number);
    else if (stage === READING) bodyRead.cancel(rows.wait[client] as number);
    else loop.drop(client);
    // limit_conn has not counted a request that is delayed, or not begun.
    if (!gate.isOpen && (stage === PROXYING || stage === READING)) gate.leave(client);
    recorder.tally(`nginx.${stage === READING ? BAD_REQUEST : CLIENT_CLOSED}`).count++;
    connections.caller(client).peerClosed?.(client);
    close(client);
  }

  /** What nginx does with a request that it has accepted; undefined before. */
  function stageOf(client: number): number | undefined {
    return (rows.worker[client] ?? NO_WORKER) === NO_WORKER ? undefined : rows.stage[client];
  }

  return { accepted, next, answer, sent, dropped, dismiss, abandoned, stageOf };
}

/** Columns by the client's connection. */
function clientRows() {
  return columns(
    {
      worker: Int16Array,
      stage: Uint8Array,
      /** Handle of the event that is waited for. */
      wait: Float64Array,
    },
    { worker: NO_WORKER },
  );
}
