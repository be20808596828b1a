// Ephemeral ports as a loss system: nginx closes each connection to gunicorn first, at once, so that its port stands
// in TIME_WAIT for 60 s. The ports are the servers, the 60 s the service; nothing else takes any time.

import { streams } from "../../src/engine/random.js";
import type { System } from "./sample.js";
import { ofBatches } from "./surprises.js";

/** Of net.ipv4.ip_local_port_range = 32768 60999. */
const PORTS = 28_232;
const TIME_WAIT_S = 60;
const UNLIMITED = 2 ** 31 - 1;
const INSTANT = { meanS: 0, squareS2: 0 };
const TRACE = "held.csv";

/**
 * Connections at this rate. Poisson ones are measured for a minute, after a minute of those that still hold their ports
 * then; constant ones from the first on for three whole minutes, after each of which everything is as it was before.
 */
export function portSystem(arrivals: "poisson" | "constant", ratePerSecond: number): System {
  const isRandom = arrivals === "poisson";
  const measured = (isRandom ? 1 : 3) * TIME_WAIT_S * ratePerSecond;
  const phase = `{ process: ${arrivals}, rate: ${ratePerSecond}/s, requests: ${measured} }`;
  const text = `kernel:
  timer_slack: false
  port_search_cost: 0s
  sysctl:
    net.ipv4.ip_local_port_range: 32768 60999
    net.ipv4.tcp_tw_reuse: 0
    net.core.somaxconn: ${UNLIMITED}
clients: { arrivals: [${isRandom ? `{ process: trace, file: ${TRACE} }, ` : ""}${phase}] }
nginx:
  worker_connections: 100000
  upstream: { servers: ["127.0.0.1:8000"], closes_first: 1 }
  connect_overhead: 0s
  response_overhead: 0s
  request_cpu: 0s
gunicorn: { bind: "127.0.0.1:8000", workers: 1, backlog: ${UNLIMITED}, overhead: 0s }
app: { sleep: 0s }
`;
  const surprises = ofBatches(ratePerSecond, 1);
  const common = { text, refused: "502", before: 0, measured, service: INSTANT, surprises };
  return isRandom ? { ...common, trace: (...which) => held(ratePerSecond, ...which) } : common;
}

/**
 * When those connections began that are in TIME_WAIT at a random instant of the steady state, in the minute up to it: as
 * many as `heldAtFirst` says, at independent times; for in the product form of M/G/c/c the ages of the services have
 * the equilibrium law of the service, which for a constant is uniform. The instant is taken to be that of the last
 * one, two milliseconds before the minute's end on average.
 */
function held(ratePerSecond: number, seed: string, replication: number): Float64Array {
  const random = streams(seed, replication).stream("theory.held");
  const times = new Float64Array(heldAtFirst(ratePerSecond * TIME_WAIT_S, random()));
  for (let index = 0; index < times.length; index++) times[index] = random() * TIME_WAIT_S;
  return times.sort();
}

/**
 * How many ports are held: n with a probability in proportion to a^n / n!, at most all of them. From the top down each
 * is n / a times as likely as the one above.
 */
function heldAtFirst(erlangs: number, uniform: number): number {
  const weights: number[] = [1];
  for (let n = PORTS; (weights.at(-1) as number) > 1e-12; n--)
    weights.push(((weights.at(-1) as number) * n) / erlangs);
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  while (below < weights.length - 1 && left >= (weights[below] as number)) left -= weights[below++] as number;
  return PORTS - below;
}
