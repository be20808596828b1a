// What the application does with a request.
//
// Modelled: routes with weights; for each of them the time that it waits for others (a database, an API) and
// the processor time that it takes, both drawn at the request's birth; the size of the response. By the
// clock, the whole application can become slower.
// Not modelled: failures of the application itself, responses in parts.

import * as z from "zod";
import { component } from "../src/component/component.js";
import { distribution } from "../src/component/distribution-setting.js";
import { recordedDistribution } from "../src/component/recorded-distribution.js";
import { SettingError } from "../src/component/setting-error.js";
import { bytes, number, pattern, section, toggle } from "../src/component/settings.js";
import type { World } from "../src/component/world.js";
import { type Distribution, isRandom, meanNs, sampler } from "../src/engine/distribution.js";
import { Draws } from "../src/engine/draws.js";
import type { Source } from "../src/engine/random.js";
import { laidOut } from "../src/engine/time.js";
import { ownTimes } from "./own-times.js";

// The recorder keeps a histogram of 220 kB for each route and outcome.
const MOST_ROUTES = 100;

const sleep = "how long a request waits in its worker, without a processor: a duration or a distribution";
const cpu = "processor time of a request: a duration or a distribution";
const body = "size of the response's body";
const steps = { percent: 10, isEnvironment: true } as const;

const route = section(
  {
    path: pattern({
      expected: 'a path such as "/report"',
      form: /^\/\S*$/,
      help: "name of the route, as in the request line",
    }),
    weight: number({ above: 0, help: "share of the requests, relative to the other routes", default: 1 }),
    sleep: distribution({ help: `${sleep}; without it the application's`, steps }).optional(),
    cpu: distribution({ help: `${cpu}; without it the application's`, steps }).optional(),
    body: bytes({ help: `${body}; without it the application's` }).optional(),
  },
  "one kind of request",
);

const settings = section(
  {
    sleep: distribution({ help: sleep, default: "0s", steps }),
    cpu: distribution({ help: cpu, default: "0s", steps }),
    content_length: toggle({
      help: "whether responses announce their length; without it the application always closes first",
      default: true,
      source: "src/http/ngx_http_proxy_module.c",
    }),
    body: bytes({ help: body, default: "2B" }),
    reads_body: toggle({
      help: "whether the application reads the bodies of requests before it answers",
      default: true,
      source: "gunicorn/http/body.py",
    }),
    swallows_exit: toggle({
      help: "whether the application catches the SystemExit of a worker timeout: only SIGKILL ends it",
      default: false,
      source: "gunicorn/workers/base.py handle_abort",
    }),
    routes: z
      .array(route, { error: "a list" })
      .min(1, { error: "a list with at least one route" })
      .max(MOST_ROUTES, { error: `a list with at most ${MOST_ROUTES} routes` })
      .refine((list) => new Set(list.map(({ path }) => path)).size === list.length, {
        error: "routes with different paths",
      })
      .meta({ description: "kinds of requests; what one does not say is as the application says" })
      .optional(),
  },
  "the application",
);

/** What one population's requests ask for. `route` is a number, from 0. */
export interface Demands {
  /** The route of the next request. */
  route(): number;
  /** How long it waits and computes, in whole nanoseconds. */
  sleepNs(route: number): number;
  cpuNs(route: number): number;
  /** Some route takes processor time. */
  readonly computes: boolean;
  /** A time that a request brings along, as slow as the application is now. */
  slowed(ns: number): number;
  /** Time of an average request in its worker; what has no mean that is known counts as nothing. */
  readonly meanNs: number;
}

export const app = component({
  section: "app",
  occurs: "once",
  help: "the application",
  settings,
  build,
});

export type AppSettings = z.output<typeof settings>;

/** One kind of request, complete. */
interface Route {
  path: string;
  weight: number;
  sleep: Distribution;
  cpu: Distribution;
  body: number;
}

/** The routes of the application. Throws a SettingError for files that hold no distribution. */
export function routesOf(declared: AppSettings, table: World["table"]): Route[] {
  return (declared.routes ?? [{ path: "/", weight: 1 }]).map((one, index) => {
    const at = (key: "sleep" | "cpu") => {
      const own = one[key];
      const path = own === undefined ? ["app", key] : ["app", "routes", index, key];
      return recordedDistribution(table, own ?? declared[key], path);
    };
    const { path, weight } = one;
    return { path, weight, sleep: at("sleep"), cpu: at("cpu"), body: one.body ?? declared.body };
  });
}

function build(world: World, declared: AppSettings) {
  const { requests, table, recorder } = world;
  const routes = routesOf(declared, table);
  const bodies = routes.map(({ body }) => body);
  const pace = { factor: 1 };
  world.onReset(() => {
    pace.factor = 1;
  });
  const times = ownTimes(
    world,
    routes.map(({ path }) => path),
  );
  if (routes.length > 1) recorder.tellApart(routes.map(({ path }) => path));
  return {
    announcesLength: declared.content_length,
    readsBody: declared.reads_body,
    swallowsExit: declared.swallows_exit,
    paths: routes.map(({ path }) => path),
    /** How long requests take in other applications. */
    times,
    /** Size of the response to a request, a row of `Requests`. */
    bodyBytes: (request: number) => bodies[requests.route[request] as number] as number,
    /**
     * What a population asks for: its streams begin with `stream`; `weights` are its own, by path. Throws a
     * SettingError at `path` for a path that is no route, and for weights of which none is above zero.
     */
    demands: (stream: string, path: (string | number)[], weights?: Record<string, number>): Demands =>
      demands(world, weighted(routes, path, weights), { stream, pace, times }),
    actions: {
      /** Requests born from now on take `factor` times as long as the settings say. */
      slow(factor: number): void {
        pace.factor = factor;
      },
    },
  };
}

function weighted(
  routes: readonly Route[],
  path: (string | number)[],
  weights: Record<string, number> | undefined,
): readonly Route[] {
  if (!weights) return routes;
  for (const key of Object.keys(weights)) {
    if (routes.some((one) => one.path === key)) continue;
    const known = routes.map((one) => one.path).join(", ");
    throw new SettingError([...path, key], `expected a path of app.routes (${known})`);
  }
  const own = routes.map((one) => ({ ...one, weight: weights[one.path] ?? 0 }));
  if (own.some(({ weight }) => weight > 0)) return own;
  throw new SettingError(path, "expected a weight above zero");
}

// Each route has streams of its own, so that another distribution for one leaves the others' draws as they
// were.
function demands(
  world: World,
  routes: readonly Route[],
  { stream, pace, times }: { stream: string; pace: { factor: number }; times: ReturnType<typeof ownTimes> },
): Demands {
  const draws = (key: "sleep" | "cpu", name: string) =>
    routes.map((one) => {
      const own = routes.length === 1 ? name : `${name} ${one.path}`;
      const distribution = one[key];
      const source: Source = isRandom(distribution) ? world.random(`${stream}.${own}`) : undrawn;
      return new Draws(sampler(distribution, source), source);
    });
  const sleeps = draws("sleep", "service");
  const cpus = draws("cpu", "cpu");
  const total = routes.reduce((sum, { weight }) => sum + weight, 0);
  const means = routes.map((one) => (one.weight * (finite(one.sleep) + finite(one.cpu))) / total);
  const slowed = (ns: number) => (pace.factor === 1 ? ns : Math.round(ns * pace.factor));
  // A call whose target is known is inlined.
  const timeOf = (each: Draws[]): ((route: number) => number) => {
    const [only] = each as [Draws];
    if (each.length === 1) return () => slowed(only.next());
    return (route) => slowed((each[route] as Draws).next());
  };
  const elsewhere = times.draws(stream, slowed);
  const [sleepNs, cpuNs] = [timeOf(sleeps), timeOf(cpus)];
  const also = (here: (route: number) => number, there: ((route: number) => void) | undefined) =>
    there
      ? (route: number) => {
          there(route);
          return here(route);
        }
      : here;
  return laidOut({
    route: chooser(routes, (name) => world.random(`${stream}.${name}`)),
    sleepNs: also(sleepNs, elsewhere?.sleep),
    cpuNs: also(cpuNs, elsewhere?.cpu),
    computes: times.compute() || routes.some(({ cpu }) => !(cpu.kind === "constant" && cpu.valueNs === 0)),
    slowed,
    meanNs: means.reduce((sum, mean) => sum + mean, 0),
  });
}

/** Draws the number of a route, unless only one can come. */
function chooser(routes: readonly Route[], random: (name: string) => Source): () => number {
  const possible = [...routes.keys()].filter((index) => (routes[index] as Route).weight > 0);
  const last = possible.at(-1) as number;
  if (possible.length === 1) return () => last;
  const source = random("route");
  const total = routes.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  const below = Float64Array.from(routes, ({ weight }) => {
    sum += weight;
    return sum / total;
  });
  return () => {
    const uniform = source();
    let route = 0;
    while (route < last && uniform >= (below[route] as number)) route++;
    return route;
  };
}

function finite(distribution: Distribution): number {
  const mean = meanNs(distribution) ?? 0;
  return Number.isFinite(mean) ? mean : 0;
}

function undrawn(): number {
  throw new Error("a constant time draws nothing");
}
