// Rules about nginx's failure accounting.
//
// Modelled: how long failures silence a server, what that does to the others and which failures count.
// Not modelled: how often a server fails (a run shows it).

import { SECOND } from "../../src/engine/time.js";
import { isFailure, nextUpstream } from "../nginx/next-upstream.js";
import { attemptsOf, group } from "./attempts.js";
import { servedPerSecond, utilisationOf } from "./capacity.js";
import type { NginxPart, Peer } from "./parts.js";
import type { Rule } from "./rule.js";
import { countOf, rateText, timeText } from "./words.js";

/** Servers that failures silence. */
function accounted(nginx: NginxPart): Peer[] {
  return nginx.peers.filter(({ server }) => server.max_fails > 0);
}

/** `EAGAIN` of a full unix queue, or what else a connect() ends with. */
function errnoText({ address }: Peer): string {
  return address.family === "unix" ? "EAGAIN" : "connect timeout or EADDRNOTAVAIL";
}

/** How long failures silence a server, in seconds: whole ones, counted from that of the failure. */
function silenceS({ server }: Peer): { least: number; most: number } {
  const least = server.fail_timeout / SECOND;
  return { least, most: least + 1 };
}

/** `10–11s`. */
function silenceText(peer: Peer): string {
  const { least, most } = silenceS(peer);
  return `${least}–${most}s`;
}

function failSettings(nginx: NginxPart, peer: Peer) {
  return [nginx.server(peer, "max_fails"), nginx.server(peer, "fail_timeout")];
}

const NAMES_OF_TWO = new Set(["localhost"]);

export const failureRules: Rule[] = [
  {
    id: "failure-silences",
    severity: "warning",
    when: "failures silence a server of a group for fail_timeout, the kernel's refusals among them",
    source: "src/http/ngx_http_upstream_round_robin.c ngx_http_upstream_free_round_robin_peer",
    check(deployment) {
      const nginx = group(deployment);
      const [peer] = nginx ? accounted(nginx) : [];
      if (!nginx || !peer) return [];
      const { max_fails } = peer.server;
      const servers = countOf(accounted(nginx).length, "server");
      const cause =
        max_fails === 1 ? `one ${errnoText(peer)} silences` : `${max_fails} x ${errnoText(peer)} silence`;
      return [
        {
          text: `${servers} with max_fails=${max_fails}: ${cause} a server for ${silenceText(peer)}`,
          settings: failSettings(nginx, peer),
          fix:
            "max_fails=0 where a refusal means a full queue and not a dead server; then dead ones " +
            "are tried by each request",
        },
      ];
    },
  },
  {
    id: "silence-cascades",
    severity: "error",
    when: "with one server silent the others get more than they serve, and fall in turn",
    source:
      "src/http/ngx_http_upstream_round_robin.c ngx_http_upstream_get_round_robin_peer (no live upstreams)",
    check(deployment) {
      const nginx = group(deployment);
      if (!nginx) return [];
      const found = accounted(nginx).filter(
        ({ gunicorn, share }) => gunicorn !== undefined && share > 0 && share < 1,
      );
      const tight = found.flatMap((silent) => {
        const others = found.filter(({ gunicorn }) => gunicorn !== silent.gunicorn);
        const [other] = others.filter((one) => rateBeside(nginx, one, silent) >= servedBy(one));
        return other ? [{ silent, other }] : [];
      });
      const [worst] = tight.filter(({ silent, other }) => utilised(silent) < 1 && utilised(other) < 1);
      if (!worst) return [];
      const { silent, other } = worst;
      const more = rateBeside(nginx, other, silent);
      return [
        {
          text:
            `while one of ${countOf(nginx.peers.length, "server")} is silent, ` +
            `${other.address.text} gets ${rateText(more)} and serves ${rateText(servedBy(other))}: ` +
            `it fails in turn, and for up to ${silenceS(other).most}s everybody gets 502 (no live upstreams)`,
          settings: [
            ...failSettings(nginx, silent),
            ...(other.gunicorn ? [other.gunicorn.setting("workers")] : []),
          ],
          fix: "max_fails=0, or so many workers that all but one server are enough",
        },
      ];
    },
  },
  {
    id: "localhost-two-peers",
    severity: "warning",
    when: "a server's name stands for two addresses, or may do so: a group of two peers",
    source: "src/core/ngx_inet.c ngx_inet_resolve_host; hosts(5)",
    check: ({ nginx }) =>
      (nginx?.peers ?? [])
        .filter(
          ({ server, address }) => server.resolves === undefined && NAMES_OF_TWO.has(address.host ?? ""),
        )
        .map((peer) => ({
          text:
            `${peer.server.address} is two servers where localhost has ::1 beside 127.0.0.1: with ` +
            "gunicorn on one of them the first " +
            `request finds the other closed, and then one time-out gives ${silenceText(peer)} of ` +
            "502; here it counts as one",
          settings: [(nginx as NginxPart).server(peer, "address")],
          fix: `write 127.0.0.1, or give both addresses in "resolves" to see what happens`,
        })),
  },
  {
    id: "single-server-settings",
    severity: "note",
    when: "max_fails and fail_timeout are set for the only server, where nginx does not look at them",
    source: "src/http/ngx_http_upstream_round_robin.c (peers->single)",
    check({ nginx }) {
      const [peer, ...others] = nginx?.peers ?? [];
      if (!nginx || !peer || others.length > 0) return [];
      const { max_fails, fail_timeout } = peer.server;
      if (max_fails === 1 && fail_timeout === 10 * SECOND) return [];
      return [
        {
          text:
            `max_fails=${max_fails} fail_timeout=${timeText(fail_timeout)} change nothing for the ` +
            "only server: every request tries it",
          settings: failSettings(nginx, peer),
          fix: "nothing; they matter as soon as there is a second address",
        },
      ];
    },
  },
  {
    id: "each-worker-learns",
    severity: "note",
    when: "without a zone each nginx worker has failures of its own",
    source: "ngx_http_upstream_module zone",
    check(deployment) {
      const nginx = group(deployment);
      const processes = nginx?.settings.worker_processes ?? 1;
      if (!nginx || nginx.settings.upstream.zone || processes === 1 || accounted(nginx).length === 0)
        return [];
      return [
        {
          text:
            `without a zone each of ${processes} nginx workers finds out by failures of its own that ` +
            `a server is down: ${processes} times as many requests meet it`,
          settings: [nginx.setting("upstream.zone"), nginx.setting("worker_processes")],
          fix: "a zone in the upstream block; then one worker's failure silences the server for all",
        },
      ];
    },
  },
  {
    id: "answers-silence",
    severity: "warning",
    when: "answers of the application count as failures of its server",
    source: "src/http/ngx_http_upstream.c ngx_http_upstream_test_next",
    check(deployment) {
      const nginx = group(deployment);
      const answers = nginx
        ? [...nextUpstream(nginx.settings.proxy_next_upstream).answers].filter(isFailure)
        : [];
      const [peer] = nginx ? accounted(nginx) : [];
      if (!nginx || !peer || answers.length === 0 || attemptsOf(nginx) < 2) return [];
      const { max_fails } = peer.server;
      return [
        {
          text:
            `${max_fails === 1 ? "an answer" : countOf(max_fails, "answer")} ` +
            `${answers.join(" or ")} ${max_fails === 1 ? "silences" : "silence"} its server for ` +
            `${silenceText(peer)}: ` +
            "a request that always fails takes one server after the other away",
          settings: [nginx.setting("proxy_next_upstream"), ...failSettings(nginx, peer)],
          fix:
            `${answers.map((one) => `http_${one}`).join(" ")} left out of proxy_next_upstream; the ` +
            "application's errors then go to the client",
        },
      ];
    },
  },
  {
    id: "whole-load-on-backup",
    severity: "warning",
    when: "a backup server would get more than it serves when the others are silent",
    source: "src/http/ngx_http_upstream_round_robin.c (peers->next)",
    check(deployment) {
      const nginx = group(deployment);
      if (!nginx) return [];
      const backups = nginx.peers.filter(({ server, gunicorn }) => server.backup && gunicorn !== undefined);
      const served = backups.reduce((sum, one) => sum + servedBy(one), 0);
      const [first] = backups;
      if (!first || nginx.perSecond < served) return [];
      return [
        {
          text:
            `the backup serves ${rateText(served)} and gets all ${rateText(nginx.perSecond)} when no ` +
            "other server is left",
          settings: [
            nginx.server(first, "address"),
            ...(first.gunicorn ? [first.gunicorn.setting("workers")] : []),
          ],
          fix: "as many workers behind the backup as the load needs, or limit_req before it",
        },
      ];
    },
  },
];

/** Requests a second that a server can serve; a backup has not been asked, and has no times of its own. */
function servedBy({ gunicorn }: Peer): number {
  return gunicorn ? servedPerSecond(gunicorn) : Number.POSITIVE_INFINITY;
}

function utilised({ gunicorn }: Peer): number {
  return gunicorn ? utilisationOf(gunicorn) : 0;
}

/** Requests a second of one server while another is silent. */
function rateBeside(nginx: NginxPart, one: Peer, silent: Peer): number {
  return (nginx.perSecond * one.share) / (1 - silent.share);
}
