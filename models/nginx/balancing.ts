// How nginx spreads requests over the peers of a group: round robin, least connections, random.
//
// Modelled: smooth weighted round robin with the effective weight, which failures lower and each pass raises
// by 1 (ngx_http_upstream_get_peer in ngx_http_upstream_round_robin.c); least_conn, where ties go by the same
// round robin among the tied (ngx_http_upstream_least_conn_module.c); random, and the better of two random
// peers (ngx_http_upstream_random_module.c).
// Not modelled: that `random` has its 20 misses for the whole request; here each attempt has them.

import type { Source } from "../../src/engine/random.js";
import { evenRoundRobin } from "./even-round-robin.js";
import type { Peers } from "./peers.js";

/**
 * Picks one of the eligible peers from `first` to before `end`, or -1 when there is none; `key` is what is
 * hashed. Nothing is counted yet but the round robin's own weights.
 */
export type Method = (first: number, end: number, nowS: number, key: number) => number;

/** More failed picks than this, and the round robin decides. */
export const MOST_MISSES = 20;

/**
 * Of 50 peers of one weight one is picked in 20 ns, where a look at each takes 130 ns (2 cores, both busy,
 * Node 20.20, 2026-11).
 */
export function roundRobin(peers: Peers): Method {
  const plain = plainRoundRobin(peers);
  if (!peers.areEven) return plain;
  const even = evenRoundRobin(peers);
  const { lowered } = peers;
  return (first, end, nowS, key) => {
    if (first === 0) {
      if (peers.areAllEligible() && lowered.count === 0) return even.pick();
      even.leave();
    }
    return plain(first, end, nowS, key);
  };
}

/** Looks at every peer; for whoever makes passes of his own. */
export function plainRoundRobin(peers: Peers, pass = smoothPass(peers)): Method {
  const { tried } = peers;
  return (first, end, nowS) => {
    // Mostly nothing speaks against anybody: 60 peers are passed in a third of the time.
    if (peers.areAllEligible() && !tried.hasAny()) return pass.among(first, end);
    pass.begin();
    for (let peer = first; peer < end; peer++) {
      if (peers.isEligible(peer, nowS)) pass.offer(peer);
    }
    return pass.winner();
  };
}

export function leastConn(peers: Peers): Method {
  const { weight, conns } = peers;
  const pass = smoothPass(peers);

  /** Compares conns / weight without dividing: below 0 when `peer` has fewer than `other`. */
  function difference(peer: number, other: number): number {
    return (
      (conns[peer] as number) * (weight[other] as number) -
      (conns[other] as number) * (weight[peer] as number)
    );
  }

  return (first, end, nowS) => {
    let best = -1;
    let isTied = false;
    for (let peer = first; peer < end; peer++) {
      if (!peers.isEligible(peer, nowS)) continue;
      const less = best < 0 ? -1 : difference(peer, best);
      if (less < 0) {
        best = peer;
        isTied = false;
      } else if (less === 0) isTied = true;
    }
    // Without a tie the weights of the round robin stay as they are.
    if (!isTied) return best;
    pass.begin();
    for (let peer = best; peer < end; peer++) {
      if (peers.isEligible(peer, nowS) && difference(peer, best) === 0) pass.offer(peer);
    }
    return pass.winner();
  };
}

export function randomPick(peers: Peers, random: Source): Method {
  const table = weightTable(peers);
  const fallback = roundRobin(peers);
  return (first, end, nowS, key) => {
    for (let misses = 0; misses <= MOST_MISSES; misses++) {
      const peer = table.peerAt(Math.floor(random() * table.total));
      if (peers.isEligible(peer, nowS)) return peer;
    }
    return fallback(first, end, nowS, key);
  };
}

export function randomTwo(peers: Peers, random: Source): Method {
  const { weight, conns } = peers;
  const table = weightTable(peers);
  const fallback = roundRobin(peers);
  return (first, end, nowS, key) => {
    let one = -1;
    let misses = 0;
    while (misses <= MOST_MISSES) {
      const peer = table.peerAt(Math.floor(random() * table.total));
      if (peer === one || !peers.isEligible(peer, nowS)) misses++;
      else if (one < 0) one = peer;
      else {
        // The second is taken when they are equal.
        const ofPeer = (conns[peer] as number) * (weight[one] as number);
        const ofOne = (conns[one] as number) * (weight[peer] as number);
        return ofPeer > ofOne ? one : peer;
      }
    }
    return fallback(first, end, nowS, key);
  };
}

/**
 * One pass of the smooth weighted round robin: every peer that is offered gains its effective weight, the one
 * with the largest current weight wins and pays what all have gained.
 */
export function smoothPass(peers: Peers) {
  const { weight, effectiveWeight, currentWeight, lowered } = peers;
  let best = -1;
  let total = 0;
  peers.onReset(begin);

  function begin(): void {
    best = -1;
    total = 0;
  }

  function offer(peer: number): void {
    const gained = effectiveWeight[peer] as number;
    const current = (currentWeight[peer] as number) + gained;
    currentWeight[peer] = current;
    total += gained;
    if (gained < (weight[peer] as number)) regain(peer);
    if (best < 0 || current > (currentWeight[best] as number)) best = peer;
  }

  function regain(peer: number): void {
    const regained = (effectiveWeight[peer] as number) + 1;
    effectiveWeight[peer] = regained;
    if (regained === weight[peer]) lowered.count--;
  }

  function winner(): number {
    if (best >= 0) currentWeight[best] = (currentWeight[best] as number) - total;
    return best;
  }

  /** The same when each of these is offered. */
  function among(first: number, end: number): number {
    let chosen = -1;
    let most = 0;
    let paid = 0;
    for (let peer = first; peer < end; peer++) {
      const gained = effectiveWeight[peer] as number;
      const current = (currentWeight[peer] as number) + gained;
      currentWeight[peer] = current;
      paid += gained;
      if (gained < (weight[peer] as number)) regain(peer);
      if (chosen < 0 || current > most) {
        chosen = peer;
        most = current;
      }
    }
    if (chosen >= 0) currentWeight[chosen] = most - paid;
    return chosen;
  }

  return { begin, offer, winner, among };
}

/** The primary peers laid side by side, each as wide as its weight. */
export function weightTable({ weight, primaries }: Peers) {
  const startOf = new Int32Array(primaries);
  let total = 0;
  for (let peer = 0; peer < primaries; peer++) {
    startOf[peer] = total;
    total += weight[peer] as number;
  }

  /** The peer that `point`, from 0 to below the total, falls on. */
  function peerAt(point: number): number {
    let low = 0;
    let high = primaries;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (point < (startOf[middle] as number)) high = middle;
      else low = middle;
    }
    return low;
  }

  return { total, peerAt };
}
