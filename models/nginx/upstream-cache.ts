// Connections to an upstream group that a worker keeps for later requests.
//
// Modelled (src/http/modules/ngx_http_upstream_keepalive_module.c): at most `keepalive` idle connections a
// worker; of those to the chosen peer the one that was idled last is taken; when there is no room the one
// idle for longest is closed; a connection is not saved after keepalive_requests or keepalive_time; an idle
// one is closed after keepalive_timeout, and when the application closes it. Until nginx notices that, a
// request may still be sent into it: the stale-connection race.
// Not modelled: a cache for each location (`local` of 1.29.7), since all requests take the same one.

import { NO_REQUEST } from "../../src/component/connections.js";
import type { World } from "../../src/component/world.js";
import { columns } from "../../src/engine/columns.js";
import { MICROSECOND } from "../../src/engine/time.js";
import { NO_TIMER } from "../../src/engine/timer.js";

export interface UpstreamCacheSettings {
  /** Idle connections a worker keeps; above 0. */
  most: number;
  /** Requests over one connection, and its age, up to which it is saved; undefined is no limit. */
  mostRequests: number | undefined;
  longestNs: number | undefined;
  /** How long one may be idle. */
  idleNs: number | undefined;
}

/** What the cache asks of its worker. */
export interface CacheOwner {
  /** nginx closes an idle connection; `isSecond` if the application has closed it before. */
  closeIdle(peer: number, connection: number, isSecond: boolean): void;
  /**
   * The worker is busy: it looks at the application's FIN later, by `noticed`. False if it can do so at once.
   */
  defers(connection: number): boolean;
  /** What it was to look at later is void. */
  undefer(connection: number): void;
}

export type UpstreamCache = ReturnType<typeof upstreamCache>;

const NONE = -1;
// Derived: nginx closes first in 0.84 to 0.99 of the cases when the application closes 10 to 30 us after its
// last byte, so it reacts within about that time; measured: nginx 1.22.1, Linux 6.18, 2026-11.
const NOTICE_NS = 20 * MICROSECOND;

// Of an idle connection: what is awaited.
const TIMEOUT = 1;
const NOTICE = 2;
const LOOP = 3;

/** The cache of one worker for one group. Rows are connections. */
export function upstreamCache(world: World, owner: CacheOwner, settings: UpstreamCacheSettings) {
  const { sim, connections } = world;
  const { most, mostRequests = Number.POSITIVE_INFINITY, longestNs = Number.POSITIVE_INFINITY } = settings;
  const background = { isBackground: true };
  const idleTimer =
    settings.idleNs === undefined
      ? undefined
      : sim.timer(
          "nginx keepalive_timeout to the upstream",
          settings.idleNs,
          (row) => close(row, false),
          background,
        );
  const noticeTimer = sim.timer("nginx notices a FIN", NOTICE_NS, notice, background);
  const rows = cacheRows();
  // A list by the time of idling; the ends are NONE.
  const list = { newest: NONE, oldest: NONE, length: 0 };
  world.onReset(() => {
    rows.clear();
    list.newest = NONE;
    list.oldest = NONE;
    list.length = 0;
  });

  function unlink(row: number): void {
    const newer = rows.newer[row] as number;
    const older = rows.older[row] as number;
    if (newer === NONE) list.newest = older;
    else rows.older[newer] = older;
    if (older === NONE) list.oldest = newer;
    else rows.newer[older] = newer;
    list.length--;
    const handle = connections.callerTimer[row] as number;
    if (rows.awaits[row] === TIMEOUT) idleTimer?.stop(handle);
    else if (rows.awaits[row] === NOTICE) noticeTimer.stop(handle);
    else owner.undefer(row);
    rows.awaits[row] = 0;
    connections.callerTimer[row] = NO_TIMER;
  }

  function close(row: number, isSecond: boolean): void {
    unlink(row);
    owner.closeIdle(rows.peer[row] as number, row, isSecond);
  }

  function notice(row: number): void {
    connections.callerTimer[row] = NO_TIMER;
    rows.awaits[row] = LOOP;
    if (!owner.defers(row)) close(row, true);
  }

  return {
    /** A new connection, which may be kept later. */
    opened(row: number): void {
      rows.reserve(row);
      rows.uses[row] = 1;
      rows.openedNs[row] = sim.now;
    },
    /** The connection to this peer that was idled last, which carries a request again, or -1. */
    take(peer: number): number {
      let row = list.newest;
      while (row !== NONE && rows.peer[row] !== peer) row = rows.older[row] as number;
      if (row === NONE) return NONE;
      unlink(row);
      (rows.uses[row] as number)++;
      return row;
    },
    /** An answer is complete: true if the connection is idle from now on. */
    save(peer: number, row: number): boolean {
      if ((rows.uses[row] as number) >= mostRequests) return false;
      if (sim.now - (rows.openedNs[row] as number) > longestNs) return false;
      if (list.length === most) close(list.oldest, false);
      rows.peer[row] = peer;
      rows.newer[row] = NONE;
      rows.older[row] = list.newest;
      if (list.newest === NONE) list.oldest = row;
      else rows.newer[list.newest] = row;
      list.newest = row;
      list.length++;
      rows.awaits[row] = TIMEOUT;
      connections.rests(row);
      connections.callerTimer[row] = idleTimer ? idleTimer.start(row) : NO_TIMER;
      return true;
    },
    /** The request is not the first of its connection: a failure gives its attempt back. */
    isReused: (row: number) => (rows.uses[row] as number) > 1,
    /** The application has closed an idle connection. */
    dismissed(row: number): void {
      idleTimer?.stop(connections.callerTimer[row] as number);
      rows.awaits[row] = NOTICE;
      connections.callerTimer[row] = noticeTimer.start(row);
    },
    /** The worker turns to the FIN of a connection, if it is idle still. */
    noticed(row: number): void {
      if (connections.request[row] === NO_REQUEST && rows.awaits[row] === LOOP) close(row, true);
    },
  };
}

function cacheRows() {
  return columns({
    newer: Int32Array,
    older: Int32Array,
    peer: Int32Array,
    uses: Int32Array,
    openedNs: Float64Array,
    awaits: Uint8Array,
  });
}
