// What the load generator's own connections leave on the measured machine, which its kernel counts too.
//
// The generator opens a connection for each request, to the machine itself. Over TCP each of them ends in one
// TIME_WAIT entry of 60 s, whichever end closes first, unless it was reset: nginx closes a connection that it
// has no room for before it has read the request (measured: nginx 1.22.1, Linux 6.18, 2026-11: of 356 clients
// 174 were closed, and 182 entries begun). Mostly nginx closes first, so that the entry is its own and goes
// when a client gets the port again. Which port that is, is taken as random among those of one parity
// (measured: of 7,956 entries within 42 s 6,290 were there at the end, of 1,603 1,532; this gives 6,082 and
// 1,515).

import type { ClientEntries } from "./reasons.js";

const TIME_WAIT_S = 60;
/** Half of net.ipv4.ip_local_port_range = 32768 60999: connect() without bind looks at even ports first. */
const PORTS = 14_116;
const RESET = new Set(["closed", "ECONNRESET", "reset"]);

export interface ClientSockets {
  /** A client's request of some replication has ended at this second. */
  ended(outcome: string, end_s: number): void;
  /** Means of a replication: the entries that are begun, and those that are there at a second. */
  counted(replications: number): ClientEntries;
}

/** `target` is what the clients connect to if that is known; of unix sockets nothing is left. */
export function clientSockets(target: string | undefined): ClientSockets {
  const isTcp = target?.startsWith("unix:") === false;
  const ends: number[] = [];
  return {
    ended(outcome, end_s) {
      if (isTcp && !RESET.has(outcome)) ends.push(end_s);
    },
    counted(replications) {
      const sorted = Float64Array.from(ends).sort();
      const until = (second: number) => countUpTo(sorted, second);
      return {
        begun: ends.length / replications,
        at(second) {
          const young = (until(second) - until(second - TIME_WAIT_S)) / replications;
          return PORTS * -Math.expm1(-young / PORTS);
        },
      };
    },
  };
}

/** How many of the sorted values are at most this. */
function countUpTo(sorted: Float64Array, value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as number) <= value) from = middle + 1;
    else to = middle;
  }
  return from;
}
