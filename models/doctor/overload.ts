// Rules about a load that is more than the workers serve.
//
// Modelled: a queue that grows by the difference of the rates until the load ends: whether places run out
// before, and who gives the last ones up. Not modelled: chance; what retries add.

import type { FoundSetting } from "../../src/component/finding.js";
import { SECOND } from "../../src/engine/time.js";
import { synTimesNs } from "../linux/tcp-rules.js";
import { loadLastsNs, loadSettings, servedPerSecond, utilisationOf, workersNeeded } from "./capacity.js";
import type { Deployment } from "./deployment.js";
import { queueSettings } from "./listen-queues.js";
import type { GunicornPart } from "./parts.js";
import type { Rule, Said } from "./rule.js";
import { shareOf } from "./shares.js";
import { countOf, numberText, rateText, shareText, timeText } from "./words.js";

/** What becomes of a load that is more than the workers serve. */
interface Fate {
  gunicorn: GunicornPart;
  isTcp: boolean;
  /** How long the load lasts, when every place is taken, and how long the last request has to wait then. */
  lastsNs: number;
  fullNs: number;
  waitNs: number;
  /** Places run out, and over TCP no SYN is repeated for so long. */
  isRefused: boolean;
  /** Who gives the last request up before its turn comes. */
  patience: Patience | undefined;
}

interface Patience {
  ns: number;
  text: string;
  setting: FoundSetting;
}

function fateOf(deployment: Deployment, gunicorn: GunicornPart): Fate {
  const { capacity, hoard, queued, perSecond, listeners } = gunicorn;
  const served = servedPerSecond(gunicorn);
  const lastsNs = loadLastsNs(deployment, gunicorn);
  const fullNs = (capacity / perSecond + (hoard + queued) / (perSecond - served)) * SECOND;
  const waitNs = ((perSecond - served) / served) * lastsNs;
  const isTcp = listeners.some(({ address }) => address.family === "tcp");
  const isRefused = fullNs < lastsNs && (!isTcp || waitNs > triesNs(deployment, gunicorn));
  const patience = patienceOf(deployment, gunicorn).find(({ ns }) => ns < waitNs);
  return { gunicorn, isTcp, lastsNs, fullNs, waitNs, isRefused, patience };
}

/** How long a connect() over TCP is tried. */
function triesNs({ nginx }: Deployment, { kernel }: GunicornPart): number {
  const kernelNs = synTimesNs((nginx?.kernel ?? kernel).rules).at(-1) as number;
  return Math.min(kernelNs, nginx?.settings.proxy_connect_timeout ?? kernelNs);
}

function patienceOf({ nginx, populations }: Deployment, gunicorn: GunicornPart): Patience[] {
  const isBehind = nginx?.peers.some((peer) => peer.gunicorn === gunicorn);
  const clients = populations.flatMap((one): Patience[] => {
    const { timeout: ns } = one.settings;
    const isAsking = shareOf(gunicorn, one, nginx) > 0;
    return ns && isAsking
      ? [{ ns, text: "the patience of its client", setting: one.setting("timeout") }]
      : [];
  });
  if (!nginx || !isBehind) return clients;
  const { proxy_read_timeout: ns } = nginx.settings;
  return [...clients, { ns, text: "nginx's read timeout", setting: nginx.setting("proxy_read_timeout") }];
}

const overloads = (is: (fate: Fate) => boolean, say: (fate: Fate) => Said) => (deployment: Deployment) =>
  deployment.gunicorns
    .filter((one) => utilisationOf(one) >= 1)
    .map((one) => fateOf(deployment, one))
    .filter(is)
    .map((fate) => {
      const said = say(fate);
      return { ...said, settings: [...loadSettings(deployment, fate.gunicorn), ...said.settings] };
    });

function loadText({ gunicorn }: Fate): string {
  const { perSecond, text, serviceNs, settings } = gunicorn;
  const most = servedPerSecond(gunicorn);
  const verb = settings.workers === 1 ? "serves" : "serve";
  return (
    `${rateText(perSecond)} are ${numberText(perSecond / most)} times what ${text} ${verb} ` +
    `(${rateText(most)}, ${timeText(serviceNs)} each)`
  );
}

const SOURCE = "utilisation law: rate x mean service time / workers";

const enough = ({ gunicorn }: Fate) => countOf(Math.ceil(workersNeeded(gunicorn)), "worker");

export const overloadRules: Rule[] = [
  {
    id: "overload",
    severity: "error",
    when: "more comes than the workers serve, for so long that every place is taken",
    source: SOURCE,
    check: overloads(
      ({ isRefused }) => isRefused,
      (fate) => ({
        text:
          `${loadText(fate)}: after about ${timeText(fate.fullNs)} every place is taken, and from then on ` +
          `${shareText(1 - servedPerSecond(fate.gunicorn) / fate.gunicorn.perSecond)} ` +
          `${fate.isTcp ? "have their SYNs dropped" : "are refused"}`,
        settings: queueSettings(fate.gunicorn).slice(0, 2),
        fix:
          `${enough(fate)} would be enough, or a faster application; a longer queue only makes them ` +
          "wait before they fail",
      }),
    ),
  },
  {
    id: "overload-too-late",
    severity: "error",
    when: "more comes than the workers serve, for so long that somebody gives the last ones up",
    source: SOURCE,
    check: overloads(
      ({ isRefused, patience }) => !isRefused && patience !== undefined,
      (fate) => {
        const { ns, text, setting } = fate.patience as Patience;
        return {
          text:
            `${loadText(fate)}: after ${timeText(fate.lastsNs)} the last one has to wait ` +
            `${timeText(fate.waitNs)}, longer than ${text} of ${timeText(ns)}`,
          settings: [setting],
          fix: `${enough(fate)} would be enough; a shorter queue refuses at once what would be too late`,
        };
      },
    ),
  },
  {
    id: "overload-queues",
    severity: "warning",
    when: "more comes than the workers serve, but only for so long that all are served in the end",
    source: SOURCE,
    check: overloads(
      ({ isRefused, patience }) => !isRefused && patience === undefined,
      (fate) => {
        const left = ((fate.gunicorn.perSecond - servedPerSecond(fate.gunicorn)) * fate.lastsNs) / SECOND;
        return {
          text:
            `${loadText(fate)}: after ${timeText(fate.lastsNs)} about ` +
            `${numberText(Math.round(left))} requests are left, ` +
            `the last of which waits ${timeText(fate.waitNs)}`,
          settings: [],
          fix: "more workers shorten the wait; a load like this that lasts fills the queue",
        };
      },
    ),
  },
];
