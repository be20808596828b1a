// The queues of the books as scenarios: clients that connect straight to gunicorn without overheads. A queue with K
// places is `workers` servers and an accept queue of backlog + 1 connections: K = workers + backlog + 1. Processor
// sharing is more workers than anybody ever needs, whose requests share the cores of the machine.

/** A law of service times, as a scenario writes it, with its first two moments. */
export interface Service {
  law: string;
  /** E[S] in seconds. */
  meanS: number;
  /** E[S^2] in square seconds. */
  squareS2: number;
}

export interface Queue {
  arrivals: "poisson" | "constant";
  ratePerSecond: number;
  service: Service;
  servers: number;
  /** The service is processor time, and the servers share so many cores. */
  cores?: number;
  /** Servers and waiting places together; Infinity for a queue without a limit. */
  places: number;
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

/** The largest backlog that the kernel takes: more than any run here can fill. */
const UNLIMITED = 2 ** 31 - 1;

/**
 * The scenario's YAML with this number of requests. An accept queue holds at least one connection, so a loss system
 * without waiting room stands behind nginx: of its connections two are its own and a request takes two, so with
 * 2 + 2 servers of them a client who finds all servers busy is closed without an answer.
 */
export function scenarioText(queue: Queue, requests: number): string {
  const { arrivals, ratePerSecond, service, servers, places, cores } = queue;
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
clients: { arrivals: { process: ${arrivals}, rate: ${ratePerSecond}/s, requests: ${requests} } }
${isLoss ? nginx : ""}gunicorn:
  bind: unix:/run/gunicorn.sock
  workers: ${servers}
  backlog: ${backlog}
  overhead: 0s
  wake_cpu: 0s
app: { ${cores === undefined ? "sleep" : "cpu"}: ${service.law} }
`;
}

/** What becomes of a client who finds no place. */
export function refusal({ servers, places }: Queue): string {
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
 */
export function relaxation(queue: Queue): number {
  const { arrivals, ratePerSecond, service, places } = queue;
  const servers = queue.cores ?? queue.servers;
  const { meanS, squareS2 } = service;
  const utilisation = (ratePerSecond * meanS) / servers;
  const serviceScv = squareS2 / meanS ** 2 - 1;
  const arrivalScv = arrivals === "poisson" ? 1 : 0;
  const variance = utilisation * (arrivalScv + serviceScv);
  const rate = (1 - utilisation) ** 2 / (2 * variance) + (Math.PI ** 2 * variance) / (2 * places ** 2);
  return ratePerSecond * (meanS * (1 + serviceScv) + meanS / servers / rate);
}
