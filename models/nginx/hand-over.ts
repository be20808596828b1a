// How a request gets from nginx into the application's socket: at once, or when somebody reads it.
//
// Modelled: the read timeout begins when the whole request is handed to the kernel. What the kernel's buffers
// take needs no reader; for the rest nginx waits until a worker reads, and gives up after proxy_send_timeout
// (src/http/ngx_http_upstream.c ngx_http_upstream_send_request). A body that the client still sends, with
// proxy_request_buffering off, is handed over as it comes. A worker that closes with a part of the request
// unread resets the connection: the answer is lost if nginx is writing at that moment, and arrives otherwise,
// also when nginx waits with a full buffer.
// Not modelled: other sizes of buffers than the defaults of net.core.wmem_default and net.ipv4.tcp_wmem, and
// a network other than the loopback; answers that are cut by the reset.

import { once } from "../../src/component/once.js";
import type { World } from "../../src/component/world.js";
import { columns } from "../../src/engine/columns.js";
import { MILLISECOND } from "../../src/engine/time.js";
import { NO_TIMER, type Timer } from "../../src/engine/timer.js";

// Measured: a body of 195,917 bytes went into a unix socket whose owner did not accept, one of 197,666 armed
// the send timer; nginx 1.22.1, Linux 6.18, net.core.wmem_default = 212992, 2026-11. nginx writes pieces of
// client_body_buffer_size, 8 KiB; each counts with somewhat more against the limit, and 24 fit.
const UNIX_BYTES = 24 * 8192;
// Measured: 3,958,349 bytes went in, 3,961,681 did not; the same over TCP on the loopback, with a largest
// tcp_wmem of 4 MiB, 2026-11.
const TCP_BYTES = 3_960_000;

// Measured: bodies of 20 KB to 6 MB unread by an application that answers at once: 502 for 220 of 280
// requests, and for 17 of 80 on a quieter day, of 300 and 900 KB; by one that sleeps 2 ms first: 1 of 280.
// gunicorn 20.1.0, nginx 1.22.1, unix and TCP, 2026-11.
const WRITING_NS = MILLISECOND;
const LOST_SHARE = 0.5;

// A handle that is none of the read timer's names the connection: -2 for row 0, -3 for row 1 ...
const FIRST_HANDLE = -2;
const NEVER_NS = -1;
const SENDING = 1;
const UPLOADING = 2;

/** How much of a request an application's socket takes before anybody reads it. */
export function socketBytes(family: "unix" | "tcp"): number {
  return family === "unix" ? UNIX_BYTES : TCP_BYTES;
}

/** What decides on the way of a request into an application's socket, and on a second way. */
export interface HandOverRules {
  readTimeoutNs: number;
  sendTimeoutNs: number;
  /** Bytes that the socket of a peer takes before somebody reads. */
  socketBytes(peer: number): number;
  /** Draws whether nginx is writing. */
  drawWriting(): number;
  /** Whether the request of this client may be sent to another server once it was sent to one. */
  mayRepeat(client: number): boolean;
}

interface Given {
  peerOf(connection: number): number;
  readTimedOut: Timer["expired"];
  sendTimedOut: Timer["expired"];
}

/** The read timer of requests, which waits until they are handed over. */
export interface HandOver extends Pick<Timer, "start" | "stop"> {
  /** The application reads this request to its end. */
  reads(connection: number): void;
  /** It has reset the connection with a part of the request unread: whether that destroys the answer. */
  isSevered(connection: number): boolean;
}

export function handOver(
  world: World,
  settings: HandOverRules,
  { peerOf, readTimedOut, sendTimedOut }: Given,
): HandOver {
  const { sim, connections, requests } = world;
  const readTimer = sim.timer("nginx read timeout", settings.readTimeoutNs, readTimedOut);
  // Made when the first request has a body.
  const sendTimer = once(() => sim.timer("nginx send timeout", settings.sendTimeoutNs, sendTimedOut));
  const uploaded = once(() => sim.event("nginx request handed over", goOn));
  const rows = handOverRows();
  world.onReset(rows.clear);

  function start(connection: number): number {
    const { bodies } = requests;
    if (bodies === undefined || bodies.bytes[connections.request[connection] as number] === 0)
      return readTimer.start(connection);
    rows.reserve(connection);
    rows.startedNs[connection] = sim.now;
    return go(connection);
  }

  /** Starts what is to be waited for next; its handle. */
  function go(connection: number): number {
    const request = connections.request[connection] as number;
    const { bytes, uploadNs } = requests.bodies as NonNullable<typeof requests.bodies>;
    // Of a body that does not fit, the client's part up to there comes first.
    const share = settings.socketBytes(peerOf(connection)) / (bytes[request] as number);
    const isRead = (rows.readNs[connection] as number) >= (rows.startedNs[connection] as number);
    const isStuck = share < 1 && !isRead;
    const leftNs =
      (requests.sentNs[request] as number) +
      Math.ceil((uploadNs[request] as number) * (isStuck ? share : 1)) -
      sim.now;
    if (leftNs > 0) return wait(connection, UPLOADING, uploaded().after(leftNs, connection));
    if (isStuck) return wait(connection, SENDING, sendTimer().start(connection));
    return readTimer.start(connection);
  }

  function wait(connection: number, kind: number, handle: number): number {
    rows.kind[connection] = kind;
    rows.handle[connection] = handle;
    return FIRST_HANDLE - connection;
  }

  function goOn(connection: number): void {
    connections.callerTimer[connection] = go(connection);
  }

  function stop(handle: number): boolean {
    if (handle >= NO_TIMER) return readTimer.stop(handle);
    const connection = FIRST_HANDLE - handle;
    const inner = rows.handle[connection] as number;
    return rows.kind[connection] === SENDING ? sendTimer().stop(inner) : uploaded().cancel(inner);
  }

  return {
    start,
    stop,
    reads(connection) {
      // An idle worker reads before connect() returns.
      rows.reserve(connection);
      rows.readNs[connection] = sim.now;
      const running = connections.callerTimer[connection] as number;
      if (running >= NO_TIMER) return;
      stop(running);
      goOn(connection);
    },
    isSevered(connection) {
      if (sim.now - (rows.startedNs[connection] as number) >= WRITING_NS) return false;
      return settings.drawWriting() < LOST_SHARE;
    },
  };
}

/** Columns by connection to the application; without bodies they stay small. */
function handOverRows() {
  return columns(
    {
      kind: Uint8Array,
      handle: Float64Array,
      /** When nginx began to hand over, and when a worker began to read. */
      startedNs: Float64Array,
      readNs: Float64Array,
    },
    { readNs: NEVER_NS },
  );
}
