// The queues of the books as scenarios: clients that connect straight to gunicorn without overheads. A queue with K
// places is `workers` servers and an accept queue of backlog + 1 connections: K = workers + backlog + 1. Processor
// sharing is more workers than anybody ever needs, whose requests share the cores of the machine.

import { randomGamma } from "d3-random";
import { streams } from "../../src/engine/random.js";
import type { Moments, System } from "./sample.js";
import { none, ofBatches, ofStates, type State, type Surprises } from "./surprises.js";

/** A law of service times, as a scenario writes it. */
export interface Service extends Moments {
  law: string;
}

export interface Queue {
  arrivals: "poisson" | "constant" | "gamma" | "mmpp" | "closed";
  /** On average; of a closed queue with nobody waiting. */
  ratePerSecond: number;
  service: Service;
  servers: number;
  /** The service is processor time, and the servers share so many cores. */
  cores?: number;
  /** Servers and waiting places together; Infinity for a queue without a limit. */
  places: number;
  /** Coefficient of variation of gamma gaps between arrivals. */
  gapCv?: number;
  /** Requests that come together. */
  batch?: number;
  /** Of a Markov-modulated Poisson process. */
  states?: readonly [State, State];
  /** Clients of a closed queue, who think for an exponential time. */
  closed?: { clients: number; thinkS: number };
  /** Who finds no place comes again after exponential times with this rate, until there is one. */
  retrialsPerSecond?: number;
}

export function exponential(meanS: number): Service {
  return { law: `{ exponential: ${meanS}s }`, meanS, squareS2: 2 * meanS ** 2 };
}

export function constant(meanS: number): Service {
  return { law: `${meanS}s`, meanS, squareS2: meanS ** 2 };
}

/** Two exponential phases with balanced means. */
export function hyperexponential(meanS: number, cv: number): Service {
  const law = `{ hyperexponential: { mean: ${meanS}s, cv: ${cv} } }`;
  return { law, meanS, squareS2: (1 + cv ** 2) * meanS ** 2 };
}

export function gamma(meanS: number, cv: number): Service {
  return { law: `{ gamma: { mean: ${meanS}s, cv: ${cv} } }`, meanS, squareS2: (1 + cv ** 2) * meanS ** 2 };
}

/** `shortS` with probability 1 - `longShare`, otherwise `longS`. */
export function bimodal(shortS: number, longS: number, longShare: number): Service {
  return mixture([
    { weight: 1 - longShare, of: shortS },
    { weight: longShare, of: longS },
  ]);
}

/** Each of these seconds with its probability. */
export function mixture(parts: readonly { weight: number; of: number }[]): Service {
  return {
    law: `{ mixture: [${parts.map(({ weight, of }) => `{ weight: ${weight}, of: ${of}s }`).join(", ")}] }`,
    meanS: parts.reduce((sum, { weight, of }) => sum + weight * of, 0),
    squareS2: parts.reduce((sum, { weight, of }) => sum + weight * of ** 2, 0),
  };
}

/**
 * Every replication starts empty. After 15 relaxation times exp(-15) = 3e-7 of that is left, and 4e-5 where the formula
 * is a third too short (E4); averaged over the 60 that are measured it is a ten thousandth of the narrowest half-width.
 */
const WARM_UP_RELAXATIONS = 15;
/** So many that values of replications are close to normal; the 30 of them that there are at least make 1800. */
const MEASURED_RELAXATIONS = 60;
/** A shorter replication would cost more to set up than to run. */
const FEWEST_MEASURED = 10_000;

/** The queue as a system that can be simulated and measured. */
export function queueSystem(queue: Queue): System {
  const before = Math.ceil(WARM_UP_RELAXATIONS * relaxation(queue));
  const measured = Math.max(FEWEST_MEASURED, Math.ceil(MEASURED_RELAXATIONS * relaxation(queue)));
  const after = queue.retrialsPerSecond === undefined ? 0 : before;
  const text = scenarioText(queue, before + measured + after);
  const { service, cores } = queue;
  const common = { text, refused: refusal(queue), before, measured, after, service };
  const own = { ...common, surprises: surprises(queue), ...(cores === undefined ? {} : { cores }) };
  if (queue.arrivals !== "gamma") return own;
  return { ...own, isTraced: true, trace: (...which) => gammaTimes(queue, before + measured, ...which) };
}

/** Arrivals whose gaps are independent and have a gamma law: a scenario has them as recorded times. */
function gammaTimes({ ratePerSecond, gapCv = 1 }: Queue, count: number, seed: string, replication: number) {
  const random = streams(seed, replication).stream("theory.gaps");
  const gapS = randomGamma.source(random)(gapCv ** -2, gapCv ** 2 / ratePerSecond);
  let time = 0;
  return Float64Array.from({ length: count }, () => {
    time += gapS();
    return time;
  });
}

function surprises({ ratePerSecond, batch = 1, states, closed, retrialsPerSecond }: Queue): Surprises {
  if (states) return ofStates(states);
  // The wait of somebody who comes again is decided by those who come later.
  return closed || retrialsPerSecond !== undefined ? none : ofBatches(ratePerSecond, batch);
}

/** The largest backlog that the kernel takes: more than any run here can fill. */
const UNLIMITED = 2 ** 31 - 1;

/**
 * The scenario's YAML with this number of requests. An accept queue holds at least one connection, so a loss system
 * without waiting room stands behind nginx: of its connections two are its own and a request takes two, so with
 * 2 + 2 servers of them a client who finds all servers busy is closed without an answer.
 */
function scenarioText(queue: Queue, requests: number): string {
  const { service, servers, places, cores } = queue;
  const isLoss = places === servers;
  const backlog = isLoss || places === Number.POSITIVE_INFINITY ? UNLIMITED : places - servers - 1;
  const nginx = `nginx:
  worker_connections: ${2 + 2 * servers}
  upstream: { servers: [unix:/run/gunicorn.sock] }
  proxy_read_timeout: 10d
  connect_overhead: 0s
  response_overhead: 0s
  request_cpu: 0s
`;
  return `kernel: { ${cores === undefined ? "" : `cores: ${cores}, `}sysctl: { net.core.somaxconn: ${UNLIMITED} } }
clients: { ${sending(queue, requests)}${retries(queue)} }
${isLoss ? nginx : ""}gunicorn:
  bind: unix:/run/gunicorn.sock
  workers: ${servers}
  backlog: ${backlog}
  overhead: 0s
  timeout: 0s
  wake_cpu: 0s
app: { ${cores === undefined ? "sleep" : "cpu"}: ${service.law} }
`;
}

function sending({ arrivals, ratePerSecond, batch, states, closed }: Queue, requests: number): string {
  if (closed) {
    const think = `{ exponential: ${closed.thinkS}s }`;
    return `closed: { concurrency: ${closed.clients}, think: ${think}, requests: ${requests} }`;
  }
  if (states) {
    const each = states.map((state) => `{ rate: ${state.ratePerSecond}/s, for: ${state.meanS}s }`);
    return `arrivals: { process: mmpp, states: [${each.join(", ")}], requests: ${requests} }`;
  }
  if (arrivals === "gamma") return "arrivals: [{ process: trace, file: gaps.csv }]";
  const together = batch === undefined ? "" : `, batch: ${batch}`;
  return `arrivals: { process: ${arrivals}, rate: ${ratePerSecond}/s${together}, requests: ${requests} }`;
}

/** Without an end, as in the books. */
function retries({ retrialsPerSecond: rate }: Queue): string {
  if (rate === undefined) return "";
  const delay = `{ exponential: ${1 / rate}s }`;
  return `, retries: { on: [closed], attempts: 1000000000, delay: ${delay}, most: 10d }`;
}

/** What becomes of a client who finds no place. */
function refusal({ servers, places }: Queue): string {
  return places === servers ? "closed" : "EAGAIN";
}

/**
 * Relaxation time in arrivals: how many it takes until the queue has forgotten its start but for a factor 1/e.
 *
 * It is that of a Brownian motion with the queue's drift and variance, reflected at 0 and, if there is a limit, at K
 * (J. Abate and W. Whitt, Adv. Appl. Prob. 19, 1987; the eigenvalues of D. Cox and H. Miller, The Theory of Stochastic
 * Processes, 5.7), after the service itself. In units of E[S]/c, with drift d = 1 - rho and variance
 * v = rho (ca^2 + cs^2):
 *
 *   rate = d^2 / 2v + pi^2 v / 2K^2
 *
 * Checked against the eigenvalues of the Markov chains and the decay rates of the M/G/1, M/D/c and D/M/1 cases: it is
 * between 0.68 (E4) and 5 times the exact one.
 *
 * Arrivals that are no renewal process have the limit of their index of dispersion in the place of ca^2. To the time of
 * the queue come those of what is before it: the states of a modulated process, the thinking of a closed queue's
 * clients, the orbit of those who come again.
 */
function relaxation(queue: Queue): number {
  const { ratePerSecond, service, places, retrialsPerSecond } = queue;
  const servers = queue.cores ?? queue.servers;
  const { meanS, squareS2 } = service;
  const utilisation = (ratePerSecond * meanS) / servers;
  const serviceScv = squareS2 / meanS ** 2 - 1;
  const variance = utilisation * (dispersion(queue) + serviceScv);
  // Who comes again waits for a place, so to speak, as in a queue without a limit.
  const most = retrialsPerSecond === undefined ? places : Number.POSITIVE_INFINITY;
  const rate = (1 - utilisation) ** 2 / (2 * variance) + (Math.PI ** 2 * variance) / (2 * most ** 2);
  return ratePerSecond * (meanS * (1 + serviceScv) + meanS / servers / rate + before(queue));
}

/** Variance of the number of arrivals over its mean, in the long run. */
function dispersion({ arrivals, ratePerSecond, batch = 1, states, gapCv = 1 }: Queue): number {
  if (arrivals === "constant") return 0;
  if (arrivals === "gamma") return gapCv ** 2;
  if (!states) return batch;
  const total = states.reduce((sum, state) => sum + state.meanS, 0);
  const variance = states.reduce(
    (sum, state) => sum + (state.meanS / total) * (state.ratePerSecond - ratePerSecond) ** 2,
    0,
  );
  return 1 + (2 * variance * relaxationOfStates(states)) / ratePerSecond;
}

/** Of two states that follow each other: their rates of change are added. */
function relaxationOfStates(states: readonly State[]): number {
  return 1 / states.reduce((sum, { meanS }) => sum + 1 / meanS, 0);
}

/** Relaxation time in seconds of what is before the queue. */
function before({ states, closed, retrialsPerSecond, ratePerSecond, service, servers }: Queue): number {
  if (states) return relaxationOfStates(states);
  if (closed) return closed.thinkS;
  if (retrialsPerSecond === undefined) return 0;
  // In the fluid limit an orbit of n offers a = (lambda + nu n) E[S] to the servers, which take a (1 - B(a)) of it, and
  // deviations fade at the rate nu d/da a (1 - B(a)), where a (1 - B(a)) = lambda E[S].
  const taken = (offered: number) => offered * (1 - erlangB(servers, offered));
  let offered = ratePerSecond * service.meanS;
  while (taken(offered) < ratePerSecond * service.meanS) offered += 0.01;
  return 1 / (retrialsPerSecond * ((taken(offered + 0.01) - taken(offered)) / 0.01));
}

/** Share of the offered work that so many servers without waiting room refuse. */
function erlangB(servers: number, offered: number): number {
  let blocked = 1;
  for (let server = 1; server <= servers; server++)
    blocked = (offered * blocked) / (server + offered * blocked);
  return blocked;
}
