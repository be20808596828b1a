// Queues whose exact answer is the stationary law of a Markov chain with finitely many states, solved without
// a subtraction, so that also tiny probabilities are right to about fourteen digits. Rates are per second.

import type { Answer } from "./queues.js";

/**
 * Stationary probabilities of a chain with the states 0 ... count - 1, of which no step leads farther than
 * `band` states; `rate(from, to)` is the rate (or the probability) of the step. Every state must lead to 0
 * and be reached.
 *
 * State by state from the last one on, a state is left out and its steps are given to those it leads to:
 * Gaussian elimination that only adds, multiplies and divides. Costs count x band^2.
 *
 * W. Grassmann, M. Taksar and D. Heyman, Oper. Res. 33, 1985.
 */
export function stationary(
  count: number,
  band: number,
  rate: (from: number, to: number) => number,
): Float64Array {
  const width = 2 * band + 1;
  const steps = new Float64Array(count * width);
  const at = (from: number, to: number) => from * width + to - from + band;
  for (let from = 0; from < count; from++) {
    for (let to = Math.max(0, from - band); to <= Math.min(count - 1, from + band); to++) {
      if (to !== from) steps[at(from, to)] = rate(from, to);
    }
  }
  const lefts = new Float64Array(count);
  for (let state = count - 1; state > 0; state--) {
    const least = Math.max(0, state - band);
    let left = 0;
    for (let to = least; to < state; to++) left += steps[at(state, to)] as number;
    lefts[state] = left;
    for (let from = least; from < state; from++) {
      const share = (steps[at(from, state)] as number) / left;
      if (share === 0) continue;
      for (let to = least; to < state; to++) {
        if (to !== from) (steps[at(from, to)] as number) += share * (steps[at(state, to)] as number);
      }
    }
  }
  return probabilities(count, (state, known) => {
    let into = 0;
    for (let from = Math.max(0, state - band); from < state; from++) {
      into += (known[from] as number) * (steps[at(from, state)] as number);
    }
    return into / (lefts[state] as number);
  });
}

/** Weights, each from those before it, in proportion; scaled down on the way, so that none overflows. */
function probabilities(count: number, weight: (state: number, known: Float64Array) => number): Float64Array {
  const known = new Float64Array(count);
  known[0] = 1;
  for (let state = 1; state < count; state++) {
    const next = weight(state, known);
    known[state] = next;
    if (next > HUGE) for (let index = 0; index <= state; index++) (known[index] as number) /= HUGE;
  }
  const total = known.reduce((sum, one) => sum + one, 0);
  return known.map((one) => one / total);
}
const HUGE = 1e100;

/** One state of a Markov-modulated Poisson process: its rate, and how long it lasts on average. */
export interface ArrivalState {
  arrivalsPerSecond: number;
  meanS: number;
}

/**
 * MMPP/M/c/K: Poisson arrivals whose rate follows `states` in turn, each lasting for an exponential time;
 * exponential service. Shares are of requests: each state counts with its rate. W. Fischer and K.
 * Meier-Hellstern, Perform. Eval. 18, 1993, have the process.
 */
export function mmppmck(
  states: readonly ArrivalState[],
  serviceS: number,
  servers: number,
  places: number,
): Answer {
  const phases = states.length;
  const lawOf = stationary((places + 1) * phases, 2 * phases - 1, (from, to) => {
    const [level, phase] = [Math.floor(from / phases), from % phases];
    const [nextLevel, nextPhase] = [Math.floor(to / phases), to % phases];
    const { arrivalsPerSecond, meanS } = states[phase] as ArrivalState;
    if (level === nextLevel) return nextPhase === (phase + 1) % phases ? 1 / meanS : 0;
    if (phase !== nextPhase) return 0;
    if (nextLevel === level + 1) return arrivalsPerSecond;
    return nextLevel === level - 1 ? Math.min(level, servers) / serviceS : 0;
  });
  let [arrivals, refused, waiting, queue, busy] = [0, 0, 0, 0, 0];
  for (let index = 0; index < lawOf.length; index++) {
    const probability = lawOf[index] as number;
    const level = Math.floor(index / phases);
    const seen = probability * (states[index % phases] as ArrivalState).arrivalsPerSecond;
    arrivals += seen;
    if (level === places) refused += seen;
    else if (level >= servers) waiting += seen;
    queue += probability * Math.max(0, level - servers);
    busy += probability * Math.min(level, servers);
  }
  const accepted = arrivals - refused;
  return {
    blocked: refused / arrivals,
    delayed: waiting / accepted,
    waitS: queue / accepted,
    utilisation: busy / servers,
    number: queue + busy,
  };
}

/**
 * Machine repair, M/M/c//N: `clients` that think for `thinkS` on average (of any law), send a request, and
 * wait for its end; exponential service. Requests a second follow from what is done: X = busy servers / E[S].
 *
 * D. Kendall's notation; C. Palm, 1947; in the thinking insensitive as a product form (F. Baskett, K. Chandy,
 * R. Muntz and F. Palacios, J. ACM 22, 1975).
 */
export function machineRepair(
  clients: number,
  thinkS: number,
  serviceS: number,
  servers: number,
): Answer & { requestsPerSecond: number } {
  const lawOf = stationary(clients + 1, 1, (from, to) =>
    to > from ? (clients - from) / thinkS : Math.min(from, servers) / serviceS,
  );
  let [arrivals, waiting, queue, busy] = [0, 0, 0, 0];
  for (let here = 0; here <= clients; here++) {
    const probability = lawOf[here] as number;
    const seen = probability * (clients - here);
    arrivals += seen;
    if (here >= servers) waiting += seen;
    queue += probability * Math.max(0, here - servers);
    busy += probability * Math.min(here, servers);
  }
  const requestsPerSecond = busy / serviceS;
  return {
    blocked: 0,
    delayed: waiting / arrivals,
    waitS: queue / requestsPerSecond,
    utilisation: busy / servers,
    number: queue + busy,
    requestsPerSecond,
  };
}

/**
 * M/G/1/K: one server, `places` for the one in service and those in the queue together. `during[n]` is the
 * probability of n arrivals during a service; what is beyond its end counts as nothing.
 *
 * The law p of the number that a request leaves behind is that of a chain, and the share refused is
 * 1 - 1 / (p(0) + rho); those that are let in find p. J. Keilson, J. Appl. Prob. 3, 1966.
 */
export function mg1k(
  arrivalsPerSecond: number,
  serviceS: number,
  places: number,
  during: ArrayLike<number>,
): Answer {
  const load = arrivalsPerSecond * serviceS;
  const left = leftBehind(places, during);
  const [none] = left as unknown as [number];
  const accepted = 1 / (none + load);
  // The probability of n at any time is that of a departure which leaves n behind, over p(0) + rho.
  const number = left.reduce((sum, one, n) => sum + n * one * accepted, 0) + places * (1 - accepted);
  const throughput = arrivalsPerSecond * accepted;
  return {
    blocked: 1 - accepted,
    delayed: 1 - none,
    waitS: Math.max(0, number / throughput - serviceS),
    utilisation: load * accepted,
    number,
  };
}

/**
 * What a request leaves behind, from p(0) on by what crosses the level n, which only adds: downwards from n +
 * 1, by no arrival; upwards from i = 1 ... n by n - i + 2 arrivals or more, from 0 by n + 1 or more.
 */
function leftBehind(places: number, during: ArrayLike<number>): Float64Array {
  const above = new Float64Array(Math.max(places, during.length) + 1);
  for (let n = during.length - 2; n >= 0; n--)
    above[n] = (above[n + 1] as number) + (during[n + 1] as number);
  return probabilities(places, (state, known) => {
    const n = state - 1;
    let up = (known[0] as number) * (above[n] as number);
    for (let i = 1; i <= n; i++) up += (known[i] as number) * (above[n - i + 1] as number);
    return up / (during[0] as number);
  });
}
