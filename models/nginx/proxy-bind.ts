// Settings of nginx's ends of its connections to the application: their source address, and how they close.
//
// Modelled: `proxy_bind ADDR`, of which nginx leaves the port to connect() from 1.11.4 on if the kernel knows
// IP_BIND_ADDRESS_NO_PORT (4.2 and later), and `proxy_bind ADDR:PORT` (src/event/ngx_event_connect.c; a
// bind() that fails is a 500, measured: nginx 1.22.1, 2026-11). Not modelled: variables, `transparent`.

import { HOST_PORT_FORM } from "../../src/component/address.js";
import { pattern, share } from "../../src/component/settings.js";
import type { SourceAddress } from "../linux/caller-ends.js";
import type { Kernel } from "../linux/kernel.js";
import { isAtLeast } from "../version.js";

export const proxyBindSetting = pattern({
  expected: 'an address with or without a port, such as "10.0.0.9", or "off"',
  form: HOST_PORT_FORM,
  help: "source address of connections to the application over TCP",
  default: "off",
  source: "ngx_http_proxy_module proxy_bind",
});

export const closesTogetherSetting = share({
  help: "share of TCP connections to the application that both sides close at once; a part of closes_first",
  default: 0.04,
  source: "measured: 1-8 %, sync workers, nginx 1.22.1, gunicorn 20.1.0 and 26.1.0, 2026-11",
});

/** Where nginx's ends are bound; undefined if they are not. */
export function sourceAddress(
  { proxy_bind, version }: { proxy_bind: string; version: string },
  kernel: Pick<Kernel, "bindsWithoutPort">,
): SourceAddress | undefined {
  if (proxy_bind === "off") return undefined;
  const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(proxy_bind) as RegExpExecArray;
  return {
    host: host as string,
    ...(port !== undefined && { port: Number(port) }),
    bindsWithoutPort: kernel.bindsWithoutPort && isAtLeast(version.split(" ")[0] as string, "1.11.4"),
    setting: `nginx.proxy_bind = ${proxy_bind}`,
  };
}
