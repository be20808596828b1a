// Connections of clients that are kept after an answer: how long, for how many requests, and which have to
// make room.
//
// Modelled: keepalive_timeout, keepalive_requests and keepalive_time, looked at when a request begins
// (src/http/ngx_http_core_module.c ngx_http_update_location_config); a worker whose free connections are at
// most a sixteenth closes the idle ones that were used least recently, an eighth of them but at least 1 and
// at most 32, for each connection that it takes (src/core/ngx_connection.c ngx_drain_connections; measured:
// with 130 connections the 121st client makes 15 leave, nginx 1.22.1, 2026-11); before 1.19.2 it does so when
// none is free.
// Not modelled: clients that connect and send nothing, which have to make room as well.

import type { World } from "../../src/component/world.js";
import { columns } from "../../src/engine/columns.js";
import { NO_TIMER, type Timer } from "../../src/engine/timer.js";
import { isAtLeast } from "../version.js";

const SHARE_FREE = 1 / 16;
const SHARE_CLOSED = 1 / 8;
const MOST_CLOSED = 32;
const NOBODY = -1;
/** keepalive_requests before 1.19.10, and from then on. */
const REQUESTS_BEFORE = 100;
const REQUESTS = 1000;

export interface KeepaliveSettings {
  version: string;
  worker_processes: number;
  worker_connections: number;
  keepalive_timeout: number;
  keepalive_requests?: number | undefined;
  keepalive_time: number;
}

export type IdleClients = ReturnType<typeof idleClients>;

/** The kept connections of all workers. `close` closes one from nginx's side. */
export function idleClients(world: World, settings: KeepaliveSettings, close: (client: number) => void) {
  const { sim } = world;
  const isNew = isAtLeast(settings.version, "1.19.10");
  const mostRequests = settings.keepalive_requests ?? (isNew ? REQUESTS : REQUESTS_BEFORE);
  const mostNs = isNew ? settings.keepalive_time : Number.POSITIVE_INFINITY;
  const isOn = settings.keepalive_timeout > 0;
  const scarce = isAtLeast(settings.version, "1.19.2")
    ? Math.floor(settings.worker_connections * SHARE_FREE)
    : 0;
  // Made when the first connection is kept.
  let timer: Timer | undefined;
  const rows = idleRows();
  // By worker: its idle connections from the one used least recently to the one used last, and their number.
  const oldest = new Int32Array(settings.worker_processes).fill(NOBODY);
  const newest = new Int32Array(settings.worker_processes).fill(NOBODY);
  const counts = new Uint32Array(settings.worker_processes);
  world.onReset(() => {
    rows.clear();
    oldest.fill(NOBODY);
    newest.fill(NOBODY);
    counts.fill(0);
  });

  function add(worker: number, client: number): void {
    const last = newest[worker] as number;
    rows.before[client] = last;
    rows.after[client] = NOBODY;
    if (last === NOBODY) oldest[worker] = client;
    else rows.after[last] = client;
    newest[worker] = client;
    (counts[worker] as number)++;
    timer ??= sim.timer("nginx keepalive_timeout", settings.keepalive_timeout, close, {
      isBackground: true,
    });
    rows.timer[client] = timer.start(client);
  }

  function remove(worker: number, client: number): void {
    const before = rows.before[client] as number;
    const after = rows.after[client] as number;
    if (before === NOBODY) oldest[worker] = after;
    else rows.after[before] = after;
    if (after === NOBODY) newest[worker] = before;
    else rows.before[after] = before;
    (counts[worker] as number)--;
    timer?.stop(rows.timer[client] as number);
    rows.timer[client] = NO_TIMER;
  }

  return {
    isOn,
    add,
    remove,
    /** A connection is new. */
    opened(client: number): void {
      rows.reserve(client);
      rows.requests[client] = 0;
      rows.openedNs[client] = sim.now;
    },
    /** A request begins. */
    begins(client: number): void {
      const isLast =
        ++(rows.requests[client] as number) >= mostRequests ||
        sim.now - (rows.openedNs[client] as number) > mostNs;
      rows.isLast[client] = isLast ? 1 : 0;
    },
    /** Whether nginx leaves the connection open after the answer to this request. */
    mayKeep: (client: number) => isOn && rows.isLast[client] === 0,
    /** Free connections of a worker at and below which idle ones have to make room. */
    scarce,
    /** A worker with so few free connections is about to take one. */
    makeRoom(worker: number): void {
      const idle = counts[worker] as number;
      if (idle === 0) return;
      const number = Math.max(1, Math.min(MOST_CLOSED, Math.floor(idle * SHARE_CLOSED)));
      for (let closed = 0; closed < number; closed++) close(oldest[worker] as number);
    },
  };
}

/** Columns by the client's connection; without a client that keeps its connection they stay small. */
function idleRows() {
  return columns({
    before: Int32Array,
    after: Int32Array,
    timer: Int32Array,
    requests: Int32Array,
    openedNs: Float64Array,
    isLast: Uint8Array,
  });
}
