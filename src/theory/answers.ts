// The exact answer for a system, if there is one: which formula it takes, and what has to be left out for it.
//
// An answer counts as exact where what it neglects (a queue that is never full, a time-out that never comes)
// has a probability below NEVER, which no run could see.

import type { QueueingSystem } from "../component/queueing-system.js";
import { durationText } from "../component/units.js";
import { meanNs } from "../engine/distribution.js";
import { SECOND } from "../engine/time.js";
import { machineRepair, mg1k, mmppmck } from "../stats/chains.js";
import {
  type Answer,
  batches,
  dm1,
  erlangB,
  erlangC,
  mdc,
  mg1,
  mmck,
  sharedSojournS,
} from "../stats/queues.js";
import { arrivalsDuring, longerThan, moments } from "./service.js";

/** Quantities that a run measures too: shares, and means in seconds. */
export type Quantity = "blocked" | "delayed" | "wait" | "sojourn" | "utilisation";

export interface TheoryAnswer {
  /** `M/M/4/133`. */
  name: string;
  source: string;
  values: Partial<Record<Quantity, number>>;
  /** What the scenario has and the answer has not: empty if it is exact. */
  leftOut: string[];
}

const NEVER = 1e-12;
/** Larger systems of states than that are no answer for in between. */
const MOST_PLACES = 5_000;
/** A constant time that is a larger part of a service makes it another law. */
const MOST_OVERHEAD = 0.05;

/** The answer for the steady state; undefined if there is none, or no steady state. */
export function answerOf(system: QueueingSystem): TheoryAnswer | undefined {
  if (system.servers.are === "ports") return ofPorts(system);
  if (system.servers.are === "cores") return ofCores(system);
  const killed = system.limits.filter((limit) => limit.ofNs === "service");
  if (killed.some(({ ns }) => longerThan(system.service, ns) > NEVER)) return undefined;
  const found = ofWorkers(system);
  if (!found) return undefined;
  const lost = system.limits.filter((limit) => limit.ofNs === "sojourn");
  if (lost.some(({ ns }) => sojournBeyond(system, ns - system.overheadNs) > NEVER)) return undefined;
  const { answer, name, source, leftOut } = found;
  const { blocked, delayed, waitS: wait, utilisation } = answer;
  const nearly = [...system.leftOut, ...leftOut];
  const values = {
    ...(Number.isFinite(system.places) && system.arrivals.kind !== "closed" && { blocked }),
    // What nginx adds to a wait is no wait for a worker, and cannot be told from one.
    ...(nearly.length === 0 && { delayed }),
    wait,
    utilisation,
  };
  return { name, source, values, leftOut: nearly };
}

interface Found {
  name: string;
  source: string;
  answer: Answer;
  leftOut: string[];
}

const exact = (name: string, source: string, answer: Answer): Found => ({
  name,
  source,
  answer,
  leftOut: [],
});

function ofWorkers(system: QueueingSystem): Found | undefined {
  const { arrivals, service, overheadNs, places, servers } = system;
  if (places === servers.count && arrivals.kind === "poisson" && arrivals.batch === 1) return ofLoss(system);
  if (service.kind === "constant") return ofConstant(system, (service.valueNs + overheadNs) / SECOND);
  if (servers.count === 1 && arrivals.kind === "poisson" && arrivals.batch === 1) {
    if (service.kind !== "exponential" || overheadNs > 0) return ofOneWorker(system, arrivals.perSecond);
  }
  if (service.kind !== "exponential" || overheadNs > MOST_OVERHEAD * service.meanNs) return undefined;
  const found = ofExponential(system, (service.meanNs + overheadNs) / SECOND);
  if (!found || overheadNs === 0) return found;
  const own = `gunicorn's ${durationText(overheadNs)} a request`;
  const overhead = `${own} as a time of its own`;
  return { ...found, leftOut: [overhead] };
}

function ofExponential({ arrivals, servers, places }: QueueingSystem, serviceS: number): Found | undefined {
  const { count } = servers;
  const law = `M/${count}${placesText(places)}`;
  switch (arrivals.kind) {
    case "poisson": {
      const { perSecond, batch } = arrivals;
      if (!isSteady(perSecond * serviceS, count, places)) return undefined;
      if (batch === 1)
        return exact(
          `M/${law}`,
          "birth and death (A. Erlang, 1917)",
          mmck(perSecond, serviceS, count, places),
        );
      if (count > 1 || batchesFill(perSecond * serviceS, batch, places) > NEVER) return undefined;
      return exact(`M^${batch}/M/1`, "D. Burke, 1975", batches(perSecond, batch, serviceS));
    }
    case "constant": {
      if (count > 1 || arrivals.perSecond * serviceS >= 1) return undefined;
      const answer = dm1(arrivals.perSecond, serviceS);
      return answer.delayed ** places > NEVER ? undefined : exact("D/M/1", "D. Lindley, 1952", answer);
    }
    case "mmpp": {
      if (places > MOST_PLACES) return undefined;
      const states = arrivals.states.map(({ perSecond, meanNs: ns }) => ({
        arrivalsPerSecond: perSecond,
        meanS: ns / SECOND,
      }));
      const answer = mmppmck(states, serviceS, count, places);
      return exact(`MMPP(${states.length})/${law}`, "Markov chain", answer);
    }
    case "closed": {
      const { clients, thinkMeanNs } = arrivals;
      if (clients > Math.min(places, MOST_PLACES)) return undefined;
      const answer = machineRepair(clients, thinkMeanNs / SECOND, serviceS, count);
      return exact(`M/M/${count}//${clients}`, "machine repair (C. Palm, 1947)", answer);
    }
  }
}

/** M/G/c/c: without a queue only the mean of the service counts. */
function ofLoss({ arrivals, service, overheadNs, servers: { count } }: QueueingSystem): Found | undefined {
  const mean = meanNs(service);
  if (mean === undefined || arrivals.kind !== "poisson") return undefined;
  const answer = mmck(arrivals.perSecond, (mean + overheadNs) / SECOND, count, count);
  return exact(
    `M/${service.kind === "exponential" ? "M" : "G"}/${count}/${count}`,
    "Erlang B (1917)",
    answer,
  );
}

/** M/D/c: with one worker for any number of places, with several for a queue that is never full. */
function ofConstant(system: QueueingSystem, serviceS: number): Found | undefined {
  const { arrivals, places, servers } = system;
  if (arrivals.kind !== "poisson" || arrivals.batch > 1 || serviceS === 0) return undefined;
  const { count } = servers;
  if (count === 1 && places <= MOST_PLACES) return ofOneWorker(system, arrivals.perSecond);
  const load = arrivals.perSecond * serviceS;
  if (load >= count || constantFills(load, count, places) > NEVER) return undefined;
  return exact(`M/D/${count}`, "C. Crommelin, 1932", mdc(arrivals.perSecond, serviceS, count));
}

/** M/G/1/K, or M/G/1 where the queue is never full. */
function ofOneWorker({ service, overheadNs, places }: QueueingSystem, perSecond: number): Found | undefined {
  const of = moments(service, overheadNs);
  if (!of || !isSteady(perSecond * of.meanS, 1, places)) return undefined;
  const most = Math.min(places, MOST_PLACES);
  const during = arrivalsDuring(service, overheadNs, perSecond, most + 40);
  if (!during || during[0] === 0) return undefined;
  const law = service.kind === "constant" ? "D" : "G";
  const limited = mg1k(perSecond, of.meanS, most, during);
  if (limited.blocked < NEVER) return exact(`M/${law}/1`, "Pollaczek and Khinchine", mg1(perSecond, of));
  if (most < places) return undefined;
  return exact(`M/${law}/1${placesText(places)}`, "embedded chain (J. Keilson, 1966)", limited);
}

/** Without room for all, or with too much of it to be ever filled, a queue that grows has no steady state. */
function isSteady(load: number, servers: number, places: number): boolean {
  return load < servers || places <= MOST_PLACES;
}

function placesText(places: number): string {
  return places > 100 * MOST_PLACES ? "" : `/${places}`;
}

/** M/M/R/K counts what cores of equal jobs have to do; M/G/1-PS any, if each has a worker. */
function ofCores(system: QueueingSystem): TheoryAnswer | undefined {
  const { arrivals, service, servers, places, leftOut, limits } = system;
  const meanS = (meanNs(service) ?? Number.NaN) / SECOND;
  if (arrivals.kind !== "poisson" || arrivals.batch > 1 || limits.length > 0 || !(meanS > 0))
    return undefined;
  const { perSecond } = arrivals;
  const load = perSecond * meanS;
  const { count, workers = 0 } = servers;
  if (service.kind === "exponential" && isSteady(load, count, places)) {
    const { blocked, waitS } = mmck(perSecond, meanS, count, places);
    const name = `M/M/${count}-PS${placesText(places)}`;
    return { name, source: "birth and death", values: { blocked, sojourn: waitS + meanS }, leftOut };
  }
  // The number in the system is geometric.
  if (count > 1 || load >= 1 || load ** workers > NEVER) return undefined;
  return {
    name: "M/G/1-PS",
    source: "L. Kleinrock, 1967",
    values: { sojourn: sharedSojournS(load, meanS) },
    leftOut,
  };
}

/** M/G/c/c: a port is held for a time of which only the mean counts. */
function ofPorts({ arrivals, service, servers, leftOut }: QueueingSystem): TheoryAnswer | undefined {
  if (arrivals.kind !== "poisson" || arrivals.batch > 1) return undefined;
  const load = (arrivals.perSecond * (meanNs(service) as number)) / SECOND;
  const name = `M/G/${servers.count}/${servers.count}`;
  return { name, source: "Erlang B (1917)", values: { blocked: erlangB(servers.count, load) }, leftOut };
}

/** An upper bound of the probability that a request is in the system for longer. */
function sojournBeyond(system: QueueingSystem, ns: number): number {
  const { service, overheadNs, servers, places, arrivals } = system;
  const most = arrivals.kind === "closed" ? Math.min(places, arrivals.clients) : places;
  if (most <= servers.count) return longerThan(service, ns);
  const rounds = Math.ceil((most - servers.count) / servers.count);
  if (service.kind === "constant") return (rounds + 1) * (service.valueNs + overheadNs) > ns ? 1 : 0;
  if (service.kind !== "exponential") return 1;
  const meanNs = service.meanNs + overheadNs;
  // Whoever finds all places but one taken waits for most - servers ends of services: an Erlang law, whose
  // tail Chernoff bounds; then its own service. Half the time for each.
  const rate = servers.count / meanNs;
  const stages = most - servers.count;
  const ratio = stages === 0 ? Number.POSITIVE_INFINITY : (rate * ns) / 2 / stages;
  const ofQueue =
    ratio <= 1 ? 1 : Math.exp(stages === 0 ? -Infinity : stages * (1 + Math.log(ratio) - ratio));
  const ofService = Math.exp(-ns / 2 / meanNs);
  return Math.min(ofQueue, endlessWait(system, ns / 2)) + ofService;
}

/** P(wait > t) in M/M/c, which has no fewer waiting than any M/M/c/K. */
function endlessWait({ arrivals, service, overheadNs, servers }: QueueingSystem, ns: number): number {
  if (arrivals.kind !== "poisson" || arrivals.batch > 1) return 1;
  const meanS = ((meanNs(service) as number) + overheadNs) / SECOND;
  const load = arrivals.perSecond * meanS;
  if (load >= servers.count) return 1;
  return erlangC(servers.count, load) * Math.exp((-(servers.count - load) / meanS) * (ns / SECOND));
}

/**
 * An upper bound of how often M/D/c/K refuses: whoever is refused would wait for at least (K - c) / c
 * services in M/D/c, and P(wait > t) is at most exp(-theta t), theta = lambda (x - 1) with x > 1 from x^c =
 * exp(a (x - 1)). J. Kingman, J. Aust. Math. Soc. 4, 1964.
 */
function constantFills(load: number, servers: number, places: number): number {
  const root = rootAbove((x) => servers * Math.log(x) - load * (x - 1));
  return Math.exp(-load * (root - 1) * Math.floor((places - servers) / servers));
}

/**
 * The same of M^X/M/1/K, in which n requests or more have a probability of about x^-(n - b), with x > 1 from
 * (load / b) (x^b - 1) = 1 - 1 / x; one batch more is to the safe side.
 */
function batchesFill(load: number, batch: number, places: number): number {
  if (load >= 1) return 1;
  const root = rootAbove((x) => 1 - 1 / x - (load / batch) * (x ** batch - 1));
  return root ** -(places - 2 * batch);
}

/** The zero above 1 of a function that is positive between 1 and there, to the safe side. */
function rootAbove(of: (x: number) => number): number {
  let [low, high] = [1, 2];
  while (of(high) > 0) high *= 2;
  // Just above 1 it is positive, though a computer may not see it.
  for (let step = 0; step < 200 && high - low > 1e-12; step++) {
    const middle = (low + high) / 2;
    if (of(middle) > 0) low = middle;
    else high = middle;
  }
  return low;
}
