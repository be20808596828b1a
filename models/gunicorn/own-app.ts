// The application that a gunicorn runs.
//
// Modelled: that of the scenario's section `app`, or one of its own, which differs from it in what
// `gunicorn.app` says: times, sizes of answers, what it does with bodies and with the exit of a worker
// timeout. Which paths are asked for, and how often, is up to the clients, and so to the section `app` alone.
// Not modelled: answers that announce their length here and not there (`app.content_length`).

import * as z from "zod";
import { distribution } from "../../src/component/distribution-setting.js";
import { recordedDistribution } from "../../src/component/recorded-distribution.js";
import { SettingError } from "../../src/component/setting-error.js";
import { bytes, section, text, toggle } from "../../src/component/settings.js";
import type { World } from "../../src/component/world.js";
import type { Distribution } from "../../src/engine/distribution.js";
import { app } from "../app.js";
import type { Times } from "../own-times.js";

const steps = { percent: 10, isEnvironment: true } as const;
const differing = {
  sleep: distribution({ help: "how long a request waits in its worker here", steps }).optional(),
  cpu: distribution({ help: "processor time of a request here", steps }).optional(),
  body: bytes({ help: "size of the response's body here" }).optional(),
};

export const ownApp = section(
  {
    ...differing,
    reads_body: toggle({ help: "whether it reads the bodies of requests before it answers" }).optional(),
    swallows_exit: toggle({ help: "whether it catches the SystemExit of a worker timeout" }).optional(),
    routes: z
      .array(section({ path: text({ help: "a path of app.routes" }), ...differing }, "one kind of request"), {
        error: "a list",
      })
      .meta({ description: "kinds of requests that take another time here than others do" })
      .optional(),
  },
  "the application of this gunicorn: what is not said is as the section `app` says",
);

export type OwnApp = z.output<typeof ownApp>;

/**
 * How long requests of a route take in this application; undefined where it does not differ. `path` is that
 * of the gunicorn. Throws a SettingError for files that hold no distribution.
 */
export function ownTime(
  own: OwnApp,
  { route, key, path, table }: { route: string; key: "sleep" | "cpu"; path: string; table: World["table"] },
): Distribution | undefined {
  const place = own.routes?.findIndex((one) => one.path === route) ?? -1;
  const special = own.routes?.[place]?.[key];
  const setting = special ?? own[key];
  const where = special === undefined ? [path, "app", key] : [path, "app", "routes", place, key];
  return setting === undefined ? undefined : recordedDistribution(table, setting, where);
}

/** What workers know of their application. */
export interface Application extends Times {
  readsBody: boolean;
  swallowsExit: boolean;
  /** Size of the answer to a request, which is given now. */
  answered(request: number): number;
}

/** That of the section `app`, which is one for all who have none of their own. */
const common = new WeakMap<World, Application>();

function commonOf(world: World): Application {
  const { requests } = world;
  const { bodyBytes, readsBody, swallowsExit } = world.get(app);
  const known = common.get(world) ?? {
    readsBody,
    swallowsExit,
    sleepNs: (request) => requests.serviceNs[request] as number,
    cpuNs: (request) => requests.cpuNs[request] as number,
    answered: bodyBytes,
  };
  common.set(world, known);
  return known;
}

/** The application of the gunicorn at `path`. Throws a SettingError for routes that there are not. */
export function applicationOf(world: World, own: OwnApp | undefined, path: string): Application {
  if (!own) return commonOf(world);
  const { requests } = world;
  const { bodyBytes, readsBody, swallowsExit, paths, times } = world.get(app);
  const routes = own.routes ?? [];
  for (const [index, one] of routes.entries()) {
    if (paths.includes(one.path)) continue;
    const known = paths.join(", ");
    throw new SettingError(
      [path, "app", "routes", index, "path"],
      `expected a path of app.routes (${known})`,
    );
  }
  const placeOf = (route: string) => routes.findIndex((one) => one.path === route);
  const differs = (key: "sleep" | "cpu") =>
    paths.map((route) => ownTime(own, { route, key, path, table: world.table }));
  const { sleepNs, cpuNs } = times.declare({ name: path, sleep: differs("sleep"), cpu: differs("cpu") });
  const sizes = paths.map((route) => routes[placeOf(route)]?.body ?? own.body);
  return {
    readsBody: own.reads_body ?? readsBody,
    swallowsExit: own.swallows_exit ?? swallowsExit,
    sleepNs,
    cpuNs,
    answered(request) {
      // What the records tell of the request is what it took here.
      requests.serviceNs[request] = sleepNs(request);
      requests.cpuNs[request] = cpuNs(request);
      return sizes[requests.route[request] as number] ?? bodyBytes(request);
    },
  };
}
