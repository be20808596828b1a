// Rules about gunicorn's worker processes: what they hoard, and how they are replaced.
//
// Modelled: what a class accepts beyond what it works on, replacements by max_requests at the scenario's
// rate. Not modelled: crashes.

import { SECOND } from "../../src/engine/time.js";
import { servedPerSecond, utilisationOf } from "./capacity.js";
import { bootNs } from "./deploying.js";
import type { GunicornPart } from "./parts.js";
import type { Rule } from "./rule.js";
import { countOf, numberText, rateText, shareText, timeText } from "./words.js";

/** From a worker's last request to the first one of its successor. */
function absentNs(gunicorn: GunicornPart): number {
  return gunicorn.settings.exit_time + bootNs(gunicorn);
}

/** How long a worker takes to serve max_requests; Infinity without a limit or a load. */
function lifeNs({ settings, perSecond }: GunicornPart): number {
  const { max_requests, workers } = settings;
  if (max_requests === 0 || perSecond === 0) return Number.POSITIVE_INFINITY;
  return ((max_requests * workers) / perSecond) * SECOND;
}

export const gunicornWorkerRules: Rule[] = [
  {
    id: "hoard",
    severity: "warning",
    when: "workers accept more than they serve within nginx's read timeout",
    source: "gunicorn/workers/gthread.py accept: nr_conns < worker_connections",
    check: ({ nginx, gunicorns }) =>
      gunicorns.flatMap((gunicorn) => {
        const { hoard, capacity, serviceNs, settings, className } = gunicorn;
        const limitNs = nginx?.settings.proxy_read_timeout ?? 0;
        const waitNs = (hoard * serviceNs) / capacity;
        const inTime = (limitNs * capacity) / serviceNs;
        const isBehind = nginx?.peers.some((peer) => peer.gunicorn === gunicorn);
        if (!nginx || !isBehind || !Number.isFinite(waitNs) || waitNs <= limitNs) return [];
        return [
          {
            text:
              `${countOf(settings.workers, `${className} worker`)} accept ${numberText(hoard)} ` +
              `connections beyond the ${numberText(capacity)} that they work on: ` +
              `${timeText(waitNs)} of waiting inside, more than the read timeout of ` +
              `${timeText(limitNs)}, before the accept queue holds anybody`,
            settings: [
              gunicorn.setting("worker_connections"),
              gunicorn.setting("threads"),
              gunicorn.setting("workers"),
              nginx.setting("proxy_read_timeout"),
            ],
            fix:
              "worker_connections " +
              `${Math.max(settings.threads, Math.floor(inTime / settings.workers))} ` +
              "lets an overload be refused instead " +
              "of answered with 504; idle kept connections count as well",
          },
        ];
      }),
  },
  {
    id: "max-requests-in-step",
    severity: "warning",
    when: "workers reach max_requests together, since there is no jitter",
    source: "gunicorn/workers/base.py Worker.__init__; gunicorn/config.py MaxRequestsJitter",
    check: ({ gunicorns }) =>
      gunicorns
        .filter(({ settings, perSecond }) => {
          const { max_requests, max_requests_jitter, workers } = settings;
          return max_requests > 0 && max_requests_jitter === 0 && workers > 1 && perSecond > 0;
        })
        .map((gunicorn) => ({
          text:
            `${numberText(gunicorn.settings.workers)} workers reach ` +
            `max_requests=${gunicorn.settings.max_requests} at about the same time, every ` +
            `${timeText(lifeNs(gunicorn))}: then up to all of them are missing for ` +
            `${timeText(absentNs(gunicorn))}`,
          settings: [
            gunicorn.setting("max_requests"),
            gunicorn.setting("max_requests_jitter"),
            gunicorn.setting("boot"),
          ],
          fix:
            `max_requests_jitter ${Math.ceil(gunicorn.settings.max_requests / 2)} spreads them; ` +
            "preload_app shortens the gap",
        })),
  },
  {
    id: "replaced-often",
    severity: "warning",
    when: "workers spend 1 % of their time or more on being replaced",
    source: "gunicorn/arbiter.py reap_workers, spawn_workers",
    check: ({ gunicorns }) =>
      gunicorns.flatMap((gunicorn) => {
        const share = absentNs(gunicorn) / (absentNs(gunicorn) + lifeNs(gunicorn));
        if (share < 0.01) return [];
        return [
          {
            text:
              `a worker lives ${timeText(lifeNs(gunicorn))} at ${rateText(gunicorn.perSecond)}, ` +
              `and is then missing for ${timeText(absentNs(gunicorn))}: ` +
              `${shareText(share)} of the capacity`,
            settings: [
              gunicorn.setting("max_requests"),
              gunicorn.setting("boot"),
              gunicorn.setting("preload_app"),
            ],
            fix: "a larger max_requests, or preload_app, with which a reload does not load new code",
          },
        ];
      }),
  },
  {
    id: "recycled-sockets",
    severity: "error",
    when: "a worker that leaves takes the queue of its own socket with it",
    source: "gunicorn/arbiter.py spawn_worker (24.0); net/ipv4/inet_connection_sock.c inet_csk_listen_stop",
    check: ({ gunicorns }) =>
      gunicorns
        .filter(
          ({ hasOwnSockets, settings, kernel }) =>
            hasOwnSockets && settings.max_requests > 0 && !kernel.rules.migratesRequests,
        )
        .map((gunicorn) => ({
          text:
            `each worker that has served ${gunicorn.settings.max_requests} resets what is queued at ` +
            `its own socket: up to ${numberText(gunicorn.queued / gunicorn.settings.workers)} ` +
            `connections, every ${timeText(lifeNs(gunicorn) / gunicorn.settings.workers)}`,
          settings: [gunicorn.setting("reuse_port"), gunicorn.setting("max_requests")],
          fix: "no reuse_port, or no max_requests, or net.ipv4.tcp_migrate_req = 1 (Linux 5.14 on)",
        })),
  },
  {
    id: "own-sockets",
    severity: "warning",
    when: "a connection comes to one worker by hash, busy or not",
    source: "net/core/sock_reuseport.c reuseport_select_sock; gunicorn/arbiter.py (24.0)",
    check: ({ gunicorns }) =>
      gunicorns
        .filter((one) => one.hasOwnSockets && Number.isFinite(one.capacity) && utilisationOf(one) >= 0.3)
        .map((gunicorn) => ({
          text:
            `each of ${numberText(gunicorn.settings.workers)} workers has a queue of its own: at a ` +
            `utilisation of ${shareText(Math.min(1, utilisationOf(gunicorn)))} so many of the ` +
            "connections come to a busy one, whether another is idle or not",
          settings: [gunicorn.setting("reuse_port"), gunicorn.setting("workers")],
          fix: "without reuse_port all workers drain one queue",
        })),
  },
  {
    id: "threads-unused",
    severity: "note",
    when: "threads are set for a class of workers that has none",
    source: "gunicorn/config.py Config.worker_class_str",
    check: ({ gunicorns }) =>
      gunicorns
        .filter(({ settings, className }) => settings.threads > 1 && className !== "gthread")
        .map((gunicorn) => ({
          text: `threads=${gunicorn.settings.threads} change nothing for ${gunicorn.className} workers`,
          settings: [gunicorn.setting("threads"), gunicorn.setting("worker_class")],
          fix: "worker_class gthread, or no threads",
        })),
  },
  {
    id: "silence-allowed",
    severity: "note",
    when: "no worker is ever taken for dead, since timeout is 0",
    source: "gunicorn/config.py Timeout",
    check: ({ gunicorns }) =>
      gunicorns
        .filter(({ settings }) => settings.timeout === 0)
        .map((gunicorn) => ({
          text:
            "a worker that hangs is never replaced: one less of " +
            `${numberText(gunicorn.settings.workers)}, ` +
            `${rateText(servedPerSecond(gunicorn) / gunicorn.settings.workers)} less capacity`,
          settings: [gunicorn.setting("timeout"), gunicorn.setting("workers")],
          fix: "a timeout above the longest request",
        })),
  },
];
