// Rules about how clients send: loops, retries, addresses.
//
// Modelled: what retries make of the load when requests fail, what a closed loop cannot show, who is not
// there. Not modelled: what clients do in the meantime.

import { attemptsOf } from "./attempts.js";
import { NEAR_SATURATION, utilisationOf } from "./capacity.js";
import type { Deployment } from "./deployment.js";
import { placesOf } from "./listen-queues.js";
import type { GunicornPart, Population } from "./parts.js";
import { rateOf } from "./population-part.js";
import type { Rule } from "./rule.js";
import { shareOf } from "./shares.js";
import { countOf, numberText, shareText, timeText } from "./words.js";

/** gunicorns that a population comes to. */
function askedBy({ gunicorns, nginx }: Deployment, population: Population): GunicornPart[] {
  return gunicorns.filter((one) => shareOf(one, population, nginx) > 0);
}

export const clientRules: Rule[] = [
  {
    id: "nobody-listens",
    severity: "error",
    when: "nobody listens at an address that is called",
    source: "connect(2): ECONNREFUSED, ENOENT",
    check: ({ unreached, nginx, populations }) =>
      unreached.map((text) => ({
        text,
        settings: [
          ...(nginx?.peers ?? [])
            .filter(({ address }) => text.includes(address.text))
            .map((peer) => nginx?.server(peer, "address")),
          ...populations
            .filter(({ settings }) => settings.target && text.includes(settings.target))
            .map((one) => one.setting("target")),
        ].flatMap((one) => one ?? []),
        fix: "the address that gunicorn.bind or nginx.listen has, as seen from that network namespace",
      })),
  },
  {
    id: "closed-loop",
    severity: "note",
    when: "clients in a closed loop are so few that no queue can overflow",
    source: "B. Schroeder, A. Wierman, M. Harchol-Balter, Open versus closed: a cautionary tale, NSDI 2006",
    check: (deployment) =>
      deployment.populations.flatMap((population) => {
        const { closed } = population.settings;
        const asked = askedBy(deployment, population);
        const places = asked.reduce((sum, one) => sum + placesOf(one), 0);
        if (!closed || asked.length === 0 || closed.concurrency > places) return [];
        return [
          {
            text:
              `${countOf(closed.concurrency, "client")} in a closed loop never have more than ` +
              `${numberText(closed.concurrency)} requests under way, and there are ` +
              `${numberText(places)} places: nothing can be refused, an overload is only slow`,
            settings: [population.setting("closed.concurrency")],
            fix: "arrivals instead of closed for users who come whether or not others are served",
          },
        ];
      }),
  },
  {
    id: "retries-feed-overload",
    severity: "warning",
    when: "retries without a budget can keep up an overload that their cause would not",
    source: "N. Bronson et al., Metastable failures in distributed systems, HotOS 2021",
    check: (deployment) =>
      deployment.populations.flatMap((population) => {
        const { retries } = population.settings;
        if (!retries || retries.budget || retries.attempts < 2) return [];
        return askedBy(deployment, population).flatMap((gunicorn) => {
          const own = rateOf(population) * shareOf(gunicorn, population, deployment.nginx);
          const load = utilisationOf(gunicorn);
          const fed =
            gunicorn.perSecond > 0 ? load * (1 + ((retries.attempts - 1) * own) / gunicorn.perSecond) : 0;
          if (load >= 1 || fed < 1) return [];
          return [
            {
              text:
                `a utilisation of ${shareText(load)} becomes ${shareText(fed)} while requests fail, ` +
                `with ${countOf(retries.attempts, "attempt")} each: an overload that has begun may ` +
                "not end by itself",
              settings: [
                population.setting("retries.attempts"),
                gunicorn.setting("workers"),
                ...gunicorn.appSettings,
              ],
              fix:
                "retries.budget (0.2 of the requests) bounds what is added; a delay with factor 2 " +
                "and jitter only puts it off",
            },
          ];
        });
      }),
  },
  {
    id: "attempts-multiply",
    severity: "warning",
    when: "clients and nginx both repeat a failed request",
    source: "Google, Site Reliability Engineering, 2016, chapter 22",
    check: ({ nginx, populations }) => {
      if (!nginx || attemptsOf(nginx) < 2 || nginx.settings.proxy_next_upstream.includes("off")) return [];
      return populations
        .filter(({ target, settings }) => target === nginx && (settings.retries?.attempts ?? 1) > 1)
        .map((population) => {
          const attempts = population.settings.retries?.attempts as number;
          const all = attempts * attemptsOf(nginx);
          return {
            text:
              `${attempts} attempts of clients x ${attemptsOf(nginx)} of nginx: a request that fails ` +
              `everywhere comes to gunicorn up to ${numberText(all)} times`,
            settings: [population.setting("retries.attempts"), nginx.setting("proxy_next_upstream_tries")],
            fix: "retries at one place only: proxy_next_upstream off, or none in the clients",
          };
        });
    },
  },
  {
    id: "retries-in-step",
    severity: "note",
    when: "clients repeat at once or in step, since there is neither delay nor jitter",
    source: "AWS Architecture Blog, Exponential Backoff And Jitter, 2015",
    check: ({ populations }) =>
      populations.flatMap((population) => {
        const { retries } = population.settings;
        if (
          !retries ||
          retries.attempts < 2 ||
          retries.jitter !== "none" ||
          retries.delay.kind !== "constant"
        )
          return [];
        const { valueNs } = retries.delay;
        const again = valueNs === 0 ? "at once" : `after ${timeText(valueNs)}, all alike`;
        return [
          {
            text:
              `requests that fail together come again together: ${again}, up to ` +
              `${countOf(retries.attempts - 1, "time")}`,
            settings: [population.setting("retries.delay"), population.setting("retries.jitter")],
            fix: "a delay with factor 2 and jitter full; clients wait longer",
          },
        ];
      }),
  },
  {
    id: "peak-overload",
    severity: "warning",
    when: "the load is bearable on average, but not at its peak",
    source: "utilisation law: rate x mean service time / workers",
    check: (deployment) =>
      deployment.populations.flatMap((population) =>
        askedBy(deployment, population).flatMap((gunicorn) => {
          const { busiest } = population;
          const { perSecond = 0, peakPerSecond = 0 } = busiest ?? {};
          const share = shareOf(gunicorn, population, deployment.nginx);
          const load = utilisationOf(gunicorn);
          const peak = load * (1 + ((peakPerSecond - perSecond) * share) / gunicorn.perSecond);
          if (!busiest || load >= 1 || !(peak >= 1)) return [];
          return [
            {
              text:
                `a utilisation of ${shareText(load)} on average is ${shareText(peak)} at ` +
                `${numberText(peakPerSecond)}/s: queues grow for as long as that lasts`,
              settings: [busiest.rate, gunicorn.setting("workers"), ...gunicorn.appSettings],
              fix:
                `workers for ${shareText(NEAR_SATURATION)} at the peak, or a queue that holds what ` +
                "it leaves",
            },
          ];
        }),
      ),
  },
];
