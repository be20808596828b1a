// What is wrong with the way to the application although each setting by itself is right, and what of it
// surprises.
//
// Modelled: settings without effect, a proxy that is its own upstream, localhost. Not modelled: what any of
// it does; see upstream-settings.ts.

import { parseAddress } from "../../src/component/address.js";
import type { Server } from "../../src/component/network.js";
import { SettingError } from "../../src/component/setting-error.js";
import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import type { GroupServer } from "./group-settings.js";
import type { UpstreamServers } from "./upstream.js";
import { reuseOf, speaksHttp11, type UpstreamDeclared } from "./upstream-settings.js";

/** Throws a SettingError for what only an upstream block can have, and warns of what else has no effect. */
export function checkUpstream(
  { notices }: World,
  declared: UpstreamDeclared,
  servers: readonly GroupServer[],
): void {
  if (declared.proxy_pass) refuseGroup(declared);
  notices.push(() => idleKeepalive(declared));
  notices.push(() => severalPeers(declared, servers));
}

function refuseGroup({ upstream }: UpstreamDeclared): void {
  const { balance, zone, keepalive, keepalive_requests, keepalive_time, keepalive_timeout } = upstream;
  const given = {
    balance: balance.kind === "round_robin" ? undefined : balance.kind,
    zone: zone || undefined,
    keepalive,
    keepalive_requests,
    keepalive_time: keepalive_time === undefined ? undefined : durationText(keepalive_time),
    keepalive_timeout: keepalive_timeout === undefined ? undefined : durationText(keepalive_timeout),
  };
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const why = "expected nothing beside nginx.proxy_pass, whose group is no upstream block";
    throw new SettingError(["nginx", "upstream", key], `${why}, got ${value}`);
  }
}

/** Connections are kept in HTTP/1.1 without `Connection: close` (ngx_http_upstream_module keepalive). */
function idleKeepalive(declared: UpstreamDeclared): string | undefined {
  const { keepalive = 0 } = declared.upstream;
  const { isWanted, cache } = reuseOf(declared);
  if (keepalive === 0 || cache) return undefined;
  const needs: string[] = [];
  if (!speaksHttp11(declared)) needs.push('nginx.proxy_http_version: "1.1"');
  if (!isWanted && declared.proxy_set_header.Connection !== "")
    needs.push('nginx.proxy_set_header: { Connection: "" }');
  return `nginx.upstream.keepalive = ${keepalive} keeps no connection: that needs ${needs.join(" and ")}`;
}

/** getaddrinfo() on a host with IPv6 gives localhost two addresses, each of which is a peer. */
function severalPeers({ proxy_pass }: UpstreamDeclared, servers: readonly GroupServer[]): string | undefined {
  const named = servers.find(
    ({ address, resolves }) => !resolves && parseAddress(address).host?.toLowerCase() === "localhost",
  );
  if (!named) return undefined;
  const path = proxy_pass ? "nginx.proxy_pass" : "nginx.upstream.servers";
  return (
    `${path}: ${named.address} may be two peers, [::1] and 127.0.0.1, on a host with IPv6: one failure of ` +
    "each is then an outage of 10 s; here it is one, unless `resolves` lists both"
  );
}

/** Throws a SettingError if a server is nginx itself, whose requests would never end. */
export function refuseItself(
  declared: UpstreamDeclared & { listen: { address: string } },
  servers: readonly GroupServer[],
  found: Pick<UpstreamServers, "addressOf">,
  itself: Server,
): void {
  const own = found.addressOf(itself);
  if (own === undefined) return;
  const index = servers.findIndex(({ address, resolves = [address] }) => resolves.includes(own));
  const path = declared.proxy_pass ? ["nginx", "proxy_pass"] : ["nginx", "upstream", "servers", index];
  const expected = `expected an address other than nginx's own listen ${declared.listen.address}`;
  throw new SettingError(path, `${expected}, got ${own}`);
}
