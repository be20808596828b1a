// The peers of an upstream group, one for each address, and what nginx remembers of them
// (ngx_http_upstream_rr_peer_t in ngx_http_upstream_round_robin.h).
//
// Modelled: who is eligible, and the accounting of failures in whole seconds
// (ngx_http_upstream_free_round_robin_peer).
// Not modelled: the locks of a shared zone, which only take time.

import { SECOND } from "../../src/engine/time.js";
import type { GroupServer } from "./group-settings.js";
import { type TriedPeers, triedPeers } from "./tried-peers.js";

/** Columns; the primary peers stand before the backups. */
export interface Peers {
  readonly count: number;
  /** Peers that are not backups. */
  readonly primaries: number;
  readonly address: readonly string[];
  /** The server as it is written, which the consistent hash is made of. */
  readonly name: readonly string[];
  /** The first peer with the same `name`. */
  readonly server: Int32Array;
  readonly weight: Int32Array;
  readonly effectiveWeight: Int32Array;
  readonly currentWeight: Int32Array;
  readonly isDown: Uint8Array;
  readonly conns: Int32Array;
  readonly tried: TriedPeers;
  /** How many peers have less than their weight as effective weight. */
  readonly lowered: { count: number };
  /** All primary peers weigh the same, and none can be kept out but by its failures. */
  readonly areEven: boolean;
  /** Whether the request that `tried` recalls may have this peer now. */
  isEligible(peer: number, nowS: number): boolean;
  /** Nothing keeps anybody out: no failures, no limits; but what this request has tried. */
  areAllEligible(): boolean;
  /** Whether failures keep the peer out. */
  isDisabled(peer: number, nowS: number): boolean;
  /** The peer gets a request: it counts, and may be the one probe of this window. */
  assigned(peer: number, nowS: number): void;
  /** A request has failed; answers whether nginx logs "upstream server temporarily disabled". */
  failed(peer: number, nowS: number): boolean;
  /** A request has ended without a failure. */
  passed(peer: number): void;
  /** The failures of the peers from `first` to before `end` are forgotten. */
  revive(first: number, end: number): void;
  /** Nothing is remembered of any request; whatever was given to `onReset` is called as well. */
  reset(): void;
  /** For a method that remembers more than stands here. */
  onReset(reset: () => void): void;
}

// Both are 0 in nginx, where the clock began in 1970; a simulation's may begin at 0.
const LONG_AGO_S = -(2 ** 31);

export function peersOf(servers: readonly GroupServer[]): Peers {
  const primaries = servers.filter(({ backup }) => !backup).flatMap(addressesOf);
  const all = [...primaries, ...servers.filter(({ backup }) => backup).flatMap(addressesOf)];
  const column = (of: (server: GroupServer) => number) => Int32Array.from(all, ({ server }) => of(server));
  const count = all.length;
  const name = all.map(({ server }) => server.address);
  const weight = column((server) => server.weight);
  const effectiveWeight = weight.slice();
  const currentWeight = new Int32Array(count);
  const maxFails = column((server) => server.max_fails);
  const maxConns = column((server) => server.max_conns);
  const failTimeoutS = column((server) => server.fail_timeout / SECOND);
  const isDown = Uint8Array.from(all, ({ server }) => Number(server.down));
  const conns = new Int32Array(count);
  const fails = new Int32Array(count);
  const accessedS = new Int32Array(count).fill(LONG_AGO_S);
  const checkedS = new Int32Array(count).fill(LONG_AGO_S);
  const tried = triedPeers(count);
  const isLimited = isDown.includes(1) || maxConns.some((most) => most > 0);
  /** Peers that have failed too often, whether that was long ago or not. */
  const failing = { count: 0 };
  const lowered = { count: 0 };
  const resets: (() => void)[] = [];

  function isDisabled(peer: number, nowS: number): boolean {
    const most = maxFails[peer] as number;
    if (most === 0 || (fails[peer] as number) < most) return false;
    return nowS - (checkedS[peer] as number) <= (failTimeoutS[peer] as number);
  }

  function isEligible(peer: number, nowS: number): boolean {
    if (isDown[peer] === 1 || tried.isTried(peer) || isDisabled(peer, nowS)) return false;
    const most = maxConns[peer] as number;
    return most === 0 || (conns[peer] as number) < most;
  }

  // `checked` moves at most once in a window: others still find the failed peer disabled while its probe
  // runs.
  function assigned(peer: number, nowS: number): void {
    if (nowS - (checkedS[peer] as number) > (failTimeoutS[peer] as number)) checkedS[peer] = nowS;
  }

  function failed(peer: number, nowS: number): boolean {
    const most = maxFails[peer] as number;
    fails[peer] = (fails[peer] as number) + 1;
    accessedS[peer] = nowS;
    checkedS[peer] = nowS;
    if (most === 0) return false;
    if (fails[peer] === most) failing.count++;
    const lost = Math.floor((weight[peer] as number) / most);
    if (lost > 0 && effectiveWeight[peer] === weight[peer]) lowered.count++;
    effectiveWeight[peer] = Math.max(0, (effectiveWeight[peer] as number) - lost);
    return (fails[peer] as number) >= most;
  }

  function passed(peer: number): void {
    if ((accessedS[peer] as number) < (checkedS[peer] as number)) forgive(peer);
  }

  function forgive(peer: number): void {
    const most = maxFails[peer] as number;
    if (most > 0 && (fails[peer] as number) >= most) failing.count--;
    fails[peer] = 0;
  }

  return {
    count,
    primaries: primaries.length,
    address: all.map(({ address }) => address),
    name,
    server: Int32Array.from(name, (own) => name.indexOf(own)),
    weight,
    effectiveWeight,
    currentWeight,
    isDown,
    conns,
    tried,
    lowered,
    areEven: !isLimited && new Set(weight.subarray(0, primaries.length)).size === 1,
    isEligible,
    areAllEligible: () => failing.count === 0 && !isLimited,
    isDisabled,
    assigned,
    failed,
    passed,
    revive(first, end) {
      for (let peer = first; peer < end; peer++) forgive(peer);
    },
    reset() {
      effectiveWeight.set(weight);
      for (const column of [currentWeight, conns, fails]) column.fill(0);
      for (const column of [accessedS, checkedS]) column.fill(LONG_AGO_S);
      tried.reset();
      failing.count = 0;
      lowered.count = 0;
      for (const reset of resets) reset();
    },
    onReset: (reset) => void resets.push(reset),
  };
}

function addressesOf(server: GroupServer): { server: GroupServer; address: string }[] {
  return (server.resolves ?? [server.address]).map((address) => ({ server, address }));
}
