// Modelled: what nginx keeps of a request while it is proxied, and the causes of attempts that fail.
// Not modelled: anything that happens to them; see proxy.ts.

import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import { columns } from "../../src/engine/columns.js";

/** How an attempt fails: before or after its request was sent, or over a kept connection. */
export const CONNECT_FAILED = 0;
export const CONNECT_TIMED_OUT = 1;
export const FAILED = 2;
export const TIMED_OUT = 3;
export const REUSED_FAILED = 4;

export const SEARCHING = 2;

/** Columns by the client's connection. */
export type AttemptRows = ReturnType<typeof attemptRows>;

export function attemptRows() {
  return columns({
    /** Connection of the current attempt, and its peer. */
    upstream: Int32Array,
    peer: Int32Array,
    /** Its connect() is in progress: 1, or SEARCHING if it looks for a port. */
    isConnecting: Uint8Array,
    /** Peers tried before (a number of the group), attempts left, and when the first began. */
    tried: Int32Array,
    left: Int32Array,
    startedNs: Float64Array,
  });
}

export type ProxyCauses = ReturnType<typeof proxyCauses>;

/**
 * Why attempts fail, as far as nginx itself decides. A read timeout has two causes, with different remedies.
 */
export function proxyCauses(
  { recorder }: World,
  { readTimeoutNs, sendTimeoutNs }: { readTimeoutNs: number; sendTimeoutNs: number },
) {
  const timeout = `nginx read timeout of ${durationText(readTimeoutNs)}`;
  const decided = [`nginx.proxy_read_timeout = ${durationText(readTimeoutNs)}`];
  return {
    queued: recorder.cause({
      id: "read-timeout-queued",
      text: () => `${timeout} while queued for a worker`,
      settings: decided,
    }),
    running: recorder.cause({
      id: "read-timeout-running",
      text: () => `${timeout} while running`,
      settings: decided,
    }),
    stale: recorder.cause({
      id: "stale-connection",
      text: () => "the application had closed the kept connection that nginx sent the request into",
      settings: ["nginx.upstream.keepalive_timeout", "gunicorn.keepalive"],
    }),
    unread: recorder.cause({
      id: "send-timeout",
      text: () =>
        `nginx send timeout of ${durationText(sendTimeoutNs)}: nobody read the request from a full socket`,
      settings: [`nginx.proxy_send_timeout = ${durationText(sendTimeoutNs)}`],
    }),
    severed: recorder.cause({
      id: "closed-with-unread-request",
      text: () => "the application closed with a part of the request unread while nginx was writing it",
      settings: ["app.reads_body = false"],
    }),
    noLive: recorder.cause({
      id: "no-live-upstreams",
      text: () => "no live upstreams: every server of the group is kept out",
      settings: ["nginx.upstream.servers max_fails, fail_timeout, max_conns"],
    }),
  };
}
