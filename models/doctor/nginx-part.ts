// nginx as rules see it.
//
// Modelled: its listening socket, its peers with their shares of the requests, and how many requests its
// processes can have in flight. Not modelled: what is not in its settings.

import { parseAddress } from "../../src/component/address.js";
import type { FoundSetting } from "../../src/component/finding.js";
import type { NginxSettings } from "../nginx/settings.js";
import { usableConnections } from "../nginx/slots.js";
import { serversOf } from "../nginx/upstream-settings.js";
import { kernelNamed, listenerPart } from "./kernel-part.js";
import type { KernelPart, NginxPart, Peer } from "./parts.js";

export function nginxPart(settings: NginxSettings, kernels: readonly KernelPart[]): NginxPart {
  const { version, listen, worker_processes, worker_connections } = settings;
  const of = `nginx ${version}`;
  const kernel = kernelNamed(kernels, settings.kernel);
  const setting = (key: string, value?: string): FoundSetting => ({
    path: ["nginx", ...key.split(".")],
    of,
    ...(value !== undefined && { value }),
  });
  // `max_fails` may be written nowhere, as with an address alone.
  const server = (
    { index, server: one }: Peer,
    key: "address" | "max_fails" | "fail_timeout" | "max_conns",
  ) => {
    const at = index === undefined ? ["nginx", "proxy_pass"] : ["nginx", "upstream", "servers", index];
    if (key === "address") return { path: at, of, value: one.address };
    const value = key === "fail_timeout" ? `${one.fail_timeout / 1e9}s` : String(one[key]);
    return { path: [...at, key], of, value };
  };
  return {
    settings,
    kernel,
    listener: listenerPart(kernel, {
      bind: listen.address,
      asked: listen.backlog,
      setting: setting("listen.backlog", String(listen.backlog)),
    }),
    peers: peersOf(settings),
    inFlight: worker_processes * Math.floor(usableConnections(worker_connections) / 2),
    perSecond: 0,
    setting,
    server,
  };
}

function peersOf(settings: NginxSettings): Peer[] {
  const servers = serversOf(settings);
  const peers = servers.flatMap((server, index) =>
    server.down
      ? []
      : (server.resolves ?? [server.address]).map(
          (text): Peer => ({
            address: parseAddress(text),
            server,
            index: settings.proxy_pass ? undefined : index,
            gunicorn: undefined,
            share: server.backup ? 0 : server.weight,
          }),
        ),
  );
  const total = peers.reduce((sum, { share }) => sum + share, 0);
  return peers.map((peer) => ({ ...peer, share: total > 0 ? peer.share / total : 0 }));
}
