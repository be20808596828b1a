// Rules about kept connections between nginx and gunicorn.
//
// Modelled: who asks for them, who keeps them, and who closes an idle one first. Not modelled: how often a
// request meets one that is just being closed.

import { reuseOf } from "../nginx/upstream-settings.js";
import type { Deployment } from "./deployment.js";
import type { GunicornPart, NginxPart } from "./parts.js";
import type { Rule, Said } from "./rule.js";
import { countOf, numberText, timeText } from "./words.js";

/** Its workers leave a connection open after an answer. */
export function keepsConnections({ className, settings }: GunicornPart): boolean {
  return className !== "sync" && settings.keepalive > 0;
}

/** gunicorns that nginx keeps connections to. */
function cached({ nginx, gunicorns }: Deployment, say: (one: Cached) => Said[]): Said[] {
  const cache = nginx && reuseOf(nginx.settings).cache;
  if (!nginx || !cache) return [];
  return gunicorns
    .filter((one) => nginx.peers.some(({ gunicorn }) => gunicorn === one))
    .flatMap((gunicorn) => say({ nginx, gunicorn, most: cache.most, idleNs: cache.idleNs }));
}

interface Cached {
  nginx: NginxPart;
  gunicorn: GunicornPart;
  most: number;
  idleNs: number | undefined;
}

const idleText = (idleNs: number | undefined) => (idleNs === undefined ? "for ever" : timeText(idleNs));

export const keepaliveRules: Rule[] = [
  {
    id: "keepalive-race",
    severity: "warning",
    when: "gunicorn closes idle connections before nginx does, and a request may be on its way then",
    source: "gunicorn/config.py Keepalive; ngx_http_upstream_keepalive_module",
    check: (deployment) =>
      cached(deployment, ({ nginx, gunicorn, idleNs }) => {
        const { keepalive } = gunicorn.settings;
        if (!keepsConnections(gunicorn) || (idleNs !== undefined && idleNs < keepalive)) return [];
        return [
          {
            text:
              `gunicorn closes an idle connection after ${timeText(keepalive)}, nginx keeps it ` +
              `${idleText(idleNs)}: a request that is sent ` +
              "as it closes fails; nginx repeats it, but not a POST",
            settings: [
              gunicorn.setting("keepalive"),
              nginx.setting("upstream.keepalive_timeout", idleText(idleNs)),
            ],
            fix:
              "gunicorn.keepalive above nginx's keepalive_timeout (75s and 60s), so that nginx " +
              "closes first; idle connections count against worker_connections",
          },
        ];
      }),
  },
  {
    id: "keepalive-sync",
    severity: "note",
    when: "nginx would keep connections, but the workers close each of them",
    source: "gunicorn/workers/sync.py handle_request: resp.force_close()",
    check: (deployment) =>
      cached(deployment, ({ nginx, gunicorn, most }) =>
        keepsConnections(gunicorn)
          ? []
          : [
              {
                text:
                  `keepalive ${most} keeps nothing: ${gunicorn.text} close every connection after ` +
                  "its answer",
                settings: [
                  nginx.setting("upstream.keepalive", String(most)),
                  gunicorn.setting("worker_class"),
                  gunicorn.setting("keepalive"),
                ],
                fix: "gthread or another class with keepalive above 0, or no keepalive in the upstream block",
              },
            ],
      ),
  },
  {
    id: "keepalive-not-asked",
    severity: "warning",
    when: "an upstream block has keepalive, but nginx does not ask the application for it",
    source: "src/http/modules/ngx_http_proxy_module.c: HTTP/1.0 and Connection: close before 1.29.7",
    check: ({ nginx }) => {
      const keepalive = nginx?.settings.upstream.keepalive ?? 0;
      if (!nginx || keepalive === 0 || reuseOf(nginx.settings).cache) return [];
      return [
        {
          text:
            `keepalive ${keepalive} keeps nothing: nginx ${nginx.settings.version} asks for HTTP/1.1 ` +
            "without Connection: close only when it is told to",
          settings: [
            nginx.setting("upstream.keepalive"),
            nginx.setting("proxy_http_version", nginx.settings.proxy_http_version ?? "1.0"),
            nginx.setting(
              "proxy_set_header.Connection",
              nginx.settings.proxy_set_header.Connection ?? "close",
            ),
          ],
          fix: 'proxy_http_version 1.1 and proxy_set_header Connection ""',
        },
      ];
    },
  },
  {
    id: "keepalive-crowds",
    severity: "warning",
    when: "idle connections from nginx can take all connections of gthread or gevent workers",
    source: "gunicorn/workers/gthread.py: nr_conns counts idle connections",
    check: (deployment) =>
      cached(deployment, ({ nginx, gunicorn, most }) => {
        const { workers, worker_connections } = gunicorn.settings;
        const idle = most * nginx.settings.worker_processes;
        const held = gunicorn.capacity + gunicorn.hoard;
        if (!keepsConnections(gunicorn) || idle < held) return [];
        return [
          {
            text:
              `nginx keeps up to ${countOf(idle, "idle connection")}, and ${numberText(workers)} x ` +
              `${numberText(worker_connections)} are all that ` +
              "the workers take: kept ones can shut new ones out",
            settings: [
              nginx.setting("upstream.keepalive", String(most)),
              nginx.setting("worker_processes"),
              gunicorn.setting("worker_connections"),
            ],
            fix: "a smaller keepalive in the upstream block, or more worker_connections of gunicorn",
          },
        ];
      }),
  },
];
