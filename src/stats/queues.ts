// Exact answers of queueing theory in closed form: Poisson arrivals, first come first served, the steady
// state. Rates are per second, times are in seconds; a load (in Erlangs) is arrival rate times mean service.
//
// D. Gross, J. Shortle, J. Thompson and C. Harris, Fundamentals of Queueing Theory, 4th ed. 2008, has all of
// these; each function names the first source besides. Queues whose answer is a Markov chain: chains.ts.

/** What a request meets in the steady state. */
export interface Answer {
  /** Share of the requests that find no place. */
  blocked: number;
  /** Of those that find one: the share that waits at all, and the mean wait in seconds. */
  delayed: number;
  waitS: number;
  /** Share of the servers' time that they are busy. */
  utilisation: number;
  /** Mean number of requests that wait or are served. */
  number: number;
}

/**
 * Erlang B: the share of Poisson arrivals that `servers` without waiting room refuse, M/G/c/c: it depends on
 * the service by its mean only. B(0) = 1, B(c) = a B(c-1) / (c + a B(c-1)), which never overflows.
 *
 * A. Erlang, Elektroteknikeren 13, 1917; insensitivity: B. Sevastyanov, Theory Probab. Appl. 2, 1957.
 */
export function erlangB(servers: number, load: number): number {
  let blocked = 1;
  for (let server = 1; server <= servers; server++) blocked = (load * blocked) / (server + load * blocked);
  return blocked;
}

/**
 * Erlang C: the share of Poisson arrivals that wait for one of `servers` with exponential service and an
 * endless queue, M/M/c: c B / (c - a (1 - B)). Needs a load below the number of servers. A. Erlang, 1917.
 */
export function erlangC(servers: number, load: number): number {
  const blocked = erlangB(servers, load);
  return (servers * blocked) / (servers - load * (1 - blocked));
}

/**
 * M/M/c/K: exponential service, `places` for those in service and in the queue together, Infinity for a queue
 * without a limit, which needs a load below the number of servers.
 *
 * With r = a/c, p(c + j) = p(c) r^j, and below c the law of Erlang's loss system, where p(c) is B of all.
 */
export function mmck(arrivalsPerSecond: number, serviceS: number, servers: number, places: number): Answer {
  const load = arrivalsPerSecond * serviceS;
  const most = places - servers;
  const blockedAtC = erlangB(servers, load);
  const { below, full, total, moment } = weights(load / servers, most, 1 / blockedAtC - 1);
  const all = below + total;
  const blocked = full / all;
  const accepted = 1 - blocked;
  return {
    blocked,
    delayed: (total - full) / (all - full),
    waitS: moment / all / (arrivalsPerSecond * accepted),
    utilisation: (load * accepted) / servers,
    number: moment / all + load * accepted,
  };
}

/**
 * Of the numbers in the system, in one unit: all below c, which are `below` times p(c); the largest; c and
 * more together; and the sum of what waits. Above a ratio of 1 the unit is the largest, so that nothing
 * overflows.
 */
function weights(ratio: number, most: number, below: number) {
  if (ratio <= 1) {
    const { total, moment } = geometric(ratio, most);
    return { below, full: ratio ** most, total, moment };
  }
  const { total, moment } = geometric(1 / ratio, most);
  return { below: below * ratio ** -most, full: 1, total, moment: most * total - moment };
}

/** Sums of r^j and of j r^j for j = 0 ... most, r at most 1. */
function geometric(ratio: number, most: number): { total: number; moment: number } {
  const gap = 1 - ratio;
  // The closed form is a difference of nearly equal numbers where the powers hardly fall.
  if (most * gap > 1) {
    const end = ratio ** most;
    // An endless queue: infinity times the power that is 0.
    const last = end === 0 ? 0 : most * end;
    return {
      total: (1 - ratio * end) / gap,
      moment: (ratio * ((1 - end) / gap - last)) / gap,
    };
  }
  let [term, total, moment] = [1, 0, 0];
  for (let index = 0; index <= most; index++) {
    total += term;
    moment += index * term;
    term *= ratio;
  }
  return { total, moment };
}

/**
 * M/G/1: one server, any law of service with these moments. The wait is lambda E[S^2] / 2 (1 - rho).
 *
 * F. Pollaczek, Math. Z. 32, 1930; A. Khinchine, Mat. Sbornik 39, 1932.
 */
export function mg1(arrivalsPerSecond: number, service: { meanS: number; squareS2: number }): Answer {
  const utilisation = arrivalsPerSecond * service.meanS;
  const waitS = (arrivalsPerSecond * service.squareS2) / (2 * (1 - utilisation));
  return {
    blocked: 0,
    delayed: utilisation,
    waitS,
    utilisation,
    number: utilisation + arrivalsPerSecond * waitS,
  };
}

/**
 * M^X/M/1: batches of a fixed size, exponential service, one server; `arrivalsPerSecond` counts requests. The
 * sojourn is (1 + b) / 2 mu (1 - rho). Waits: all but the first of a batch, and that one with the probability
 * rho.
 *
 * D. Burke, Oper. Res. 23, 1975.
 */
export function batches(arrivalsPerSecond: number, batch: number, serviceS: number): Answer {
  const utilisation = arrivalsPerSecond * serviceS;
  const sojournS = ((1 + batch) * serviceS) / (2 * (1 - utilisation));
  return {
    blocked: 0,
    delayed: 1 - (1 - utilisation) / batch,
    waitS: sojournS - serviceS,
    utilisation,
    number: arrivalsPerSecond * sojournS,
  };
}

/**
 * D/M/1: arrivals at even gaps, one server with exponential service. sigma = exp(-(1 - sigma) / rho) is the
 * share that waits, the wait sigma / (1 - sigma) E[S].
 *
 * D. Lindley, Proc. Camb. Phil. Soc. 48, 1952 (GI/M/1).
 */
export function dm1(arrivalsPerSecond: number, serviceS: number): Answer {
  const utilisation = arrivalsPerSecond * serviceS;
  // Newton's steps from the left of the smaller root of a convex function never pass it.
  let sigma = 0;
  for (let before = -1; sigma > before; ) {
    before = sigma;
    const power = Math.exp(-(1 - sigma) / utilisation);
    sigma += (power - sigma) / (1 - power / utilisation);
  }
  const waitS = (sigma / (1 - sigma)) * serviceS;
  return { blocked: 0, delayed: sigma, waitS, utilisation, number: utilisation + arrivalsPerSecond * waitS };
}

/**
 * M/D/c: `servers` that take `serviceS` for every request, an endless queue.
 *
 * Seen every `serviceS`, the number in the system makes steps L' = max(0, L - c) + Poisson(a), whose
 * generating function is known but for the c - 1 roots z = exp(a (z - 1) / c) w, w^c = 1, within the unit
 * circle:
 *
 *   P(wait = 0) = (c - a) / product(1 - z),  lambda E[wait] = sum 1 / (1 - z) - (c (c - 1) - a^2) / 2 (c - a)
 *
 * The error is that of sums of c terms: about 1e-16 c of the share, 1e-16 c^2 of the number that waits.
 *
 * C. Crommelin, P.O. Elec. Engrs. J. 25, 1932; N. Bailey, J. R. Stat. Soc. B 16, 1954.
 */
export function mdc(arrivalsPerSecond: number, serviceS: number, servers: number): Answer {
  const load = arrivalsPerSecond * serviceS;
  let [product, sum] = [1, 0];
  // Roots come in conjugated pairs, save for the real one of an even number of servers.
  for (let index = 1; 2 * index <= servers; index++) {
    const [re, im] = rootInside(load / servers, (2 * Math.PI * index) / servers);
    const square = (1 - re) ** 2 + im ** 2;
    const isReal = 2 * index === servers;
    product *= isReal ? Math.sqrt(square) : square;
    sum += ((isReal ? 1 : 2) * (1 - re)) / square;
  }
  const queue = sum - (servers * (servers - 1) - load ** 2) / (2 * (servers - load));
  return {
    blocked: 0,
    delayed: Math.max(0, 1 - (servers - load) / product),
    waitS: Math.max(0, queue) / arrivalsPerSecond,
    utilisation: load / servers,
    number: load + Math.max(0, queue),
  };
}

/** The z of z = exp(rho (z - 1) + i angle): each step brings it nearer by the factor rho |z|. */
function rootInside(utilisation: number, angle: number): [re: number, im: number] {
  let [re, im] = [0, 0];
  for (let step = 0, moved = 1; step < MOST_STEPS && moved > 1e-17; step++) {
    const size = Math.exp(utilisation * (re - 1));
    const turn = angle + utilisation * im;
    const [nextRe, nextIm] = [size * Math.cos(turn), size * Math.sin(turn)];
    moved = Math.abs(nextRe - re) + Math.abs(nextIm - im);
    [re, im] = [nextRe, nextIm];
  }
  return [re, im];
}

/** Only roots near 1 take more than a few hundred, and those are reached with a factor below 1 - 1e-4. */
const MOST_STEPS = 500_000;

/**
 * Processor sharing, M/G/1-PS: the mean sojourn in seconds of a request that takes `serviceS` alone,
 * s / (1 - rho), whatever the law of the others' service. The number in the system is geometric.
 *
 * L. Kleinrock, J. ACM 14, 1967; M. Sakata, S. Noguchi and J. Oizumi, Oper. Res. 19, 1971.
 */
export function sharedSojournS(utilisation: number, serviceS: number): number {
  return serviceS / (1 - utilisation);
}

/**
 * Quantile of the sojourn in M/M/1 in seconds: it is exponential with the rate mu - lambda. `share` of the
 * requests are quicker.
 */
export function mm1SojournS(arrivalsPerSecond: number, serviceS: number, share: number): number {
  return -Math.log1p(-share) / (1 / serviceS - arrivalsPerSecond);
}

/**
 * The largest mean wait in seconds of any single server with independent gaps between arrivals and
 * independent services of these variances: lambda (va + vs) / 2 (1 - rho). J. Kingman, J. R. Stat. Soc. B 24,
 * 1962.
 */
export function kingmanBoundS(
  arrivalsPerSecond: number,
  service: { meanS: number; varianceS2: number },
  gapVarianceS2: number,
): number {
  const rho = arrivalsPerSecond * service.meanS;
  return (arrivalsPerSecond * (gapVarianceS2 + service.varianceS2)) / (2 * (1 - rho));
}
