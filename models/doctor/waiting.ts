// Rules about time-outs: how long a full queue lasts, how long requests take, and who gives up before.
//
// Modelled: the queue in seconds is its places times the mean time of a request over the workers; nginx's
// read timeout runs from the connect() on, so while a request is queued; shares of long requests are drawn
// (draws.ts). Not modelled: how often a queue is full.

import type { FoundSetting } from "../../src/component/finding.js";
import { TICK_NS } from "../gunicorn/tick.js";
import { isAtLeast } from "../version.js";
import type { Deployment } from "./deployment.js";
import { shareAbove } from "./draws.js";
import { queueSettings } from "./listen-queues.js";
import type { GunicornPart, NginxPart, Population } from "./parts.js";
import type { Rule, Said } from "./rule.js";
import { shareOf } from "./shares.js";
import { numberText, partText, timeText } from "./words.js";

/** How long the last one waits in front of workers that have all they can hold; undefined without an end. */
export function fullQueueNs({ hoard, queued, capacity, serviceNs }: GunicornPart): number | undefined {
  const ns = ((hoard + queued) * serviceNs) / capacity;
  return Number.isFinite(ns) && ns > 0 ? ns : undefined;
}

/** How many requests of a queue are served within this time. */
function servedWithin({ capacity, serviceNs }: GunicornPart, ns: number): number {
  return Math.floor((ns * capacity) / serviceNs);
}

/** `32.3s of queue at most (129 places x 1s / 4)`. */
function queueText(gunicorn: GunicornPart): string {
  const { hoard, queued, capacity, serviceNs } = gunicorn;
  const places = `${numberText(hoard + queued)} places x ${timeText(serviceNs)} / ${numberText(capacity)}`;
  return `${timeText(fullQueueNs(gunicorn) as number)} of queue at most (${places})`;
}

/** Gunicorns behind nginx, whose full queue takes a time that is known. */
function behind(nginx: NginxPart | undefined): GunicornPart[] {
  const found = new Set((nginx?.peers ?? []).flatMap(({ gunicorn }) => gunicorn ?? []));
  return [...found].filter((one) => fullQueueNs(one) !== undefined);
}

function queueTimes(nginx: NginxPart, gunicorn: GunicornPart): FoundSetting[] {
  return [nginx.setting("proxy_read_timeout"), ...queueSettings(gunicorn), ...gunicorn.appSettings];
}

/** Whether the arbiter ends a request that takes longer than `timeout`. */
function isKilled({ className, settings }: GunicornPart): boolean {
  return settings.timeout > 0 && (className === "sync" || className === "tornado");
}

/** The share of the requests that take longer in a worker; those that the arbiter ends before do not. */
export function lateShare(gunicorn: GunicornPart, limitNs: number): number {
  const { times, overheadNs, settings } = gunicorn;
  if (isKilled(gunicorn) && settings.timeout + TICK_NS <= limitNs) return 0;
  return shareAbove(times, limitNs, overheadNs);
}

/** Populations whose patience ends, and the gunicorns that they come to. */
function impatient({ populations, gunicorns, nginx }: Deployment, say: (one: Wait) => Said[]): Said[] {
  return populations.flatMap((population) => {
    const { timeout: timeoutNs } = population.settings;
    if (!timeoutNs) return [];
    const asked = gunicorns.filter((one) => shareOf(one, population, nginx) > 0);
    return asked.flatMap((gunicorn) => say({ population, gunicorn, timeoutNs }));
  });
}

interface Wait {
  population: Population;
  gunicorn: GunicornPart;
  timeoutNs: number;
}

export const waitingRules: Rule[] = [
  {
    id: "queue-outlasts-nginx",
    severity: "warning",
    when:
      "a full queue lasts longer than nginx's read timeout: the last ones get a 504, and are " +
      "executed all the same",
    source: "src/http/ngx_http_upstream.c ngx_http_upstream_send_request; gunicorn/workers/sync.py",
    check: ({ nginx }) =>
      behind(nginx).flatMap((gunicorn) => {
        const { proxy_read_timeout: limitNs } = (nginx as NginxPart).settings;
        const ns = fullQueueNs(gunicorn) as number;
        if (ns <= limitNs) return [];
        const useful = servedWithin(gunicorn, limitNs);
        return [
          {
            text:
              `${queueText(gunicorn)} does not fit into the ${timeText(limitNs)} read timeout: ` +
              "who comes behind the first " +
              `${numberText(useful)} gets a 504, and its work is done all the same`,
            settings: queueTimes(nginx as NginxPart, gunicorn),
            fix:
              `a backlog of ${numberText(Math.max(0, useful - 1))} refuses at once what would be too ` +
              "late; a longer proxy_read_timeout lets clients wait",
          },
        ];
      }),
  },
  {
    id: "queue-fits-nginx",
    severity: "note",
    when: "even the last one of a full queue is answered within nginx's read timeout",
    source: "src/http/ngx_http_upstream.c ngx_http_upstream_send_request",
    check: ({ nginx }) =>
      behind(nginx)
        .filter((one) => (fullQueueNs(one) as number) <= (nginx as NginxPart).settings.proxy_read_timeout)
        .map((gunicorn) => ({
          text:
            `${queueText(gunicorn)} fits into the ` +
            `${timeText((nginx as NginxPart).settings.proxy_read_timeout)} read timeout`,
          settings: queueTimes(nginx as NginxPart, gunicorn),
          fix: "nothing; a longer backlog would add to the wait, a shorter one to the refusals",
        })),
  },
  {
    id: "queue-outlasts-clients",
    severity: "warning",
    when: "a full queue lasts longer than clients wait: workers serve clients that have gone",
    source: "gunicorn/workers/sync.py handle: nobody looks whether the peer is still there",
    check: (deployment) =>
      impatient(deployment, ({ population, gunicorn, timeoutNs }) => {
        const ns = fullQueueNs(gunicorn);
        if (ns === undefined || ns <= timeoutNs) return [];
        return [
          {
            text:
              `clients leave after ${timeText(timeoutNs)}, and there is ${queueText(gunicorn)}: the ` +
              "rest is work for clients that have gone",
            settings: [population.setting("timeout"), ...queueSettings(gunicorn), ...gunicorn.appSettings],
            fix:
              "a backlog of " +
              `${numberText(Math.max(0, servedWithin(gunicorn, timeoutNs) - 1))} ` +
              "holds no more than is served in time; more clients are refused at once then",
          },
        ];
      }),
  },
  {
    id: "worker-timeout",
    severity: "error",
    when: "requests take longer than a worker may be silent, and it is killed",
    source: "gunicorn/arbiter.py murder_workers",
    check: ({ gunicorns }) =>
      gunicorns.flatMap((gunicorn) => {
        const { settings, className, times, overheadNs } = gunicorn;
        const { timeout, version } = settings;
        const share = isKilled(gunicorn) ? shareAbove(times, timeout, overheadNs) : 0;
        if (share === 0) return [];
        const answer = className === "sync" && isAtLeast(version, "22.0.0") ? "500" : "502";
        return [
          {
            text:
              `${partText(share)} take longer than the worker timeout of ` +
              `${timeText(timeout)}: they end in a ` +
              `${answer}, after ${timeText(timeout)} to ${timeText(timeout + TICK_NS)}, and their ` +
              "worker is missing until it has booted",
            settings: [gunicorn.setting("timeout"), ...gunicorn.appSettings],
            fix:
              "a timeout above the longest request, or gthread, whose heartbeat goes on; then a hung " +
              "request holds its worker longer",
          },
        ];
      }),
  },
  {
    id: "read-timeout",
    severity: "error",
    when: "requests take longer than nginx waits for them",
    source: "src/http/ngx_http_upstream.c ngx_http_upstream_process_header",
    check: ({ nginx }) =>
      behind(nginx).flatMap((gunicorn) => {
        const { proxy_read_timeout: limitNs } = (nginx as NginxPart).settings;
        const share = lateShare(gunicorn, limitNs);
        if (share === 0) return [];
        return [
          {
            text:
              `${partText(share)} take longer than nginx's read timeout of ` +
              `${timeText(limitNs)}: a 504 each, and the worker goes on`,
            settings: [(nginx as NginxPart).setting("proxy_read_timeout"), ...gunicorn.appSettings],
            fix: "a proxy_read_timeout above the longest request, if its client waits for so long",
          },
        ];
      }),
  },
  {
    id: "client-timeout",
    severity: "warning",
    when: "requests take longer than their clients wait",
    source:
      "clients.timeout; nginx logs 499 (src/http/ngx_http_upstream.c " +
      "ngx_http_upstream_check_broken_connection)",
    check: (deployment) =>
      impatient(deployment, ({ population, gunicorn, timeoutNs }) => {
        const share = lateShare(gunicorn, timeoutNs);
        if (share === 0) return [];
        return [
          {
            text:
              `${partText(share)} take longer than the ${timeText(timeoutNs)} that ` +
              "their clients wait, without any queue",
            settings: [population.setting("timeout"), ...gunicorn.appSettings],
            fix: "answer at once and do the work elsewhere, or clients that wait longer",
          },
        ];
      }),
  },
  {
    id: "worker-outlives-nginx",
    severity: "note",
    when: "a hung request holds its worker for longer than nginx waits for it",
    source: "gunicorn/arbiter.py murder_workers",
    check: ({ nginx, gunicorns }) =>
      gunicorns
        .filter((one) => nginx?.peers.some(({ gunicorn }) => gunicorn === one) && one.className === "sync")
        .flatMap((gunicorn) => {
          const { proxy_read_timeout: limitNs } = (nginx as NginxPart).settings;
          const { timeout } = gunicorn.settings;
          if (timeout > 0 && timeout <= limitNs) return [];
          const until = timeout === 0 ? "for ever" : `until ${timeText(timeout)} have passed`;
          return [
            {
              text:
                `nginx gives a hung request up after ${timeText(limitNs)}, its worker stays with it ` +
                `${until}`,
              settings: [gunicorn.setting("timeout"), (nginx as NginxPart).setting("proxy_read_timeout")],
              fix:
                "a gunicorn.timeout just above proxy_read_timeout frees the worker sooner; it kills " +
                "whatever takes longer",
            },
          ];
        }),
  },
];
