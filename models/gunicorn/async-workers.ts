// gunicorn's classes of workers with one event loop: gevent, eventlet, tornado, uvicorn and the native asgi.
//
// Modelled: gevent and eventlet take worker_connections (eventlet accepts one more and lets it wait), the
// header of every request, the first included, must come within `keepalive` (gunicorn/workers/base_async.py
// handle); tornado runs a WSGI application on its loop, one request after the other
// (gunicorn/workers/gtornado.py); uvicorn and asgi take whatever comes (gunicorn/workers/gasgi.py); asgi
// gives 100 to listen(2) once more, since that is asyncio's default, and never closes idle connections
// (measured: an idle connection was open after 20 s, gunicorn 26.1.0, 2026-11). How each beats, notices that
// it should leave, waits for what it has, and dies of a worker timeout: the same files, and uvicorn/server.py
// and uvicorn/workers.py of 0.17.
// Not modelled: asynchronous applications of tornado; limit_concurrency of uvicorn, which only a subclass can
// set.

import { MICROSECOND, MILLISECOND, SECOND } from "../../src/engine/time.js";
import { isAtLeast } from "../version.js";
import { staffed } from "./accept-turns.js";
import { eventLoopWorkers } from "./event-loop.js";
import type { LoopTraits } from "./loop-traits.js";
import type { GunicornSettings } from "./settings.js";
import type { ClassDeclaration } from "./worker-class.js";

const UNLIMITED = Number.POSITIVE_INFINITY;
// tornado/http1connection.py HTTP1ConnectionParameters.idle_connection_timeout, by default an hour.
const TORNADO_IDLE_NS = 3600 * SECOND;

/** What the traits of a class depend on. */
type Traits = (settings: GunicornSettings) => Omit<LoopTraits, "keeps">;

function declaration(given: {
  text: string;
  bootNs: number;
  overheadNs: number;
  backlog?: number;
  traits: Traits;
}): ClassDeclaration {
  const { text, bootNs, overheadNs, backlog, traits } = given;
  const isLimited = (settings: GunicornSettings) => traits(settings).countsPlaces;
  return {
    places: (settings) => (isLimited(settings) ? settings.worker_connections : 1),
    takes: (settings) => traits(settings).takes,
    atOnce(settings) {
      const { waitsOnLoop, places } = traits(settings);
      return waitsOnLoop ? 1 : places;
    },
    text(settings) {
      const { workers, worker_connections: most } = settings;
      const each = isLimited(settings) ? `${most} connections each` : "one event loop each";
      return `${workers} ${text} ${workers === 1 ? "worker" : "workers"}, ${each}`;
    },
    bootNs,
    overheadNs,
    ...(backlog !== undefined && { backlog }),
    build: staffed((world, employment) => {
      const { settings } = employment;
      return eventLoopWorkers(world, employment, { ...traits(settings), keeps: settings.keepalive > 0 });
    }),
  };
}

// Boot times: measured from the end of a worker to the first answer of its successor, Linux 6.18, two cores,
// 2026-11. Overheads: measured when saturated, on the same machine: gevent 120 to 200 us of the process a
// request, uvicorn 205 to 270, asgi 145 to 220. eventlet and tornado were not measured: taken as gevent and
// uvicorn.
export const geventWorkers = declaration({
  text: "gevent",
  bootNs: 45 * MILLISECOND,
  overheadNs: 160 * MICROSECOND,
  traits: ({ worker_connections: most, workers, keepalive, graceful_timeout }) => ({
    takes: most,
    places: most,
    // gevent/baseserver.py BaseServer.max_accept, which gunicorn/workers/ggevent.py sets to 1.
    acceptsPerTurn: workers > 1 ? 1 : 100,
    waitsOnLoop: false,
    readsAll: false,
    resets: true,
    firstNs: keepalive,
    restNs: keepalive,
    countsPlaces: true,
    cancelsNs: UNLIMITED,
    leaving: {
      beatNs: SECOND,
      noticeNs: SECOND,
      pollNs: SECOND,
      leavesAnyway: false,
      closesIdle: false,
      beats: true,
      graceNs: graceful_timeout,
      abortEnds: "request",
    },
  }),
});

export const eventletWorkers = declaration({
  text: "eventlet",
  bootNs: 45 * MILLISECOND,
  overheadNs: 160 * MICROSECOND,
  traits: ({ worker_connections: most, keepalive, graceful_timeout }) => ({
    takes: most + 1,
    places: most,
    acceptsPerTurn: 1,
    waitsOnLoop: false,
    readsAll: false,
    resets: true,
    firstNs: keepalive,
    restNs: keepalive,
    countsPlaces: true,
    cancelsNs: UNLIMITED,
    leaving: {
      beatNs: SECOND,
      noticeNs: SECOND,
      pollNs: 0,
      leavesAnyway: false,
      closesIdle: false,
      beats: false,
      graceNs: graceful_timeout,
      abortEnds: "request",
    },
  }),
});

export const tornadoWorkers = declaration({
  text: "tornado",
  bootNs: 28 * MILLISECOND,
  overheadNs: 240 * MICROSECOND,
  traits: () => ({
    takes: UNLIMITED,
    places: UNLIMITED,
    // tornado/netutil.py _DEFAULT_BACKLOG: how often add_accept_handler accepts when it is woken.
    acceptsPerTurn: 128,
    waitsOnLoop: true,
    readsAll: true,
    resets: false,
    firstNs: 0,
    restNs: TORNADO_IDLE_NS,
    countsPlaces: false,
    cancelsNs: UNLIMITED,
    leaving: {
      beatNs: SECOND,
      noticeNs: SECOND,
      pollNs: SECOND,
      leavesAnyway: true,
      closesIdle: false,
      beats: false,
      graceNs: UNLIMITED,
      abortEnds: "process",
    },
  }),
});

export const uvicornWorkers = declaration({
  text: "uvicorn",
  bootNs: 28 * MILLISECOND,
  overheadNs: 240 * MICROSECOND,
  traits: ({ backlog, keepalive, timeout }) => ({
    takes: UNLIMITED,
    places: UNLIMITED,
    acceptsPerTurn: Math.max(1, backlog),
    waitsOnLoop: false,
    readsAll: false,
    resets: false,
    firstNs: 0,
    restNs: keepalive,
    countsPlaces: false,
    cancelsNs: UNLIMITED,
    leaving: {
      // uvicorn/workers.py: timeout_notify is gunicorn's timeout, and on_tick sends at half of it.
      beatNs: Math.max(SECOND / 10, timeout / 2),
      noticeNs: 100 * MILLISECOND,
      pollNs: 100 * MILLISECOND,
      leavesAnyway: false,
      closesIdle: true,
      beats: false,
      graceNs: UNLIMITED,
      abortEnds: "process",
    },
  }),
});

export const asgiWorkers = declaration({
  text: "asgi",
  bootNs: 9 * MILLISECOND,
  overheadNs: 180 * MICROSECOND,
  // asyncio's create_server calls listen() with its default backlog (measured: ss shows 100).
  backlog: 100,
  traits: ({ version, graceful_timeout, asgi_disconnect_grace_period: disconnectNs }) => ({
    takes: UNLIMITED,
    places: UNLIMITED,
    acceptsPerTurn: 100,
    waitsOnLoop: false,
    readsAll: false,
    resets: false,
    firstNs: 0,
    restNs: 0,
    countsPlaces: false,
    cancelsNs: isAtLeast(version, "25.0.2") ? disconnectNs : 0,
    leaving: {
      beatNs: SECOND,
      noticeNs: SECOND,
      pollNs: 100 * MILLISECOND,
      leavesAnyway: false,
      closesIdle: false,
      beats: false,
      graceNs: graceful_timeout,
      abortEnds: "process, by its loop",
    },
  }),
});
