// Rules about starts, reloads and restarts of gunicorn.
//
// Modelled: how long a boot takes and what comes meanwhile; the scenario's events. Not modelled: an event
// that others have changed the load before.

import { durationText } from "../../src/component/units.js";
import { SECOND } from "../../src/engine/time.js";
import { isAtLeast } from "../version.js";
import type { Deployment } from "./deployment.js";
import type { GunicornPart } from "./parts.js";
import type { Rule, Said } from "./rule.js";
import { numberText, timeText } from "./words.js";

/** From the fork of a worker to its first accept. */
export function bootNs({ of, settings }: GunicornPart): number {
  return of.bootNs + (settings.preload_app ? 0 : settings.boot);
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

export const deployRules: Rule[] = [
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
          text:
            `a worker needs ${timeText(bootNs(gunicorn))} to boot and is killed after ` +
            `${timeText(gunicorn.settings.timeout)} of silence: it hardly ever serves`,
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
            text:
              `the reload at ${durationText(at)} leaves nobody to serve for ` +
              `${timeText(bootNs(gunicorn))}: about ${numberText(Math.round(come))} requests queue, ` +
              `${room}`,
            settings: [
              eventSetting(one),
              gunicorn.setting("boot"),
              ...(gunicorn.listeners[0]?.settings ?? []),
            ],
            fix:
              "a queue that holds them; two gunicorns that are reloaded in turn; preload_app has no " +
              "gap but keeps the old code",
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
          ? `, some ${numberText(Math.ceil((gunicorn.perSecond * goneNs) / SECOND))} requests besides`
          : "";
        return [
          {
            text:
              `${what} at ${durationText(at)} resets what is queued, and nobody listens ${until}: ` +
              `502${lost}`,
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
];
