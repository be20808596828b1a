// M/M/1/K of a few requests, which begins with nobody there: what each of them meets on average is known from the
// chain of what an arrival finds.

const REQUESTS = 300;
const RHO = 0.8;

/** So many places, the server's included; a mean service of a second. */
export function finiteQueue(places: number, replications: number): string {
  return `
clients: { arrivals: { process: poisson, rate: ${RHO}/s, requests: ${REQUESTS} } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: ${places - 2}, overhead: 0s, timeout: 0s }
app: { sleep: { exponential: 1s } }
run: { replications: ${replications} }
`;
}

/** Expected share of refused requests, and mean latency of all (0 for a refused one), of exponential service. */
export function truth(places: number): { share: number; latencyS: number } {
  let found: number[] = [1, ...new Array<number>(places).fill(0)];
  let [refused, latencyS] = [0, 0];
  for (let request = 0; request < REQUESTS; request++) {
    refused += found[places] as number;
    for (let others = 0; others < places; others++) latencyS += (found[others] as number) * (others + 1);
    found = next(found);
  }
  return { share: refused / REQUESTS, latencyS: latencyS / REQUESTS };
}

/** What the next arrival finds: of those here each leaves before it with the probability 1 / (1 + rho), in turn. */
function next(found: readonly number[]): number[] {
  const places = found.length - 1;
  const later = new Array<number>(found.length).fill(0);
  const stays = RHO / (1 + RHO);
  for (const [others, probability] of found.entries()) {
    let left = probability;
    for (let here = Math.min(others + 1, places); here > 0; here--) {
      (later[here] as number) += left * stays;
      left *= 1 - stays;
    }
    (later[0] as number) += left;
  }
  return later;
}
