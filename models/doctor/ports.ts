// Rules about nginx's ephemeral ports and TIME_WAIT.
//
// Modelled: ports towards each address of the group, how long a connection that nginx closes first keeps one,
// by the kernel's rules and sysctls, and which share that is at the scenario's rate. Not modelled: ports of
// clients, whose connections nginx closes first.

import { isLoopback } from "../../src/component/address.js";
import type { FoundSetting } from "../../src/component/finding.js";
import { SECOND } from "../../src/engine/time.js";
import { portSearch } from "../linux/port-search.js";
import { meanLengthNs, TIME_WAIT_NS } from "../linux/time-wait.js";
import { isReused, meanReuseNs } from "../linux/time-wait-reuse.js";
import { sourceAddress } from "../nginx/proxy-bind.js";
import { reuseOf, speaksHttp11 } from "../nginx/upstream-settings.js";
import { shareAt } from "../nginx/who-closes-first.js";
import type { Deployment } from "./deployment.js";
import { keepsConnections } from "./keepalive.js";
import type { NginxPart, Peer } from "./parts.js";
import { lastsNsOf } from "./population-part.js";
import type { Rule, Said } from "./rule.js";
import { countOf, numberText, rateText, shareText, timeText } from "./words.js";

/** nginx's ports towards one address. */
interface Budget {
  nginx: NginxPart;
  peer: Peer;
  address: string;
  ports: number;
  /** Ports that connect() looks at before it comes to the other parity; 0 where there is no such order. */
  half: number;
  /** How long a connection that nginx closes first keeps its port. */
  heldNs: number;
  isReused: boolean;
  /** Connections a second, and the share that nginx closes first. */
  perSecond: number;
  share: number;
  lastsNs: number;
}

/** Over TCP, where connections are not kept. */
function budgets(deployment: Deployment): Budget[] {
  const { nginx, gunicorns, populations } = deployment;
  if (!nginx) return [];
  const { rules } = nginx.kernel;
  const peers = nginx.peers.filter(({ address }) => address.family === "tcp");
  const addresses = [...new Set(peers.map(({ address }) => address.text))];
  const search = portSearch(rules, zero, zero);
  const listeners = gunicorns.flatMap((one) => (one.kernel === nginx.kernel ? one.listeners : []));
  for (const { address } of [...listeners, nginx.listener]) if (address.port) search.bind(address.port);
  return addresses.flatMap((address): Budget[] => {
    const own = peers.filter((peer) => peer.address.text === address);
    const [peer] = own as [Peer];
    if (isKept(nginx, peer)) return [];
    const perSecond = nginx.perSecond * own.reduce((sum, { share }) => sum + share, 0);
    const reused = isReused(rules, isLoopback(peer.address)) && !bindsPort(nginx);
    return [
      {
        nginx,
        peer,
        address,
        ports: search.ports,
        half: search.preferred().probes,
        heldNs: reused ? meanReuseNs(rules) : meanLengthNs(rules, TIME_WAIT_NS),
        isReused: reused,
        perSecond,
        share: closedFirst(deployment, { nginx, peer, perSecond }),
        lastsNs: Math.max(0, ...populations.filter(({ target }) => target === nginx).map(lastsNsOf)),
      },
    ];
  });
}

const zero = () => 0;

/** bind() chooses the port, before anybody knows whereto. */
function bindsPort({ settings, kernel }: NginxPart): boolean {
  const source = sourceAddress(settings, kernel.rules);
  return source !== undefined && (source.port !== undefined || !source.bindsWithoutPort);
}

/** nginx keeps connections to the server, and the server leaves them open. */
function isKept({ settings }: NginxPart, { gunicorn }: Peer): boolean {
  return reuseOf(settings).cache !== undefined && gunicorn !== undefined && keepsConnections(gunicorn);
}

/** The application believes in keepalive, and nginx has no place to keep the connection. */
function isLeftOpen({ settings }: NginxPart, { gunicorn }: Peer): boolean {
  const { isWanted, cache } = reuseOf(settings);
  return isWanted && cache === undefined && gunicorn !== undefined && keepsConnections(gunicorn);
}

function closedFirst(
  { announcesLength }: Deployment,
  { nginx, peer, perSecond }: Pick<Budget, "nginx" | "peer" | "perSecond">,
): number {
  const { settings } = nginx;
  const { closes_first: closesFirst, warm_for: warmForNs } = settings.upstream;
  if (isLeftOpen(nginx, peer)) return 1;
  if (!announcesLength && !speaksHttp11(settings)) return 0;
  return shareAt(Math.max(perSecond, 1e-9), { closesFirst, warmForNs });
}

/** Ports that are in use on average, if there are enough. */
function occupied({ perSecond, share, heldNs }: Budget): number {
  return (perSecond * share * heldNs) / SECOND;
}

function portSettings({ nginx, peer }: Budget): FoundSetting[] {
  const { kernel } = nginx;
  return [
    nginx.server(peer, "address"),
    kernel.sysctl("net.ipv4.ip_local_port_range"),
    kernel.sysctl("net.ipv4.tcp_tw_reuse"),
  ];
}

const CEILING_FIX =
  "upstream keepalive with workers that keep connections, a unix socket, or several loopback addresses; " +
  "a wider range or tcp_tw_reuse raise the ceiling";

function ceilingText({ address, ports, heldNs, isReused: reused }: Budget): string {
  const held = reused
    ? `free again after ${timeText(heldNs)}`
    : `${timeText(heldNs)} of TIME_WAIT, not reused`;
  const ceiling = rateText((ports * SECOND) / heldNs).replace("/s", " connections/s");
  return (
    `the ceiling to ${address} is ${ceiling} that nginx closes first (${countOf(ports, "port")}, ` +
    `${held})`
  );
}

const forEach =
  (found: (budget: Budget) => boolean, say: (budget: Budget) => Said) => (deployment: Deployment) =>
    budgets(deployment).filter(found).map(say);

const isExhausted = (budget: Budget) => {
  const used = budget.perSecond * budget.share;
  return occupied(budget) > budget.ports && budget.ports / used < budget.lastsNs / SECOND;
};

export const portRules: Rule[] = [
  {
    id: "port-ceiling",
    severity: "note",
    when: "nginx opens a TCP connection for each request: how many a second the ports are enough for",
    source: "net/ipv4/inet_hashtables.c __inet_hash_connect; net/ipv4/tcp_ipv4.c tcp_twsk_unique",
    check: forEach(
      (budget) => budget.share > 0 && !isExhausted(budget),
      (budget) => ({
        text: `${ceilingText(budget)}; the load needs ${numberText(Math.ceil(occupied(budget)))} of them`,
        settings: portSettings(budget),
        fix: CEILING_FIX,
      }),
    ),
  },
  {
    id: "ports-exhausted",
    severity: "error",
    when: "the ports towards a server run out while the load lasts",
    source: "net/ipv4/inet_hashtables.c __inet_hash_connect (EADDRNOTAVAIL)",
    check: forEach(isExhausted, (budget) => {
      const used = budget.perSecond * budget.share;
      return {
        text:
          `${ceilingText(budget)}, and there are ${rateText(used)}: the ports run out after about ` +
          `${timeText((budget.ports / used) * SECOND)} (EADDRNOTAVAIL, 502)`,
        settings: [
          ...portSettings(budget),
          budget.nginx.setting("upstream.closes_first", String(budget.nginx.settings.upstream.closes_first)),
        ],
        fix: CEILING_FIX,
      };
    }),
  },
  {
    id: "port-search",
    severity: "warning",
    when:
      "more than half of the ports are in use, so that each connect() looks at all ports of one " +
      "parity first",
    source: "net/ipv4/inet_hashtables.c __inet_hash_connect (1580ab63fc9a)",
    check: forEach(
      (budget) =>
        budget.half > 0 && occupied(budget) > budget.ports / 2 && budget.nginx.kernel.searchCostNsPerPort > 0,
      (budget) => {
        const costNs = budget.half * budget.nginx.kernel.searchCostNsPerPort;
        const busy = (budget.perSecond * costNs) / SECOND / budget.nginx.settings.worker_processes;
        return {
          text:
            `${numberText(Math.min(budget.ports, Math.ceil(occupied(budget))))} of ` +
            `${countOf(budget.ports, "port")} to ${budget.address} are in use, so that each ` +
            `connect() costs ${timeText(costNs)}: ${shareText(busy)} of an nginx worker`,
          settings: portSettings(budget),
          fix: "fewer ports in use: what raises the ceiling; a wider range makes each search longer",
        };
      },
    ),
  },
  {
    id: "tw-buckets",
    severity: "note",
    when: "tcp_max_tw_buckets is less than the TIME_WAITs that the load leaves",
    source: "net/ipv4/inet_timewait_sock.c inet_twsk_alloc; tcp(7)",
    check(deployment) {
      const { nginx, populations } = deployment;
      if (!nginx) return [];
      const { rules } = nginx.kernel;
      const upstream = budgets(deployment).reduce((sum, { perSecond }) => sum + perSecond, 0);
      const isFront = nginx.listener.address.family === "tcp";
      const clients = populations.filter(({ target, settings }) => target === nginx && !settings.keepalive);
      const lastNs = Math.max(0, ...clients.map(lastsNsOf));
      const front = isFront ? nginx.perSecond : 0;
      const heldNs = Math.min(meanLengthNs(rules, TIME_WAIT_NS), lastNs);
      const wanted = ((upstream + (clients.length > 0 ? front : 0)) * heldNs) / SECOND;
      if (wanted <= rules.maxTwBuckets) return [];
      return [
        {
          text:
            `the load leaves ${numberText(Math.round(wanted))} TIME_WAITs, of which ` +
            `${numberText(rules.maxTwBuckets)} are kept: ` +
            "the rest closes without one, and those ports are free at once",
          settings: [nginx.kernel.sysctl("net.ipv4.tcp_max_tw_buckets"), nginx.kernel.setting("memory")],
          fix:
            "nothing, as long as no late segment of an old connection can reach a new one; a higher " +
            "limit makes ports scarcer",
        },
      ];
    },
  },
  {
    id: "proxy-bind-ports",
    severity: "warning",
    when: "proxy_bind takes its ports by bind(): one budget for all servers, never reused",
    source: "src/event/ngx_event_connect.c; ip(7) IP_BIND_ADDRESS_NO_PORT",
    check: (deployment) => {
      const [budget] = budgets(deployment).filter(({ nginx }) => bindsPort(nginx));
      if (!budget) return [];
      const { nginx, ports, heldNs } = budget;
      const [, , port] = /^(.*?)(?::(\d+))?$/.exec(nginx.settings.proxy_bind) ?? [];
      const most = port === undefined ? ports : 1;
      return [
        {
          text:
            `proxy_bind ${nginx.settings.proxy_bind} leaves ${countOf(most, "port")} for all ` +
            "servers together: " +
            `${rateText((most * SECOND) / heldNs).replace("/s", " connections/s")} that nginx ` +
            "closes first, whatever tcp_tw_reuse says",
          settings: [nginx.setting("proxy_bind"), nginx.kernel.sysctl("net.ipv4.ip_local_port_range")],
          fix:
            "an address without a port, nginx 1.11.4 or newer and Linux 4.2 or newer leave the port " +
            "to connect(): a budget for each server",
        },
      ];
    },
  },
  {
    id: "implicit-upstream",
    severity: "warning",
    when:
      "the application leaves connections open that nginx has no cache for: nginx closes each of " +
      "them first",
    source: "src/http/ngx_http_upstream.c; nginx 1.29.7 change log",
    check: ({ nginx }) =>
      (nginx?.peers ?? [])
        .filter((peer) => peer.address.family === "tcp" && isLeftOpen(nginx as NginxPart, peer))
        .map((peer) => ({
          text:
            `nginx asks ${peer.address.text} to keep connections and keeps none itself: it closes ` +
            "every one first, and each holds a port",
          settings: [(nginx as NginxPart).server(peer, "address"), (nginx as NginxPart).setting("version")],
          fix:
            "an upstream block with keepalive, or Connection: close, with which the application " +
            "closes about as often first",
        })),
  },
];
