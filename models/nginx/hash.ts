// Balancing by a hash: ip_hash, hash, and hash with `consistent`.
//
// Modelled: the very hashes of ngx_http_upstream_ip_hash_module.c and ngx_http_upstream_hash_module.c
// (measured: the choices agree with nginx 1.22.1, 2026-11), weights, another hash after a miss, the round
// robin after 20 misses. nginx keeps the hash between the attempts of a request; here an attempt repeats
// it from the beginning and passes over what was tried, which gives the same peers.
// Not modelled: that a peer which was tried is not a miss when a later attempt passes over it; clients with
// IPv6 addresses; the text of URIs (see keyText).

import {
  type Method,
  MOST_MISSES,
  plainRoundRobin,
  roundRobin,
  smoothPass,
  weightTable,
} from "./balancing.js";
import type { Balance } from "./group-settings.js";
import type { Peers } from "./peers.js";

/** `hash KEY`: compatible with Cache::Memcached. */
export function hashed(peers: Peers, key: HashKey): Method {
  const table = weightTable(peers);
  const fallback = roundRobin(peers);
  const withKey = keyText[key];
  return (first, end, nowS, keyNumber) => {
    let hash = 0;
    for (let rehash = 0; rehash <= MOST_MISSES; rehash++) {
      const prefix = rehash === 0 ? CRC_START : withDecimal(CRC_START, rehash);
      hash += (crcOf(withKey(prefix, keyNumber)) >>> 16) & 0x7fff;
      const peer = table.peerAt(hash % table.total);
      if (peers.isEligible(peer, nowS)) return peer;
    }
    return fallback(first, end, nowS, keyNumber);
  };
}

/** `ip_hash`: the key is the client's IPv4 address as a number, 0 for a client on a unix socket. */
export function ipHashed(peers: Peers): Method {
  const table = weightTable(peers);
  const fallback = roundRobin(peers);
  return (first, end, nowS, address) => {
    let hash = 89;
    for (let misses = 0; misses <= MOST_MISSES; misses++) {
      // The first three bytes only: clients of one /24 share a server.
      for (let shift = 24; shift >= 8; shift -= 8) hash = (hash * 113 + ((address >>> shift) & 0xff)) % 6271;
      const peer = table.peerAt(hash % table.total);
      if (peers.isEligible(peer, nowS)) return peer;
    }
    return fallback(first, end, nowS, address);
  };
}

/** `hash KEY consistent`: ketama, compatible with Cache::Memcached::Fast. */
export function consistent(peers: Peers, key: HashKey): Method {
  const ring = ketamaRing(peers);
  const pass = smoothPass(peers);
  const fallback = plainRoundRobin(peers, pass);
  const withKey = keyText[key];
  return (first, end, nowS, keyNumber) => {
    const start = ring.find(crcOf(withKey(CRC_START, keyNumber)));
    for (let misses = 0; misses <= MOST_MISSES; misses++) {
      const server = ring.serverAt(start + misses);
      // A server with several addresses has one place; the round robin chooses among them.
      pass.begin();
      for (let peer = server; peer < end; peer++) {
        if (peers.server[peer] === server && peers.isEligible(peer, nowS)) pass.offer(peer);
      }
      const peer = pass.winner();
      if (peer >= 0) return peer;
    }
    return fallback(first, end, nowS, keyNumber);
  };
}

const POINTS_OF_WEIGHT = 160;
// A point is its hash times this plus its server, which is exact below 2^53 and sorts by hash.
const SERVERS = 2 ** 20;

/** Points on a circle of 2^32, each belonging to a server; a key belongs to the next point. */
function ketamaRing({ name, server, weight, primaries }: Peers) {
  const weights = weight.subarray(0, primaries).reduce((sum, own) => sum + own, 0);
  const sorted = new Float64Array(weights * POINTS_OF_WEIGHT);
  let made = 0;
  for (let peer = 0; peer < primaries; peer++) {
    const [host, port] = hostAndPort(name[peer] as string);
    const base = withText(withByte(withText(CRC_START, host), 0), port);
    let previous = 0;
    for (let left = (weight[peer] as number) * POINTS_OF_WEIGHT; left > 0; left--) {
      let crc = base;
      for (let shift = 0; shift <= 24; shift += 8) crc = withByte(crc, (previous >>> shift) & 0xff);
      previous = crcOf(crc);
      sorted[made++] = previous * SERVERS + (server[peer] as number);
    }
  }
  sorted.sort();
  const hashOf = (point: number) => Math.floor(point / SERVERS);
  const points = sorted.filter((point, index) => {
    return index === 0 || hashOf(point) !== hashOf(sorted[index - 1] as number);
  });

  /** The first point at or after `hash`. */
  function find(hash: number): number {
    const wanted = hash * SERVERS;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((points[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return { find, serverAt: (index: number) => (points[index % points.length] as number) % SERVERS };
}

function hostAndPort(name: string): [host: string, port: string] {
  if (name.startsWith("unix:")) return [name.slice("unix:".length), ""];
  const [, host, port] = /^(.*):(\d*)$/.exec(name) ?? [];
  return host === undefined ? [name, ""] : [host, port as string];
}

type HashKey = Extract<Balance, { kind: "hash" }>["key"];

/**
 * Continues a CRC with the text that nginx hashes for a key's number, a whole number below 2^32. A URI is
 * its number in decimal digits; an address is an IPv4 address, 0 being a client on a unix socket.
 */
const keyText: Record<HashKey, (crc: number, key: number) => number> = {
  uri: withDecimal,
  remote_addr(crc, address) {
    if (address === 0) return withText(crc, UNIX_CLIENT);
    let longer = withDecimal(crc, address >>> 24);
    for (let shift = 16; shift >= 0; shift -= 8) {
      longer = withDecimal(withByte(longer, DOT), (address >>> shift) & 0xff);
    }
    return longer;
  },
  binary_remote_addr(crc, address) {
    if (address === 0) return withText(crc, UNIX_CLIENT);
    let longer = crc;
    for (let shift = 24; shift >= 0; shift -= 8) longer = withByte(longer, (address >>> shift) & 0xff);
    return longer;
  },
};

const DOT = 46;
const DIGIT_ZERO = 48;
const UNIX_CLIENT = "unix:";

// CRC-32 of IEEE 802.3, reflected: polynomial 0xedb88320 (ngx_crc32.c).
const CRC_START = 0xffffffff;
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function withByte(crc: number, byte: number): number {
  return (CRC_TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
}

function withText(crc: number, text: string): number {
  let longer = crc;
  for (const byte of new TextEncoder().encode(text)) longer = withByte(longer, byte);
  return longer;
}

function withDecimal(crc: number, value: number): number {
  let power = 1;
  while (value >= power * 10) power *= 10;
  let longer = crc;
  for (let rest = value; power >= 1; power /= 10) {
    const digit = Math.floor(rest / power);
    longer = withByte(longer, DIGIT_ZERO + digit);
    rest -= digit * power;
  }
  return longer;
}

/** The finished CRC as a number from 0 to below 2^32. */
function crcOf(crc: number): number {
  return ~crc >>> 0;
}
