// Rules about gunicorn's worker processes: what they hoard, how they are replaced, what by the clock happens
// to them.
//
// Modelled: what a class accepts beyond what it works on, replacements by max_requests, reload and restart at
// the scenario's rate. Not modelled: crashes.

import { durationText } from "../../src/component/units.js";
import { SECOND } from "../../src/engine/time.js";
import { isAtLeast } from "../version.js";
import { servedPerSecond, utilisationOf } from "./capacity.js";
import type { Deployment } from "./deployment.js";
import type { GunicornPart } from "./parts.js";
import type { Rule, Said } from "./rule.js";
import { countOf, numberText, rateText, shareText, timeText } from "./words.js";

/** From the fork of a worker to its first accept. */
function bootNs({ of, settings }: GunicornPart): number {
  return of.bootNs + (settings.preload_app ? 0 : settings.boot);
}

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

/** Events of this kind, and the gunicorns that they are about. */
function events({ events, gunicorns }: Deployment, kinds: string[], say: (one: Happening) => Said[]): Said[] {
  return events.flatMap(({ at, do: what, pause }, index) => {
    const steps = what.split(".");
    const kind = steps.at(-1) as string;
    const path = steps.slice(0, -1).join(".");
    const gunicorn = gunicorns.find((one) => one.path === path) ?? gunicorns[0];
    if (steps[0] !== "gunicorn" || !kinds.includes(kind) || !gunicorn) return [];
    return say({ gunicorn, at, pauseNs: Number(pause ?? 0), what, index });
  });
}

interface Happening {
  gunicorn: GunicornPart;
  at: number;
  pauseNs: number;
  what: string;
  index: number;
}

const eventSetting = ({ index, what }: Happening) => ({
  path: ["events", index, "do"],
  of: "recvq",
  value: what,
});

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
        const isBehind = nginx?.peers.some((peer) => peer.gunicorn === gunicorn);
        if (!nginx || !isBehind || !Number.isFinite(waitNs) || waitNs <= limitNs) return [];
        return [
          {
            text:
              `${countOf(settings.workers, `${className} worker`)} accept ${numberText(hoard)} connections beyond the ${numberText(capacity)} that they work on: ` +
              `${timeText(waitNs)} of waiting inside, more than the read timeout of ${timeText(limitNs)}, before the accept queue holds anybody`,
            settings: [
              gunicorn.setting("worker_connections"),
              gunicorn.setting("threads"),
              gunicorn.setting("workers"),
              nginx.setting("proxy_read_timeout"),
            ],
            fix:
              `worker_connections ${Math.max(settings.threads, Math.floor((limitNs * capacity) / serviceNs / settings.workers))} lets an overload be refused instead ` +
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
            `${numberText(gunicorn.settings.workers)} workers reach max_requests=${gunicorn.settings.max_requests} at about the same time, every ` +
            `${timeText(lifeNs(gunicorn))}: then up to all of them are missing for ${timeText(absentNs(gunicorn))}`,
          settings: [
            gunicorn.setting("max_requests"),
            gunicorn.setting("max_requests_jitter"),
            gunicorn.setting("boot"),
          ],
          fix: `max_requests_jitter ${Math.ceil(gunicorn.settings.max_requests / 2)} spreads them; preload_app shortens the gap`,
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
              `a worker lives ${timeText(lifeNs(gunicorn))} at ${rateText(gunicorn.perSecond)}, and is then missing for ${timeText(absentNs(gunicorn))}: ` +
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
          text: `each worker that has served ${gunicorn.settings.max_requests} resets what is queued at its own socket: up to ${numberText(gunicorn.queued / gunicorn.settings.workers)} connections, every ${timeText(lifeNs(gunicorn) / gunicorn.settings.workers)}`,
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
            `each of ${numberText(gunicorn.settings.workers)} workers has a queue of its own: at a utilisation of ${shareText(Math.min(1, utilisationOf(gunicorn)))} so many of the ` +
            "connections come to a busy one, whether another is idle or not",
          settings: [gunicorn.setting("reuse_port"), gunicorn.setting("workers")],
          fix: "without reuse_port all workers drain one queue",
        })),
  },
  {
    id: "boot-outlasts-timeout",
    severity: "error",
    when: "a worker is killed before it has booted, again and again",
    source: "gunicorn/workers/workertmp.py before 22.0",
    check: ({ gunicorns }) =>
      gunicorns
        .filter(
          (one) =>
            !isAtLeast(one.settings.version, "22.0.0") &&
            one.settings.timeout > 0 &&
            bootNs(one) > one.settings.timeout,
        )
        .map((gunicorn) => ({
          text: `a worker needs ${timeText(bootNs(gunicorn))} to boot and is killed after ${timeText(gunicorn.settings.timeout)} of silence: it hardly ever serves`,
          settings: [gunicorn.setting("boot"), gunicorn.setting("timeout"), gunicorn.setting("version")],
          fix: "a timeout above the boot, preload_app, or gunicorn 22.0, which does not count the boot",
        })),
  },
  {
    id: "reload-gap",
    severity: "warning",
    when: "a reload leaves nobody to serve while the application is imported",
    source: "gunicorn/arbiter.py reload",
    check: (deployment) =>
      events(deployment, ["reload"], (one) => {
        const { gunicorn, at } = one;
        const come = (gunicorn.perSecond * bootNs(gunicorn)) / SECOND;
        if (gunicorn.settings.preload_app || gunicorn.settings.boot === 0 || come < 1) return [];
        const { queued } = gunicorn;
        const room =
          come > queued
            ? `and ${numberText(queued)} have a place`
            : `for which there are ${numberText(queued)} places`;
        return [
          {
            text: `the reload at ${durationText(at)} leaves nobody to serve for ${timeText(bootNs(gunicorn))}: about ${numberText(Math.round(come))} requests queue, ${room}`,
            settings: [
              eventSetting(one),
              gunicorn.setting("boot"),
              ...(gunicorn.listeners[0]?.settings ?? []),
            ],
            fix: "a queue that holds them; two gunicorns that are reloaded in turn; preload_app has no gap but keeps the old code",
          },
        ];
      }),
  },
  {
    id: "restart-loses",
    severity: "error",
    when: "a restart resets what is queued and refuses what comes before the new master listens",
    source: "gunicorn/arbiter.py stop; gunicorn/sock.py close_sockets",
    check: (deployment) =>
      events(deployment, ["restart", "stop"], (one) => {
        const { gunicorn, at, what, pauseNs } = one;
        if (gunicorn.perSecond === 0) return [];
        const restarts = what.endsWith("restart");
        const lastNs =
          Math.min(gunicorn.settings.graceful_timeout, gunicorn.serviceNs) + gunicorn.settings.exit_time;
        const goneNs = pauseNs + lastNs + (gunicorn.settings.preload_app ? gunicorn.settings.boot : 0);
        const until = restarts ? `for about ${timeText(goneNs)}` : "until it is started";
        const lost = restarts
          ? `, some ${numberText(Math.ceil((gunicorn.perSecond * goneNs) / SECOND))} requests`
          : "";
        return [
          {
            text: `${what} at ${durationText(at)} resets what is queued, and nobody listens ${until}: 502${lost}`,
            settings: [
              eventSetting(one),
              gunicorn.setting("graceful_timeout"),
              gunicorn.setting("preload_app"),
            ],
            fix: "gunicorn.reload (HUP) keeps the socket: requests wait instead",
          },
        ];
      }),
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
          text: `a worker that hangs is never replaced: one less of ${numberText(gunicorn.settings.workers)}, ${rateText(servedPerSecond(gunicorn) / gunicorn.settings.workers)} less capacity`,
          settings: [gunicorn.setting("timeout"), gunicorn.setting("workers")],
          fix: "a timeout above the longest request",
        })),
  },
];
