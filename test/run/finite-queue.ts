// M/M/1/K of a few requests, which begins with nobody there: what each of them meets on average is known from
// the chain of what an arrival finds.

export interface FiniteQueue {
  /** The servers' included. */
  places: number;
  /** Arrivals in a mean service; 0.8 unless told. */
  rho?: number;
  servers?: number;
  /** 300 unless told. */
  requests?: number;
}

const RHO = 0.8;
const REQUESTS = 300;

/** A mean service of a second. */
export function finiteQueue(
  { places, rho = RHO, servers = 1, requests = REQUESTS }: FiniteQueue,
  replications: number,
): string {
  return `
clients: { arrivals: { process: poisson, rate: ${rho}/s, requests: ${requests} } }
gunicorn: { bind: "unix:/run/g.sock", workers: ${servers}, backlog: ${places - servers - 1}, overhead: 0s, timeout: 0s }
app: { sleep: { exponential: 1s } }
run: { replications: ${replications} }
`;
}

/**
 * Expected share of refused requests, and mean latency of all (0 for a refused one; of one server), of
 * exponential service.
 */
export function truth({ places, rho = RHO, servers = 1, requests = REQUESTS }: FiniteQueue): {
  share: number;
  latencyS: number;
} {
  let found: number[] = [1, ...new Array<number>(places).fill(0)];
  let [refused, latencyS] = [0, 0];
  for (let request = 0; request < requests; request++) {
    refused += found[places] as number;
    for (let others = 0; others < places; others++) latencyS += (found[others] as number) * (others + 1);
    found = next(found, rho, servers);
  }
  return { share: refused / requests, latencyS: latencyS / requests };
}

/**
 * What the next arrival finds: of n in service the first leaves before it with the probability n / (n + rho),
 * in turn.
 */
function next(found: readonly number[], rho: number, servers: number): number[] {
  const places = found.length - 1;
  const later = new Array<number>(found.length).fill(0);
  for (const [others, probability] of found.entries()) {
    let left = probability;
    for (let here = Math.min(others + 1, places); here > 0; here--) {
      const stays = rho / (Math.min(here, servers) + rho);
      (later[here] as number) += left * stays;
      left *= 1 - stays;
    }
    (later[0] as number) += left;
  }
  return later;
}
