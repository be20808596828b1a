// When a scenario is a system that queueing theory knows.
//
// Modelled: one population of clients (Poisson, constant, modulated, or a closed loop) whose requests come to
// the sync workers of one gunicorn over a unix socket, straight or through one nginx worker that has no queue
// of its own; the cores that such workers share, if a request is all computing; ephemeral ports in TIME_WAIT.
// Not modelled: everything that theory has no exact answer for: events, retries, kept connections, several
// routes, servers or namespaces, threads, rates that change. nginx's processor time is a queue of its own,
// which is left out and said.

import { parseAddress } from "../src/component/address.js";
import type { DistributionSetting } from "../src/component/distribution-setting.js";
import type { Arrivals, QueueingSystem } from "../src/component/queueing-system.js";
import { durationText } from "../src/component/units.js";
import { type Distribution, meanNs } from "../src/engine/distribution.js";
import { SECOND } from "../src/engine/time.js";
import type { Settings as ClientSettings } from "./clients/settings.js";
import { classOf, type GunicornSettings } from "./gunicorn/settings.js";
import { syncWorkers } from "./gunicorn/sync.js";
import { effectiveBacklog, heldBy } from "./linux/accept-queue.js";
import { resolveKernel } from "./linux/sysctls.js";
import { TIME_WAIT_NS } from "./linux/time-wait.js";
import type { NginxSettings } from "./nginx/settings.js";
import { usableConnections } from "./nginx/slots.js";
import { serversOf } from "./nginx/upstream-settings.js";
import { isAtLeast } from "./version.js";

interface Settings {
  kernel: (Parameters<typeof resolveKernel>[0] & {
    memory: number;
    cores?: number;
    timer_slack: boolean;
    port_search_cost: number;
  })[];
  app: { sleep: DistributionSetting; cpu: DistributionSetting; routes?: unknown };
  gunicorn: GunicornSettings[];
  nginx?: NginxSettings;
  clients: ClientSettings[];
  events?: readonly unknown[];
}

const CONSTANT_0: Distribution = { kind: "constant", valueNs: 0 };

/** The system that the validated settings of a scenario describe; undefined if it is none of those above. */
export function queueingSystem(settings: Record<string, unknown>): QueueingSystem | undefined {
  const all = settings as unknown as Settings;
  const [gunicorn, clients, kernel] = [only(all.gunicorn), only(all.clients), only(all.kernel)];
  if (!gunicorn || !clients || !kernel || (all.events ?? []).length > 0 || all.app.routes) return undefined;
  const arrivals = arrivalsOf(clients);
  const service = serviceOf(all.app);
  if (!arrivals || !service || !isPlain(gunicorn) || !isSimple(clients)) return undefined;
  const found = { arrivals, service, gunicorn, clients, kernel, nginx: all.nginx };
  return all.nginx && isOverTcp(all.nginx) ? ports(found) : workers(found, all.app);
}

interface Found {
  arrivals: Arrivals;
  service: Distribution;
  gunicorn: GunicornSettings;
  clients: ClientSettings;
  kernel: Settings["kernel"][number];
  nginx: NginxSettings | undefined;
}

function only<Of>(list: readonly Of[]): Of | undefined {
  return list.length === 1 ? list[0] : undefined;
}

function arrivalsOf({ arrivals, closed }: ClientSettings): Arrivals | undefined {
  if (closed) {
    const { think, concurrency: clients } = closed;
    const thinkMeanNs = withoutFiles(think) && meanNs(think as Distribution);
    return thinkMeanNs ? { kind: "closed", clients, thinkMeanNs } : undefined;
  }
  const phase = only(arrivals ?? []);
  switch (phase?.process) {
    case "poisson":
      return { kind: "poisson", perSecond: phase.rate, batch: phase.batch };
    case "constant":
      return { kind: "constant", perSecond: phase.rate };
    case "mmpp":
      return {
        kind: "mmpp",
        states: phase.states.map((state) => ({ perSecond: state.rate, meanNs: state.for })),
      };
    default:
      return undefined;
  }
}

/** Sleeping or computing, whichever the application does. */
function serviceOf({ sleep, cpu }: Settings["app"]): Distribution | undefined {
  const [one, ...more] = [sleep, cpu].filter(
    (time) => !(time.kind === "constant" && time.valueNs === 0),
  ) as DistributionSetting[];
  if (one === undefined) return CONSTANT_0;
  return more.length === 0 && withoutFiles(one) ? (one as Distribution) : undefined;
}

function withoutFiles(setting: DistributionSetting): boolean {
  if (setting.kind === "mixture") return setting.parts.every(({ of }) => withoutFiles(of));
  if (setting.kind === "truncated") return withoutFiles(setting.of);
  return !("file" in setting);
}

/** Sync workers that live for ever, behind one socket. */
function isPlain(settings: GunicornSettings): boolean {
  const { bind, max_requests, reuse_port, version } = settings;
  // From 26.0 on a worker waits for its peer to close.
  if (bind.length !== 1 || max_requests > 0 || reuse_port || isAtLeast(version, "26.0.0")) return false;
  return classOf(settings, "gunicorn") === "sync";
}

/** Clients that send a request, wait, and do not come back to it. */
function isSimple({ retries, keepalive, cpu, body, target, timeout }: ClientSettings): boolean {
  const isAlone = retries === undefined && keepalive === undefined && timeout === undefined;
  return isAlone && cpu === 0 && body === 0 && target === undefined;
}

function isOverTcp(nginx: NginxSettings): boolean {
  return serversOf(nginx).some(({ address }) => parseAddress(address).family !== "unix");
}

/** Workers, or the cores that they share, behind an accept queue. */
function workers(found: Found, app: Settings["app"]): QueueingSystem | undefined {
  const { arrivals, service, gunicorn, kernel, nginx } = found;
  const [bind] = gunicorn.bind as [string];
  if (parseAddress(bind).family !== "unix") return undefined;
  const front = nginx ? frontOf(found, nginx, bind) : NO_FRONT;
  if (!front) return undefined;
  const overheadNs = gunicorn.overhead ?? syncWorkers.overheadNs;
  const servers = serversBehind(found, app, overheadNs);
  if (!servers) return undefined;
  const { somaxconn } = resolveKernel({ ...kernel, memoryBytes: kernel.memory });
  const places = gunicorn.workers + heldBy(effectiveBacklog(gunicorn.backlog, somaxconn));
  // Of as many requests as nginx has connections for, the next one finds none.
  const isNginxFirst = front.places <= places;
  if (isNginxFirst && (!Number.isInteger(front.places) || front.places < gunicorn.workers)) return undefined;
  const { timeout } = gunicorn;
  const killed = { ofNs: "service", ns: timeout - overheadNs, text: "gunicorn.timeout" } as const;
  return {
    arrivals,
    service,
    overheadNs,
    servers,
    places: Math.min(front.places, places),
    refused: isNginxFirst ? "closed" : nginx ? "502" : "EAGAIN",
    besidesNs: overheadNs + front.delayNs,
    limits: [...front.limits, ...(timeout === 0 ? [] : [killed])],
    leftOut: front.leftOut,
  };
}

/** A machine with as many cores as anybody wants leaves each worker alone. */
function serversBehind(
  { gunicorn, kernel: { cores } }: Found,
  { sleep }: Settings["app"],
  overheadNs: number,
): QueueingSystem["servers"] | undefined {
  if (cores === undefined) return { are: "workers", count: gunicorn.workers };
  const isComputing = sleep.kind === "constant" && sleep.valueNs === 0;
  const isWithoutHerd = gunicorn.wake_cpu === 0 || gunicorn.workers === 1;
  if (!isComputing || !isWithoutHerd || overheadNs > 0 || gunicorn.workers < cores) return undefined;
  return { are: "cores", count: cores, workers: gunicorn.workers };
}

/** What nginx adds: a constant delay, its connections, its time-out. */
interface Front {
  places: number;
  delayNs: number;
  limits: QueueingSystem["limits"];
  leftOut: string[];
}
const NO_FRONT: Front = { places: Number.POSITIVE_INFINITY, delayNs: 0, limits: [], leftOut: [] };

function frontOf(found: Found, nginx: NginxSettings, bind: string): Front | undefined {
  const { arrivals, clients, kernel } = found;
  const server = only(serversOf(nginx));
  const { worker_connections, worker_processes, proxy_read_timeout, request_cpu } = nginx;
  if (worker_processes !== 1 || server?.address !== bind || isLimited(nginx)) return undefined;
  if (server.max_conns > 0 || server.down) return undefined;
  if (request_cpu > 0 && (kernel.cores !== undefined || !isQuick(found, nginx))) return undefined;
  if (!hasPorts(arrivals, clients, nginx.listen.address)) return undefined;
  return {
    places: usableConnections(worker_connections) / 2,
    delayNs: nginx.connect_overhead + nginx.response_overhead,
    limits: [{ ofNs: "sojourn", ns: proxy_read_timeout, text: "nginx.proxy_read_timeout" }],
    leftOut: request_cpu > 0 ? [`nginx's own queue (request_cpu of ${durationText(request_cpu)})`] : [],
  };
}

function isLimited({ limit_req, limit_conn, upstream }: NginxSettings): boolean {
  return limit_req !== undefined || limit_conn !== undefined || upstream.zone;
}

/** The clients' ports stay in TIME_WAIT for a minute; far below what an address has, none is missing. */
function hasPorts(arrivals: Arrivals, { addresses }: ClientSettings, listen: string): boolean {
  if (parseAddress(listen).family === "unix") return true;
  return arrivals.kind !== "closed" && highestRate(arrivals) < MOST_PER_ADDRESS * addresses;
}
/** Two thirds of 28,232 ports a minute. */
const MOST_PER_ADDRESS = 300;

/** Requests a second. */
function highestRate(arrivals: Exclude<Arrivals, { kind: "closed" }>): number {
  return arrivals.kind === "mmpp"
    ? Math.max(...arrivals.states.map(({ perSecond }) => perSecond))
    : arrivals.perSecond;
}

/**
 * Whether requests pass nginx quickly, so that its own queue may be left out: at the highest rate, and
 * behind the others of a batch, in a small part of a service on average (Pollaczek and Khinchine for M/D/1),
 * and none of a batch finds its accept queue full.
 */
function isQuick({ arrivals, service, gunicorn, kernel }: Found, { request_cpu, listen }: NginxSettings) {
  const serviceNs = meanNs(service) ?? 0;
  const batch = arrivals.kind === "poisson" ? arrivals.batch : 1;
  const perNs = arrivals.kind === "closed" ? gunicorn.workers / serviceNs : highestRate(arrivals) / SECOND;
  const busy = perNs * request_cpu;
  const { somaxconn } = resolveKernel({ ...kernel, memoryBytes: kernel.memory });
  if (busy >= 1 || batch > heldBy(effectiveBacklog(listen.backlog, somaxconn))) return false;
  return batch * request_cpu * (1 + busy / (1 - busy) / 2) <= MOST_IN_NGINX * serviceNs;
}
/** What takes a larger part of a service is a station of its own. */
const MOST_IN_NGINX = 0.05;

/** nginx's ports towards an application that is quick, and of which nginx closes every connection first. */
function ports({ arrivals, service, gunicorn, kernel, nginx }: Found): QueueingSystem | undefined {
  const { upstream, connect_overhead, response_overhead, request_cpu, listen } = nginx as NginxSettings;
  const server = only(serversOf(nginx as NginxSettings));
  const resolved = resolveKernel({ ...kernel, memoryBytes: kernel.memory });
  const { twReuse, rangeLow, rangeHigh, reserved, maxTwBuckets } = resolved;
  const isBare = (gunicorn.overhead ?? syncWorkers.overheadNs) + connect_overhead + response_overhead === 0;
  const isInstant = isBare && request_cpu === 0 && meanNs(service) === 0;
  const count = rangeHigh - rangeLow + 1;
  const isExact = !kernel.timer_slack && kernel.port_search_cost === 0 && maxTwBuckets > 2 * count;
  const isFirst = upstream.closes_first === 1 && twReuse === 0 && reserved.length === 0;
  // The clients' own ports: nginx closes those connections, and its end keeps the TIME_WAIT.
  if (!isInstant || !isExact || !isFirst || server?.address !== gunicorn.bind[0]) return undefined;
  if (isLimited(nginx as NginxSettings) || parseAddress(listen.address).family === "unix") return undefined;
  return {
    arrivals,
    service: { kind: "constant", valueNs: TIME_WAIT_NS },
    overheadNs: 0,
    servers: { are: "ports", count },
    places: count,
    refused: "502",
    besidesNs: 0,
    limits: [],
    leftOut: [],
  };
}
