// A gunicorn as rules see it.
//
// Modelled: what its class takes and does at a time, its listening sockets, and the mean time of a request,
// weighted by the shares of the routes that its callers ask for. Not modelled: what workers lose by being
// replaced.

import type { FoundSetting } from "../../src/component/finding.js";
import type { World } from "../../src/component/world.js";
import { type Distribution, meanNs } from "../../src/engine/distribution.js";
import { type AppSettings, routesOf } from "../app.js";
import { WORKER_CLASSES } from "../gunicorn/gunicorn.js";
import { ownTime } from "../gunicorn/own-app.js";
import { classOf, type GunicornSettings } from "../gunicorn/settings.js";
import { isAtLeast } from "../version.js";
import { meanOfDraws } from "./draws.js";
import { kernelNamed, listenerPart } from "./kernel-part.js";
import type { GunicornPart, KernelPart, Population, RouteTimes } from "./parts.js";
import { rateOf } from "./population-part.js";
import { countOf } from "./words.js";

export function gunicornPart(settings: GunicornSettings, kernels: readonly KernelPart[]): GunicornPart {
  const { name, version, workers, reuse_port } = settings;
  const path = name === undefined ? "gunicorn" : `gunicorn.${name}`;
  const className = classOf(settings, path);
  const of = WORKER_CLASSES[className];
  const kernel = kernelNamed(kernels, settings.kernel);
  const setting = (key: string): FoundSetting => ({ path: [path, key], of: `gunicorn ${version}` });
  const hasOwnSockets = reuse_port && workers > 1 && isAtLeast(version, "24.0.0");
  const asked = of.backlog ?? settings.backlog;
  const listeners = settings.bind.map((bind) =>
    listenerPart(kernel, {
      bind,
      asked,
      setting: setting(of.backlog === undefined ? "backlog" : "worker_class"),
    }),
  );
  const queued = listeners.reduce((sum, { limit }) => sum + limit, 0);
  const capacity = workers * of.atOnce(settings);
  return {
    path,
    settings,
    className,
    of,
    text: countOf(workers, `${className} worker`),
    kernel,
    listeners,
    hasOwnSockets,
    overheadNs: settings.overhead ?? of.overheadNs,
    capacity,
    hoard: Math.max(0, workers * of.takes(settings) - capacity) || 0,
    queued: hasOwnSockets ? queued * workers : queued,
    ...UNASKED,
    setting,
  };
}

const UNASKED = { perSecond: 0, sleepNs: 0, cpuNs: 0, serviceNs: 0, times: [], appSettings: [] };

/** Who asks a gunicorn, and for which share of a population's requests. */
export interface Asked {
  population: Population;
  share: number;
}

/** Fills in what depends on who asks; of a backup, whom nobody asks as yet, what everybody would. */
export function measure(
  gunicorn: GunicornPart,
  all: readonly Asked[],
  { app, table }: { app: AppSettings; table: World["table"] },
): void {
  const asking = all.filter(({ share }) => share > 0);
  const asked = asking.length > 0 ? asking : all.map((one) => ({ ...one, share: 1 }));
  const { settings, path, overheadNs } = gunicorn;
  const routes = routesOf(app, table);
  const own = (route: string, key: "sleep" | "cpu") =>
    settings.app && ownTime(settings.app, { route, key, path, table });
  // Clients that have no rate, as closed loops, count alike.
  const isRated = asked.some(({ population }) => rateOf(population) > 0);
  const weightOf = ({ population, share }: Asked) => (isRated ? rateOf(population) * share : share);
  const total = asked.reduce((sum, one) => sum + weightOf(one), 0);
  const times = routes.flatMap(({ path: route, weight, sleep, cpu }): RouteTimes[] => {
    const shares = asked.map((one) => {
      const weights = one.population.settings.routes;
      const all = routes.reduce(
        (sum, { path, weight }) => sum + (weights ? (weights[path] ?? 0) : weight),
        0,
      );
      return (weightOf(one) / total) * ((weights ? (weights[route] ?? 0) : weight) / all);
    });
    const share = shares.reduce((sum, one) => sum + one, 0);
    if (!(share > 0)) return [];
    return [{ weight: share, sleep: own(route, "sleep") ?? sleep, cpu: own(route, "cpu") ?? cpu }];
  });
  const mean = (key: "sleep" | "cpu") =>
    times.reduce((sum, one) => sum + one.weight * finiteMean(one[key]), 0);
  gunicorn.times = times;
  gunicorn.perSecond = all.reduce((sum, { population, share }) => sum + rateOf(population) * share, 0);
  gunicorn.sleepNs = mean("sleep");
  gunicorn.cpuNs = mean("cpu");
  gunicorn.serviceNs = gunicorn.sleepNs + gunicorn.cpuNs + overheadNs;
  gunicorn.appSettings = appSettings(gunicorn, app);
}

/** A mean that nobody knows, as that of a truncated distribution, is taken from draws. */
function finiteMean(distribution: Distribution): number {
  const known = meanNs(distribution);
  return known !== undefined && Number.isFinite(known) ? known : meanOfDraws(distribution);
}

function appSettings({ settings, path, sleepNs, cpuNs }: GunicornPart, app: AppSettings): FoundSetting[] {
  const keys = [...(sleepNs > 0 ? ["sleep" as const] : []), ...(cpuNs > 0 ? ["cpu" as const] : [])];
  return keys.map((key) => {
    const isOwn = settings.app?.[key] !== undefined || settings.app?.routes !== undefined;
    const at = isOwn ? [path, "app"] : ["app"];
    const inRoutes = isOwn ? settings.app?.routes : app.routes;
    return { path: [...at, inRoutes ? "routes" : key], of: "recvq" };
  });
}
