// Rules about listen queues: what the kernel makes of a backlog, and bursts that do not fit.
//
// Modelled: backlogs, bursts, what becomes of a SYN that finds the queue full. Not modelled: queues that fill
// because the load lasts (capacity.ts).

import type { FoundSetting } from "../../src/component/finding.js";
import { synTimesNs, threeQuarters } from "../linux/tcp-rules.js";
import type { Deployment } from "./deployment.js";
import type { GunicornPart, KernelPart, PhaseLoad, Population } from "./parts.js";
import type { Rule, Said } from "./rule.js";
import { shareOf } from "./shares.js";
import { countOf, numberText, timeText } from "./words.js";

const isTcp = ({ listeners }: GunicornPart) => listeners.some(({ address }) => address.family === "tcp");

/** A burst and the requests of it that come to a gunicorn. */
interface Burst {
  population: Population;
  phase: PhaseLoad;
  requests: number;
}

export function burstsTo(deployment: Deployment, gunicorn: GunicornPart): Burst[] {
  return deployment.populations.flatMap((population) =>
    population.phases
      .filter(({ declared }) => declared.process === "burst")
      .map((phase) => ({
        population,
        phase,
        requests: Math.round(phase.requests * shareOf(gunicorn, population, deployment.nginx)),
      })),
  );
}

/** Bursts that are more than gunicorn and its accept queues can hold. */
function tooLarge(
  family: "unix" | "tcp",
  say: (burst: Burst, gunicorn: GunicornPart, caller: KernelPart) => Said,
) {
  return (deployment: Deployment): Said[] =>
    deployment.gunicorns
      .filter((one) => isTcp(one) === (family === "tcp"))
      .flatMap((gunicorn) =>
        burstsTo(deployment, gunicorn)
          .filter(({ requests }) => requests > placesOf(gunicorn))
          .map((burst) => say(burst, gunicorn, deployment.nginx?.kernel ?? gunicorn.kernel)),
      );
}

/** Connections that there can be at a gunicorn: at work, hoarded by its workers, queued. */
export function placesOf({ capacity, hoard, queued }: GunicornPart): number {
  return capacity + hoard + queued;
}

export function queueSettings({ listeners, setting }: GunicornPart): FoundSetting[] {
  return [...(listeners[0]?.settings ?? []), setting("workers")];
}

function placesText(gunicorn: GunicornPart): string {
  const { capacity, hoard, queued } = gunicorn;
  const held = hoard > 0 ? `, ${numberText(hoard)} hoarded` : "";
  return (
    `${numberText(placesOf(gunicorn))} (${numberText(capacity)} at work${held}, ` +
    `${numberText(queued)} queued)`
  );
}

export const listenQueueRules: Rule[] = [
  {
    id: "backlog-cut",
    severity: "warning",
    when: "net.core.somaxconn is smaller than gunicorn's backlog",
    source: "net/socket.c __sys_listen; listen(2)",
    check: ({ gunicorns }) =>
      gunicorns.flatMap((gunicorn) =>
        gunicorn.listeners
          .filter(({ asked, backlog }) => backlog < asked)
          .map(({ asked, backlog, limit, text, settings }) => ({
            text:
              `backlog ${asked} is cut to ${backlog} by somaxconn: ${text} holds ` +
              `${numberText(limit)} connections`,
            settings,
            fix:
              `set net.core.somaxconn to ${asked}, in the network namespace that gunicorn lives ` +
              "in, and start it " +
              "anew; a longer queue refuses later and lets requests wait longer",
          })),
      ),
  },
  {
    id: "nginx-backlog-cut",
    severity: "note",
    when: "net.core.somaxconn is smaller than the backlog of nginx's listen",
    source: "net/socket.c __sys_listen; src/event/ngx_event.h NGX_LISTEN_BACKLOG",
    check: ({ nginx }) => {
      if (!nginx || nginx.listener.backlog === nginx.listener.asked) return [];
      const { asked, backlog, limit, text, settings } = nginx.listener;
      return [
        {
          text:
            `nginx's backlog ${asked} is cut to ${backlog} by somaxconn: ${text} holds ` +
            `${numberText(limit)} connections`,
          settings,
          fix:
            `set net.core.somaxconn to ${asked} or more and reload nginx; it only matters for bursts ` +
            "of new connections",
        },
      ];
    },
  },
  {
    id: "nginx-burst",
    severity: "warning",
    when: "more clients connect to nginx at one instant than its accept queue holds",
    source: "src/event/ngx_event.h NGX_LISTEN_BACKLOG; include/net/sock.h sk_acceptq_is_full",
    check({ nginx, populations }) {
      if (!nginx) return [];
      const { listener, settings } = nginx;
      const queues = settings.listen.reuseport ? settings.worker_processes : 1;
      const places = listener.limit * queues + settings.worker_processes;
      const isUnix = listener.address.family === "unix";
      return populations
        .filter(({ target }) => target === nginx)
        .flatMap(({ phases }) => phases)
        .filter(({ declared, requests }) => declared.process === "burst" && requests > places)
        .map(({ requests, rate }) => ({
          text:
            `of a burst of ${numberText(requests)} requests ${numberText(requests - places)} find ` +
            `${listener.text} full, ` +
            `which holds ${numberText(listener.limit)}: ` +
            `${isUnix ? "they are refused (EAGAIN)" : "their SYNs are dropped and come again after 1s"}`,
          settings: [rate, ...listener.settings],
          fix:
            "raise backlog= of nginx's listen, and net.core.somaxconn with it; it costs memory only " +
            "while the queue is full",
        }));
    },
  },
  {
    id: "burst-refused",
    severity: "error",
    when: "a burst is more than gunicorn's workers and their accept queue on a unix socket hold",
    source: "net/unix/af_unix.c unix_stream_connect",
    check: tooLarge("unix", ({ requests, phase }, gunicorn) => ({
      text:
        `of a burst of ${numberText(requests)} requests ${numberText(requests - placesOf(gunicorn))} are ` +
        "refused at once (EAGAIN): " +
        `there are places for ${placesText(gunicorn)}`,
      settings: [phase.rate, ...queueSettings(gunicorn)],
      fix:
        "a longer backlog with somaxconn lets them wait instead; more workers or limit_req in nginx " +
        "shorten the wait",
    })),
  },
  {
    id: "burst-waits",
    severity: "warning",
    when: "a burst is more than gunicorn's workers and their accept queue hold over TCP",
    source: "net/ipv4/tcp_input.c tcp_conn_request; net/ipv4/tcp_timer.c tcp_retransmit_timer",
    check: tooLarge("tcp", ({ requests, phase }, gunicorn, caller) => ({
      text:
        `of a burst of ${numberText(requests)} requests the SYNs of ` +
        `${numberText(requests - placesOf(gunicorn))} are dropped: there are ` +
        `places for ${placesText(gunicorn)}; they come again after ${scheduleText(caller)}`,
      settings: [phase.rate, ...queueSettings(gunicorn)],
      fix:
        "a longer backlog with somaxconn: in the queue they wait in order, outside until a " +
        "repetition meets a free place",
    })),
  },
  {
    id: "abort-on-overflow",
    severity: "warning",
    when: "tcp_abort_on_overflow resets clients of a full TCP accept queue",
    source: "net/ipv4/tcp_minisocks.c tcp_check_req; tcp(7)",
    check: ({ gunicorns }) =>
      gunicorns
        .filter((one) => isTcp(one) && one.kernel.rules.abortOnOverflow)
        .map((gunicorn) => ({
          text:
            `a handshake that ends while ${gunicorn.listeners[0]?.text} holds ` +
            `${numberText(gunicorn.queued)} connections is reset: ` +
            "nginx makes a 502 of it, where it would have waited",
          settings: [gunicorn.kernel.sysctl("net.ipv4.tcp_abort_on_overflow")],
          fix:
            "set net.ipv4.tcp_abort_on_overflow to 0; then they wait and are tried again, up to the " +
            "connect timeout",
        })),
  },
  {
    id: "no-syncookies",
    severity: "warning",
    when: "the SYN queue is bounded, since tcp_syncookies is 0",
    source: "net/ipv4/tcp_input.c tcp_conn_request",
    check: ({ gunicorns }) =>
      gunicorns
        .filter((one) => isTcp(one) && one.kernel.rules.syncookies === 0)
        .map(({ kernel, listeners }) => {
          const { rules } = kernel;
          const backlog = listeners.find(({ address }) => address.family === "tcp")?.backlog as number;
          const most = Math.min(rules.synQueueLimit(backlog), threeQuarters(rules.maxSynBacklog) + 1);
          return {
            text:
              `without SYN cookies ${countOf(most, "handshake")} at most can be under way, further ` +
              "SYNs are dropped",
            settings: [
              kernel.sysctl("net.ipv4.tcp_syncookies"),
              kernel.sysctl("net.ipv4.tcp_max_syn_backlog"),
              ...(listeners[0]?.settings ?? []),
            ],
            fix:
              "set net.ipv4.tcp_syncookies to 1, or raise tcp_max_syn_backlog, at the price of " +
              "memory under a flood",
          };
        }),
  },
];

/** When the SYNs of a caller in this kernel are repeated: `1s, 3s, 7s, 15s, 31s, 63s`. */
export function scheduleText({ rules }: KernelPart): string {
  return synTimesNs(rules).slice(0, -1).map(timeText).join(", ");
}
