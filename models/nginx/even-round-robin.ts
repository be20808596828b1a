// The smooth weighted round robin among peers that all weigh the same, without a look at each of them.
//
// Modelled: just what a pass of balancing.ts does (ngx_http_upstream_get_peer). Whoever is offered gains the
// same, so that a pass moves only the winner, who pays, and those that the request has tried already, who
// gain nothing. Peers are kept in the order in which they would win: the winner goes to the end or nearly so,
// the tried ones fall back by a place or two.
// Not modelled: peers that weigh less for their failures, or that are kept out by them: then balancing.ts
// looks at each (`leave`).

import type { Peers } from "./peers.js";

export interface EvenRoundRobin {
  /** The next of the peers that the request has not tried; -1 if it has tried all. */
  pick(): number;
  /** Writes the current weights into their column, to which others will add. */
  leave(): void;
}

/** Of the primary peers. */
export function evenRoundRobin(peers: Peers): EvenRoundRobin {
  const { primaries, weight, currentWeight, tried } = peers;
  const [each] = weight as unknown as [number];
  // A list in a ring with an end between the last and the first.
  const end = primaries;
  const next = new Int32Array(primaries + 1);
  const previous = new Int32Array(primaries + 1);
  /** Current weight less what a peer has gained that was offered in each pass. */
  const standing = new Float64Array(primaries);
  const state = { isListed: false, gained: 0, untried: primaries };
  peers.onReset(() => {
    for (const column of [next, previous, standing]) column.fill(0);
    state.isListed = false;
    state.gained = 0;
    state.untried = primaries;
  });

  function enter(): void {
    state.isListed = true;
    state.gained = 0;
    standing.set(currentWeight.subarray(0, primaries));
    next[end] = previous[end] = end;
    for (let peer = 0; peer < primaries; peer++) insert(peer, previous[end] as number);
  }

  function leave(): void {
    if (!state.isListed) return;
    state.isListed = false;
    for (let peer = 0; peer < primaries; peer++) {
      currentWeight[peer] = (standing[peer] as number) + state.gained;
    }
  }

  /** Puts a peer behind `last` or, if it would win before that one, farther ahead. */
  function insert(peer: number, last: number): void {
    const own = standing[peer] as number;
    let before = last;
    while (before !== end) {
      const others = standing[before] as number;
      if (others > own || (others === own && before < peer)) break;
      before = previous[before] as number;
    }
    const after = next[before] as number;
    next[before] = previous[after] = peer;
    previous[peer] = before;
    next[peer] = after;
  }

  function unlink(peer: number): void {
    const [before, after] = [previous[peer] as number, next[peer] as number];
    next[before] = after;
    previous[after] = before;
  }

  function pay(peer: number, price: number): void {
    unlink(peer);
    (standing[peer] as number) -= price;
    insert(peer, previous[end] as number);
  }

  function fallBack(peer: number): void {
    state.untried--;
    pay(peer, each);
  }

  function pick(): number {
    if (!state.isListed) enter();
    let winner = next[end] as number;
    if (tried.hasAny()) {
      while (winner !== end && tried.isTried(winner)) winner = next[winner] as number;
      if (winner === end) return -1;
      state.untried = primaries;
      tried.forEach(fallBack);
      pay(winner, each * state.untried);
    } else pay(winner, each * primaries);
    state.gained += each;
    return winner;
  }

  return { pick, leave };
}
