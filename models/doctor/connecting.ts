// Rules about connect() over TCP: SYNs that are dropped, and how long they are repeated.
//
// Modelled: the kernel's schedule of repetitions against nginx's connect timeout. Not modelled: networks that
// lose packets.

import { synTimesNs } from "../linux/tcp-rules.js";
import { utilisationOf } from "./capacity.js";
import type { Deployment } from "./deployment.js";
import { burstsTo, placesOf, scheduleText } from "./listen-queues.js";
import type { GunicornPart, NginxPart } from "./parts.js";
import type { Rule } from "./rule.js";
import { timeText } from "./words.js";

/** gunicorns that nginx reaches over TCP, and whose queue a burst or the load fills. */
function filledOverTcp(deployment: Deployment): GunicornPart[] {
  const { nginx } = deployment;
  const found = (nginx?.peers ?? []).flatMap(({ gunicorn, address }) =>
    gunicorn && address.family === "tcp" ? [gunicorn] : [],
  );
  const isFilled = (one: GunicornPart) =>
    utilisationOf(one) >= 1 || burstsTo(deployment, one).some(({ requests }) => requests > placesOf(one));
  return [...new Set(found)].filter(isFilled);
}

export const connectRules: Rule[] = [
  {
    id: "connect-timeout-first",
    severity: "warning",
    when: "nginx's connect timeout ends before the first repetition of a SYN",
    source: "net/ipv4/tcp_timer.c tcp_retransmit_timer; src/http/ngx_http_upstream.c",
    check: ({ nginx }) => {
      const [peer] = (nginx?.peers ?? []).filter(({ address }) => address.family === "tcp");
      if (!nginx || !peer) return [];
      const [firstNs = 0] = synTimesNs(nginx.kernel.rules);
      const { proxy_connect_timeout: limitNs } = nginx.settings;
      if (limitNs > firstNs) return [];
      return [
        {
          text:
            `the connect timeout of ${timeText(limitNs)} ends before a dropped SYN is sent again ` +
            `(after ${timeText(firstNs)}): one overflow is one 504`,
          settings: [nginx.setting("proxy_connect_timeout"), nginx.server(peer, "address")],
          fix:
            "a proxy_connect_timeout of 2s leaves room for one repetition, of 4s for more; or a " +
            "short one on purpose, with another server to try",
        },
      ];
    },
  },
  {
    id: "connect-timeout-of-kernel",
    severity: "note",
    when: "the kernel gives a connect() up before nginx's connect timeout",
    source: "net/ipv4/tcp_timer.c tcp_write_timeout",
    check: ({ nginx }) => {
      const [peer] = (nginx?.peers ?? []).filter(({ address }) => address.family === "tcp");
      if (!nginx || !peer) return [];
      const lastNs = synTimesNs(nginx.kernel.rules).at(-1) as number;
      const { proxy_connect_timeout: limitNs } = nginx.settings;
      if (lastNs >= limitNs) return [];
      return [
        {
          text:
            `connect() ends with ETIMEDOUT after ${timeText(lastNs)}, before the connect timeout of ` +
            `${timeText(limitNs)}`,
          settings: [nginx.setting("proxy_connect_timeout"), nginx.kernel.sysctl("net.ipv4.tcp_syn_retries")],
          fix:
            "raise net.ipv4.tcp_syn_retries, or shorten proxy_connect_timeout so that the file says " +
            "what holds",
        },
      ];
    },
  },
  {
    id: "syn-repeats",
    severity: "note",
    when: "a TCP accept queue fills, so that nginx's SYNs are dropped and repeated",
    source: "net/ipv4/tcp_timer.c tcp_retransmit_timer",
    check: (deployment) =>
      filledOverTcp(deployment).map((gunicorn) => {
        const nginx = deployment.nginx as NginxPart;
        const { proxy_connect_timeout: limitNs } = nginx.settings;
        const within = synTimesNs(nginx.kernel.rules).filter((ns) => ns < limitNs).length;
        return {
          text:
            `SYNs that ${gunicorn.listeners[0]?.text} has no place for come again after ` +
            `${scheduleText(nginx.kernel)}, ${within} times ` +
            `within the connect timeout of ${timeText(limitNs)}: the overload shows as waiting and ` +
            "504, not as a refusal",
          settings: [nginx.setting("proxy_connect_timeout"), nginx.kernel.sysctl("net.ipv4.tcp_syn_retries")],
          fix: "a unix socket refuses at once (502); a shorter proxy_connect_timeout says 504 sooner",
        };
      }),
  },
];
