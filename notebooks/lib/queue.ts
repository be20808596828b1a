// Chapter 1: the accept queue as the textbooks' M/M/c/K, simulated and exact.
//
// Clients come by a Poisson process, sync workers take an exponential time for each request, and what nginx
// and gunicorn take themselves is set to nothing, so that the scenario is exactly the system of the books.
// The kernel's queue holds backlog + 1 connections: K = workers + backlog + 1. The next request gets EAGAIN
// from connect(2), and nginx answers 502.

import { predict } from "../../src/index.js";
import type { Interval } from "../../src/stats/interval.js";
import { type Answer, mmck } from "../../src/stats/queues.js";
import type { Pause } from "./runs.js";

export interface Queue {
  workers: number;
  /** Work that comes over work that the workers can do: above 1 some of it cannot be done. */
  utilisation: number;
  /** Infinity: a queue that refuses nobody, M/M/c. */
  backlog: number;
}

/** Seconds of work in a request, on average. */
export const SERVICE_S = 0.1;

/** More than any load below the limit of a queue without one ever fills here. */
const UNLIMITED = 100_000;

/** Requests that are served or wait at most. */
export function placesOf({ workers, backlog }: Queue): number {
  return workers + backlog + 1;
}

export function arrivalsPerSecond({ workers, utilisation }: Queue): number {
  return (workers * utilisation) / SERVICE_S;
}

/** As D. Kendall writes it. */
export function nameOf(queue: Queue): string {
  const { workers, backlog } = queue;
  return `M/M/${workers}${Number.isFinite(backlog) ? `/${placesOf(queue)}` : ""}`;
}

/** The exact steady state; without a limit of the queue only for a utilisation below 1. */
export function exact(queue: Queue): Answer {
  return mmck(arrivalsPerSecond(queue), SERVICE_S, queue.workers, placesOf(queue));
}

/** The queue as a scenario of recvq. */
export function scenarioOf(queue: Queue, run: { requests: number; settings: string }): string {
  const { workers, backlog } = queue;
  const most = Number.isFinite(backlog) ? backlog : UNLIMITED;
  return `kernel: { sysctl: { net.core.somaxconn: ${Math.max(most, 128)} } }
clients:
  arrivals: [{ process: poisson, rate: ${arrivalsPerSecond(queue).toFixed(3)}/s, requests: ${run.requests} }]
nginx:
  worker_connections: ${2 * (most + workers) + 1024}
  upstream: { servers: ["unix:/run/gunicorn.sock"] }
  proxy_read_timeout: 600s
  request_cpu: 0s
  connect_overhead: 0s
  response_overhead: 0s
gunicorn:
  bind: unix:/run/gunicorn.sock
  workers: ${workers}
  backlog: ${most}
  timeout: 0s
  overhead: 0s
app: { sleep: { exponential: ${SERVICE_S * 1000}ms } }
run: { ${run.settings} }
`;
}

export interface Point {
  queue: Queue;
  /** Share of the requests that get a 502, and mean wait of the others for a worker in seconds. */
  blocked: Interval;
  waitS: Interval;
  /** Share of the workers' time that they are busy. */
  busy: Interval;
}

const REPLICATIONS = 20;
const MEASURED_REQUESTS = 8_000;
/** A run starts with an empty queue; exp(-8) = 0.0003 of what that changes is left after so many. */
const LEFT_OUT_RELAXATIONS = 8;

/** The scenario that `simulated` runs. */
export function simulationOf(queue: Queue): string {
  const leftOut = LEFT_OUT_RELAXATIONS * relaxationRequests(queue);
  const leftOutS = leftOut / arrivalsPerSecond(queue);
  return scenarioOf(queue, {
    requests: Math.ceil(leftOut) + MEASURED_REQUESTS,
    settings: `replications: ${REPLICATIONS}, warmup: ${leftOutS.toFixed(3)}s`,
  });
}

/** What recvq measures, with the 95 % intervals from the spread of its replications. */
export async function simulated(queue: Queue, pause: Pause): Promise<Point> {
  const { theory } = await predict(simulationOf(queue), { progress: pause });
  const found = (quantity: string): Interval => {
    const value = theory?.values.find((one) => one.quantity === quantity);
    if (!theory?.exact || value === undefined) throw new Error(`${nameOf(queue)}: theory has no ${quantity}`);
    return value.simulated;
  };
  return { queue, blocked: found("blocked"), waitS: found("wait"), busy: found("utilisation") };
}

/**
 * Relaxation time in arrivals: how many it takes until the queue has forgotten its start but for a factor
 * 1/e. With drift d = 1 - rho and variance v = 2 rho, in units of E[S]/c, the rate of the Brownian motion
 * between 0 and K is d^2 / 2v + pi^2 v / 2K^2 (J. Abate and W. Whitt, Adv. Appl. Prob. 19, 1987; D. Cox and
 * H. Miller, The Theory of Stochastic Processes, 5.7); the service itself comes on top.
 */
export function relaxationRequests(queue: Queue): number {
  const { utilisation, workers } = queue;
  const variance = 2 * utilisation;
  const rate =
    (1 - utilisation) ** 2 / (2 * variance) + (Math.PI ** 2 * variance) / (2 * placesOf(queue) ** 2);
  return arrivalsPerSecond(queue) * SERVICE_S * (1 + 1 / workers / rate);
}

/** Utilisations that are simulated beside the curves. */
const LIMITED = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3];
const ENDLESS = [0.5, 0.6, 0.7, 0.8, 0.9];

/** The queues whose points stand beside the curves: with the backlog, and without any limit. */
export function queuesBeside({ workers, backlog }: Omit<Queue, "utilisation">): Queue[] {
  const endless = Number.POSITIVE_INFINITY;
  return [
    ...LIMITED.map((utilisation) => ({ workers, utilisation, backlog })),
    ...ENDLESS.map((utilisation) => ({ workers, utilisation, backlog: endless })),
  ];
}

/** The exact answers from a utilisation to another, for a curve. */
export function curve(
  { workers, backlog }: Omit<Queue, "utilisation">,
  [from, to]: [from: number, to: number],
): { utilisation: number; blocked: number; waitS: number }[] {
  const steps = Math.round((to - from) / CURVE_STEP);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const utilisation = from + step * CURVE_STEP;
    const { blocked, waitS } = exact({ workers, utilisation, backlog });
    return { utilisation, blocked, waitS };
  });
}
const CURVE_STEP = 0.01;

/** Whether an interval holds a value. */
export function holds({ low, high }: Interval, value: number): boolean {
  return low <= value && value <= high;
}
