// Rules about nginx's attempts at further servers.
//
// Modelled: how often a request may be sent, and what is then done more than once. Not modelled: how often
// that happens.

import { NON_IDEMPOTENT } from "../clients/request-content.js";
import { nextUpstream } from "../nginx/next-upstream.js";
import type { Deployment } from "./deployment.js";
import type { NginxPart } from "./parts.js";
import type { Rule } from "./rule.js";
import { fullQueueNs, lateShare } from "./waiting.js";
import { countOf, timeText } from "./words.js";

/** A group of several addresses: only there nginx remembers failures (`peers->single`). */
export function group({ nginx }: Deployment): NginxPart | undefined {
  return nginx && nginx.peers.length > 1 ? nginx : undefined;
}

/** Attempts that a request may have, the first one included. */
export function attemptsOf({ peers, settings }: NginxPart): number {
  const { proxy_next_upstream_tries: tries } = settings;
  return tries > 0 ? Math.min(tries, peers.length) : peers.length;
}

export const attemptRules: Rule[] = [
  {
    id: "timeout-repeats-work",
    severity: "warning",
    when: "requests that time out are sent to the next server, and are executed there as well",
    source: "src/http/ngx_http_upstream.c ngx_http_upstream_next",
    check(deployment) {
      const nginx = group(deployment);
      if (!nginx || attemptsOf(nginx) < 2 || !nextUpstream(nginx.settings.proxy_next_upstream).timeouts)
        return [];
      const { proxy_read_timeout: limitNs } = nginx.settings;
      const isLate = nginx.peers.some(
        ({ gunicorn }) =>
          gunicorn && ((fullQueueNs(gunicorn) ?? 0) > limitNs || lateShare(gunicorn, limitNs) > 0),
      );
      if (!isLate) return [];
      const attempts = attemptsOf(nginx);
      return [
        {
          text:
            `a request that takes longer than ${timeText(limitNs)}, queue included, is executed by ` +
            `up to ${countOf(attempts, "server")}, ` +
            `and its client waits up to ${timeText(attempts * limitNs)}`,
          settings: [
            nginx.setting("proxy_next_upstream"),
            nginx.setting("proxy_next_upstream_tries"),
            nginx.setting("proxy_read_timeout"),
          ],
          fix:
            "proxy_next_upstream error, without timeout; or proxy_next_upstream_tries 1: then the " +
            "first time-out is the answer",
        },
      ];
    },
  },
  {
    id: "non-idempotent",
    severity: "warning",
    when: "nginx sends requests a second time that must not be executed twice",
    source: "ngx_http_proxy_module proxy_next_upstream non_idempotent",
    check(deployment) {
      const nginx = group(deployment);
      const words = nginx?.settings.proxy_next_upstream ?? [];
      const isRepeated = words.includes("non_idempotent") && !words.includes("off");
      if (!nginx || !isRepeated || attemptsOf(nginx) < 2) return [];
      return deployment.populations
        .filter(({ target, settings }) => target === nginx && NON_IDEMPOTENT.includes(settings.method))
        .map((population) => ({
          text:
            `a ${population.settings.method} that fails after it was sent is sent again, to up to ` +
            `${countOf(attemptsOf(nginx), "server")}: what it does may be done twice`,
          settings: [nginx.setting("proxy_next_upstream"), population.setting("method")],
          fix: "leave non_idempotent out; such requests then fail with the first server that fails",
        }));
    },
  },
];
