// Rules about nginx's worker processes: their connections, their sockets, their limits.
//
// Modelled: connections of a worker, processes and cores, a socket for each, limit_req at the scenario's
// rate. Not modelled: limit_conn, limits of open files.

import type { FoundSetting } from "../../src/component/finding.js";
import { usableConnections } from "../nginx/slots.js";
import { utilisationOf } from "./capacity.js";
import type { Deployment } from "./deployment.js";
import { placesOf } from "./listen-queues.js";
import type { NginxPart } from "./parts.js";
import { rateOf } from "./population-part.js";
import type { Rule } from "./rule.js";
import { countOf, numberText, rateText, shareText } from "./words.js";

/** The most requests that populations have under way at one instant: a burst, or a closed loop. */
function atOneInstant({ populations, nginx }: Deployment): { requests: number; setting: FoundSetting }[] {
  return populations
    .filter(({ target }) => target === nginx)
    .flatMap((one) => [
      ...one.phases
        .filter(({ declared }) => declared.process === "burst")
        .map(({ requests, rate }) => ({ requests, setting: rate })),
      ...(one.settings.closed
        ? [{ requests: one.settings.closed.concurrency, setting: one.setting("closed.concurrency") }]
        : []),
    ]);
}

function slotsText({ settings, inFlight }: NginxPart): string {
  const { worker_connections, worker_processes } = settings;
  const each = `${numberText(usableConnections(worker_connections))} usable connections`;
  const all = worker_processes === 1 ? each : `${worker_processes} x ${each}`;
  return `${all}, two for each request, are ${numberText(inFlight)} requests in flight`;
}

/** What the gunicorns behind it can hold. */
function heldBehind({ peers }: NginxPart): number {
  const all = new Set(peers.flatMap(({ gunicorn }) => gunicorn ?? []));
  return [...all].reduce((sum, one) => sum + placesOf(one), 0);
}

const slotSettings = (nginx: NginxPart) => [
  nginx.setting("worker_connections"),
  nginx.setting("worker_processes"),
];

export const nginxWorkerRules: Rule[] = [
  {
    id: "worker-connections",
    severity: "error",
    when: "more requests come at once than nginx has connections for",
    source: "src/event/ngx_event_accept.c, src/http/ngx_http_upstream.c: worker_connections are not enough",
    check(deployment) {
      const { nginx } = deployment;
      if (!nginx) return [];
      return atOneInstant(deployment)
        .filter(({ requests }) => requests > nginx.inFlight)
        .map(({ requests, setting }) => ({
          text:
            `${slotsText(nginx)}, and ${numberText(requests)} come at once: the others are closed ` +
            "without an answer, or get a 500",
          settings: [...slotSettings(nginx), setting],
          fix:
            `worker_connections ${numberText(2 * requests + 2).replaceAll(",", "")} (and as many ` +
            "open files); what nginx then holds waits for gunicorn",
        }));
    },
  },
  {
    id: "worker-connections-first",
    severity: "note",
    when: "nginx runs out of connections before gunicorn's accept queue is full",
    source: "src/event/ngx_event_accept.c: worker_connections are not enough",
    check: ({ nginx }) => {
      if (!nginx) return [];
      const held = heldBehind(nginx);
      if (!Number.isFinite(held) || nginx.inFlight >= held) return [];
      return [
        {
          text:
            `${slotsText(nginx)}, fewer than the ${numberText(held)} that gunicorn can hold: an ` +
            "overload is closed without an answer, not refused with a 502",
          settings: slotSettings(nginx),
          fix:
            `worker_connections above ${numberText(2 * held + 2)}, or a shorter backlog, with which ` +
            "clients get an answer",
        },
      ];
    },
  },
  {
    id: "nginx-beyond-cores",
    severity: "note",
    when: "nginx has more worker processes than its machine has cores",
    source: "ngx_core_module worker_processes",
    check: ({ nginx }) => {
      const cores = nginx?.kernel.cores;
      if (!nginx || cores === undefined || nginx.settings.worker_processes <= cores) return [];
      return [
        {
          text:
            `${countOf(nginx.settings.worker_processes, "nginx worker")} on ` +
            `${countOf(cores, "core")} take turns, and each has connections and failures of its own`,
          settings: [nginx.setting("worker_processes"), nginx.kernel.setting("cores")],
          fix: "worker_processes auto: one a core",
        },
      ];
    },
  },
  {
    id: "listen-reuseport",
    severity: "warning",
    when: "each nginx worker has an accept queue of its own, which no other one drains",
    source: "src/core/ngx_connection.c ngx_clone_listening; net/core/sock_reuseport.c",
    check: ({ nginx }) => {
      const { listen, worker_processes } = nginx?.settings ?? {};
      if (!nginx || !listen?.reuseport || !worker_processes || worker_processes === 1) return [];
      return [
        {
          text:
            `clients come to one of ${worker_processes} queues of ` +
            `${numberText(nginx.listener.limit)} places by hash, whether its worker is busy or ` +
            "not: " +
            `while one of them is stuck, ${shareText(1 / worker_processes)} of the clients wait for it`,
          settings: [nginx.setting("listen.reuseport"), nginx.setting("worker_processes")],
          fix:
            "without reuseport the workers share one queue; it pays where accept() itself is the " +
            "bottleneck",
        },
      ];
    },
  },
  {
    id: "limit-req",
    severity: "error",
    when: "the load is above a rate of limit_req",
    source: "src/http/modules/ngx_http_limit_req_module.c ngx_http_limit_req_lookup",
    check({ nginx, populations }) {
      const { limit_req = [], limit_req_zone = [], limit_req_status = 0 } = nginx?.settings ?? {};
      if (!nginx) return [];
      return limit_req.flatMap((use) => {
        const zone = limit_req_zone.find(({ name }) => name === use.zone);
        const limit = (zone?.rate.thousandthsPerSecond ?? 0) / 1000;
        const coming = populations.filter(({ target }) => target === nginx);
        const perKey =
          zone?.key === "server"
            ? nginx.perSecond
            : Math.max(0, ...coming.map((one) => rateOf(one) / one.settings.addresses));
        if (!zone || perKey <= limit) return [];
        return [
          {
            text:
              `${rateText(perKey)} ${zone.key === "server" ? "in all" : "from an address"} against ` +
              `${zone.rate.written}: beyond a burst of ${numberText(use.burst)}, ` +
              `${shareText(1 - limit / perKey)} get a ${limit_req_status}`,
            settings: [
              nginx.setting("limit_req_zone", zone.rate.written),
              nginx.setting("limit_req", `burst=${use.burst}`),
            ],
            fix: "that is what limit_req is for, if gunicorn serves no more; otherwise a higher rate",
          },
        ];
      });
    },
  },
  {
    id: "limit-above-capacity",
    severity: "warning",
    when: "limit_req lets more through than the workers serve, so that it does not protect them",
    source: "ngx_http_limit_req_module limit_req_zone",
    check({ nginx }) {
      const [zone] = (nginx?.settings.limit_req_zone ?? []).filter(({ key }) => key === "server");
      if (!nginx || !zone || !nginx.settings.limit_req) return [];
      const limit = zone.rate.thousandthsPerSecond / 1000;
      return nginx.peers.flatMap(({ gunicorn, share }) => {
        if (!gunicorn || utilisationOf(gunicorn) < 1) return [];
        const served = gunicorn.perSecond / utilisationOf(gunicorn);
        if (limit * share <= served) return [];
        return [
          {
            text:
              `limit_req lets ${rateText(limit * share)} through to ${gunicorn.text}, which serve ` +
              `${rateText(served)}: the accept queue fills all the same`,
            settings: [nginx.setting("limit_req_zone", zone.rate.written), gunicorn.setting("workers")],
            fix: `a rate below ${rateText(served / share)}; what is above it gets its answer at once`,
          },
        ];
      });
    },
  },
];
