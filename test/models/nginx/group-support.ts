// Groups as a scenario declares them, and requests that go through all their attempts.

import { type UpstreamGroup, upstreamGroup } from "../../../models/nginx/group.js";
import { balanceSettings, serverSettings } from "../../../models/nginx/group-settings.js";
import { type Source, streams } from "../../../src/engine/random.js";

/** The stream that a test's random choices come from. */
export function source(name: string): Source {
  return streams("7", 0).stream(name);
}

export function groupOf(
  servers: readonly unknown[],
  balance: unknown = "round_robin",
  random = source("balance"),
): UpstreamGroup {
  const declared = servers.map((server) => serverSettings.parse(server));
  return upstreamGroup(declared, balanceSettings.parse(balance), { random });
}

/** A server on a unix socket of one letter: `server("A", { weight: 5 })`. */
export function server(letter: string, parameters: object = {}) {
  return { address: `unix:/tmp/grp/${letter}.sock`, ...parameters };
}

/** The letter of a peer. */
export function letter(group: UpstreamGroup, peer: number): string {
  return peer < 0 ? "-" : group.address(peer).replace(/^.*\/(\w+)\.sock$/, "$1");
}

/** Whom one request after the other goes to, all of them passing at once. */
export function passing(group: UpstreamGroup, keys: readonly number[], nowS = 0): string {
  return keys
    .map((key) => {
      const peer = group.choose(0, nowS, key);
      if (peer >= 0) group.release(peer, false, nowS);
      return letter(group, peer);
    })
    .join("");
}

/** The peers of one request, which tries again when its peer is among `failing`; `-` is "no live upstreams". */
export function attempts(group: UpstreamGroup, failing: string, key = 0, nowS = 0): string {
  let used = "";
  let tried = 0;
  for (let left = group.attempts; left > 0; left--) {
    const peer = group.choose(tried, nowS, key);
    used += letter(group, peer);
    if (peer < 0) break;
    const failed = failing.includes(letter(group, peer));
    group.release(peer, failed, nowS);
    if (!failed) break;
    tried = group.mark(tried, peer);
  }
  group.forget(tried);
  return used;
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** An IPv4 address as a number. */
export function ipv4(text: string): number {
  return text.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
}

/** Pearson's statistic of observed counts against shares. */
export function chiSquare(counts: readonly number[], shares: readonly number[]): number {
  const [total, whole] = [sum(counts), sum(shares)];
  return sum(
    counts.map((count, index) => {
      const expected = (total * (shares[index] as number)) / whole;
      return (count - expected) ** 2 / expected;
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How often each of `letters` stands in `text`. */
export function tally(text: string, letters: string): number[] {
  return [...letters].map((one) => text.split(one).length - 1);
}
