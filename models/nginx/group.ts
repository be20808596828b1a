// What one nginx worker knows of an upstream group: which peer is next, and which are left alone. With
// `zone` all workers share one such object.
//
// Modelled: weights, down, backup, max_conns; max_fails and fail_timeout in whole seconds, so that a peer
// that failed in second t is eligible again in second t + fail_timeout + 1, then for one probe a window; a
// group of exactly one address, which remembers nothing (peers->single); all methods of balancing.ts and
// hash.ts; backups in the same request once no primary is eligible (ngx_http_upstream_round_robin.c,
// ngx_http_upstream_get_round_robin_peer and _free_round_robin_peer); before 1.11.5 the quick recovery there:
// a request that finds nobody fails, and what the peers had failed is forgotten for the next one.
// Not modelled: what belongs to nginx's paid version (queue, slow_start, health checks), least_time and
// sticky of 1.29 and later, addresses that change while nginx runs.

import type { Source } from "../../src/engine/random.js";
import { leastConn, type Method, randomPick, randomTwo, roundRobin } from "./balancing.js";
import type { Balance, GroupServer } from "./group-settings.js";
import { consistent, hashed, ipHashed } from "./hash.js";
import { type Peers, peersOf } from "./peers.js";

export interface UpstreamGroup {
  /** Addresses that are not down, backups too; proxy_next_upstream_tries may allow a request fewer. */
  readonly attempts: number;
  /** Exactly one address and no backup: nothing is remembered of its failures. */
  readonly single: boolean;
  /** `key` of `choose` is the number of the URI, not the client's address. */
  readonly hashesUri: boolean;
  /** Peers, one for each address: the primary ones first, then the backups. */
  readonly peers: number;
  /** Where a peer listens, as in `$upstream_addr`. */
  address(peer: number): string;
  /**
   * The peer for a request's next attempt, which then counts among its connections; -1 when nobody is
   * eligible: "no live upstreams". `tried` is 0 at first, then what `mark` gave; `nowS` is the whole second
   * of the worker's clock; `key` is a whole number below 2^32: the client's IPv4 address (0 for a unix
   * socket), or the number of the URI.
   */
  choose(tried: number, nowS: number, key: number): number;
  /**
   * An attempt has ended. Answers whether the peer is disabled by it: "upstream server temporarily disabled"
   * in nginx's error log.
   */
  release(peer: number, failed: boolean, nowS: number): boolean;
  /** A request that tries again has used `peer`; gives the `tried` to keep in place of the old one. */
  mark(tried: number, peer: number): number;
  /** A request has ended: its `tried` is free. 0 needs no call. */
  forget(tried: number): void;
  /** Requests now assigned to a peer. */
  conns(peer: number): number;
  /** Peers that failures keep out in this second. */
  disabledPeers(nowS: number): number;
  /** Rows that `mark` gave and `forget` has not freed. */
  triedRows(): number;
  /** Nothing is remembered: as it was before the first request. */
  reset(): void;
}

/**
 * The state of a group; `random` is the stream of the methods that draw, `recovers` is the quick recovery of
 * versions before 1.11.5.
 */
export function upstreamGroup(
  servers: readonly GroupServer[],
  balance: Balance,
  { random, recovers = false }: { random: Source; recovers?: boolean },
): UpstreamGroup {
  const peers = peersOf(servers);
  const { count, primaries, conns, tried: triedPeers } = peers;
  const single = count === 1 && primaries === 1;
  // The consistent hash gives up by itself (ngx_http_upstream_get_chash_peer).
  const isConsistent = balance.kind === "hash" && balance.consistent;
  const pick = methodOf(balance, peers, random);
  triedPeers.recall(0);

  function choose(tried: number, nowS: number, key: number): number {
    // A single peer is used as often as there are attempts, and never fails: `down` and max_conns keep it
    // out.
    let peer = -1;
    if (!single) peer = nextPeer(tried, nowS, key);
    else if (peers.isEligible(0, nowS)) peer = 0;
    if (peer >= 0) conns[peer] = (conns[peer] as number) + 1;
    return peer;
  }

  function nextPeer(tried: number, nowS: number, key: number): number {
    triedPeers.recall(tried);
    const first = usesBackups() ? primaries : 0;
    let peer = first > 0 ? -1 : pick(0, primaries, nowS, key);
    if (peer < 0 && primaries < count) peer = pick(primaries, count, nowS, key);
    if (peer >= 0) peers.assigned(peer, nowS);
    else if (recovers && !isConsistent) peers.revive(first, count);
    return peer;
  }

  // A request that has gone over to the backups does not come back.
  function usesBackups(): boolean {
    for (let peer = primaries; peer < count; peer++) if (triedPeers.isTried(peer)) return true;
    return false;
  }

  function release(peer: number, failed: boolean, nowS: number): boolean {
    conns[peer] = (conns[peer] as number) - 1;
    if (single) return false;
    if (failed) return peers.failed(peer, nowS);
    peers.passed(peer);
    return false;
  }

  function disabledPeers(nowS: number): number {
    let disabled = 0;
    for (let peer = 0; peer < count; peer++) if (peers.isDisabled(peer, nowS)) disabled++;
    return disabled;
  }

  return {
    attempts: peers.isDown.reduce((live, isDown) => live + 1 - isDown, 0),
    single,
    peers: count,
    address: (peer) => peers.address[peer] as string,
    hashesUri: balance.kind === "hash" && balance.key === "uri",
    choose,
    release,
    mark: triedPeers.mark,
    forget: triedPeers.forget,
    conns: (peer) => conns[peer] as number,
    disabledPeers,
    triedRows: triedPeers.rows,
    reset() {
      peers.reset();
      triedPeers.recall(0);
    },
  };
}

function methodOf(balance: Balance, peers: Peers, random: Source): Method {
  switch (balance.kind) {
    case "round_robin":
      return roundRobin(peers);
    case "least_conn":
      return leastConn(peers);
    case "ip_hash":
      return ipHashed(peers);
    case "random":
      return randomPick(peers, random);
    case "random two":
      return randomTwo(peers, random);
    case "hash":
      return balance.consistent ? consistent(peers, balance.key) : hashed(peers, balance.key);
  }
}
