// The bodies of requests, on their way from the client to nginx.
//
// Modelled: client_max_body_size; with proxy_request_buffering the connection to the application is opened
// when the whole body has come, without it at once (src/http/ngx_http_request_body.c); a request whose body
// was not buffered, or whose method is not idempotent, is not sent to a second server once it was sent, but
// for `non_idempotent` (src/http/ngx_http_upstream.c ngx_http_upstream_next).
// Not modelled: client_body_timeout, since clients send without pausing; the time that the file of a large
// body takes; bodies that come along with the header and so are never unbuffered.

import type { World } from "../../src/component/world.js";

export interface BodySettings {
  client_max_body_size: number;
  proxy_request_buffering: "on" | "off";
  proxy_next_upstream: readonly string[];
}

export type RequestBodies = ReturnType<typeof clientBodies>;

/** By the client's connection. */
export function clientBodies({ sim, connections, requests, recorder }: World, settings: BodySettings) {
  const mostBytes = settings.client_max_body_size || Number.POSITIVE_INFINITY;
  const isBuffered = settings.proxy_request_buffering === "on";
  const repeats = settings.proxy_next_upstream.includes("non_idempotent");
  const tooLarge = recorder.cause({
    id: "client-body-too-large",
    text: () => `nginx takes bodies of ${sizeText(mostBytes)} at most`,
    settings: [`nginx.client_max_body_size = ${sizeText(mostBytes)}`],
  });
  return {
    /** 413: the cause is noted. */
    isTooLarge(client: number): boolean {
      const { bodies } = requests;
      if (bodies === undefined) return false;
      const request = connections.request[client] as number;
      if ((bodies.bytes[request] as number) <= mostBytes) return false;
      requests.cause[request] = tooLarge;
      return true;
    },
    /** For how long nginx still reads the body before it turns to the application, in nanoseconds. */
    leftNs(client: number): number {
      const { bodies } = requests;
      if (bodies === undefined || !isBuffered) return 0;
      const request = connections.request[client] as number;
      const uploadNs = bodies.uploadNs[request] as number;
      return Math.max(0, (requests.sentNs[request] as number) + uploadNs - sim.now);
    },
    /** A request that was sent to a server may be sent to another one. */
    mayRepeat(client: number): boolean {
      const { bodies } = requests;
      if (bodies === undefined) return true;
      const request = connections.request[client] as number;
      if (bodies.isOnce[request] !== 0 && !repeats) return false;
      return isBuffered || bodies.bytes[request] === 0;
    },
  };
}

function sizeText(bytes: number): string {
  for (const [unit, size] of [
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}
