// What clients do with a request from its birth to its outcome.
//
// Modelled: a connection of its own for each request, or kept ones; a client that has waited long enough
// closes, which nginx sees; failed requests that are sent again: the user sees the last attempt, and waits
// from the first one on. A request whose kept connection turns out to be closed is sent over another one,
// kept or new, as Go's net/http does (Transport.roundTrip, persistConn.shouldRetryRequest). A load generator
// on the machine of the others takes processor time from them (generator.ts).
// Not modelled: the network between client and nginx.

import { type Caller, NO_DOWNSTREAM } from "../../src/component/connections.js";
import { ECONNRESET, EINPROGRESS, errnoName, type Failure, OK } from "../../src/component/errno.js";
import { byStatus } from "../../src/component/outcome.js";
import { NOWHERE } from "../../src/component/places.js";
import { NO_CAUSE } from "../../src/component/requests.js";
import type { World } from "../../src/component/world.js";
import { CALLER, SERVER } from "../linux/caller-ends.js";
import { clientEnds } from "./client-ends.js";
import { loadGenerator } from "./generator.js";
import { keptConnections } from "./kept-connections.js";
import type { Loop } from "./open-loop.js";
import { HAS_LEFT, type Patience, patience, WAITS } from "./patience.js";
import { retries } from "./retries.js";
import type { Settings } from "./settings.js";

/** `prepare` is called when everything is wired; it answers the lead of what is upstream, in nanoseconds. */
export interface Sender {
  send(request: number): void;
  prepare(): number;
}

export function sending(
  world: World,
  declared: Settings,
  { path, target, loop }: { path: string; target: string; loop: Loop },
): Sender {
  const { sim, connections, requests, recorder } = world;
  const { timeout: timeoutNs = 0, keepalive } = declared;
  const isDefault = declared.target === undefined;
  const { route, ends } = clientEnds(world, { target, isDefault, kernel: declared.kernel, path });
  const outcomeOf = byStatus<number>();
  const lead = { ns: 0 };
  world.onReset(() => {
    outcomeOf.fill(undefined);
    lead.ns = 0;
  });
  const retrying = declared.retries && retries(world, declared.retries, path);
  const again = declared.retries && sim.event("sent again", attempt);
  const answered = world.places.declare({ id: "answered", text: "while its answer was on its way" });
  const patient = timeoutNs === 0 ? undefined : patience(world, timeoutNs, { path, left });
  const kept = keepalive && keptConnections(world, keepalive, { path, close: drop });
  const generates = loadGenerator(world, declared, path);
  const moved = keepalive?.resend ? sim.event("sent over another connection", deliverLost) : undefined;
  // What most requests take is short, so that it is inlined; the rest stands apart.
  const isPlain = !retrying && !patient && !kept && !generates && !loop.ended;
  const caller = connections.register({
    responded: isPlain ? responded : respondedTo,
    hungUp,
    connected() {},
    connectFailed,
    reset,
    gone: ends.gone,
    peerClosed: ends.peerClosed,
    dismissed,
  } satisfies Caller);

  /** A request has been born. */
  function send(request: number): void {
    retrying?.sent();
    attempt(request);
  }

  function attempt(request: number): void {
    if (patient) patient.begins(request, sim.now - lead.ns);
    deliver(request);
  }

  function deliver(request: number): void {
    generates?.();
    if (!kept) {
      open(request);
      return;
    }
    // While it changes connections nobody else holds it.
    requests.hold(request);
    for (;;) {
      const connection = kept.take(sim.now - lead.ns);
      if (connection < 0) {
        open(request);
        break;
      }
      kept.used(connection);
      connections.carries(connection, request, NO_DOWNSTREAM);
      if (patient) patient.uses(request, connection);
      if (route.server.sent?.(connection)) break;
      // A RST: the server has closed it before. Its end is gone, and so is ours.
      ends.failed(connection);
      connections.closedByCaller(connection, sim.now);
      if (moved) kept.resent.count++;
      else {
        requests.cause[request] = kept.closedBefore;
        recorder.met(request, ECONNRESET);
        finish(request, outcome("ECONNRESET"), sim.now, 0);
        break;
      }
    }
    requests.release(request);
  }

  function open(request: number): void {
    const connection = connections.opened(caller, request, NO_DOWNSTREAM);
    if (kept) {
      kept.opened(connection);
      connections.wantsMore(connection);
    }
    if (patient) patient.uses(request, connection);
    connect(connection);
  }

  /** Opens a connection for a client that sends one request and waits. */
  function openPlain(request: number): void {
    connect(connections.opened(caller, request, NO_DOWNSTREAM));
  }

  function connect(connection: number): void {
    const errno = ends.take(0, connection) || route.server.connect(connection);
    if (errno !== OK && errno !== EINPROGRESS) connectFailed(connection, errno);
  }

  function outcome(name: string): number {
    return recorder.outcome(name);
  }

  /** An attempt is over: the next one follows, or this is the request's outcome. */
  function finish(request: number, how: number, endNs: number, bodyBytes: number): void {
    patient?.ends(request);
    if (retrying?.wants(request, how)) {
      recorder.bytesIn += bodyBytes;
      const delayNs = retrying.delayNs(requests.attempt[request] as number);
      const next = requests.again(request);
      loop.moved?.(request, next);
      again?.at(endNs + delayNs + lead.ns, next);
      return;
    }
    recorder.ended(request, how, endNs, bodyBytes);
    loop.ended?.(request, endNs);
  }

  function responded(connection: number, status: number, bodyBytes: number, laterNs: number): void {
    const request = connections.request[connection] as number;
    outcomeOf[status] ??= outcome(String(status));
    recorder.ended(request, outcomeOf[status] as number, sim.now + laterNs, bodyBytes);
    ends.answered(0, connection, SERVER);
    connections.answered(connection);
  }

  /** The same for clients with a time-out, retries or kept connections, and those of a closed loop. */
  function respondedTo(connection: number, status: number, bodyBytes: number, laterNs: number): void {
    const request = connections.request[connection] as number;
    const endNs = sim.now + laterNs;
    // The answer is on its way for `laterNs`, and the client does not wait that long.
    if (patient && patient.leavesNs(request) < endNs) {
      leave(request, NO_CAUSE, answered);
      ends.failed(connection);
      connections.closedByCaller(connection, sim.now);
      return;
    }
    outcomeOf[status] ??= outcome(String(status));
    finish(request, outcomeOf[status] as number, endNs, bodyBytes);
    const isKept = connections.isKept(connection);
    if (kept && isKept && kept.put(connection, endNs)) return;
    ends.answered(0, connection, isKept ? CALLER : SERVER);
    connections.answered(connection);
  }

  function connectFailed(connection: number, errno: Failure): void {
    const request = connections.request[connection] as number;
    recorder.met(request, errno);
    finish(request, outcome(errnoName(errno)), sim.now, 0);
    ends.failed(connection);
    connections.closed(connection);
  }

  function reset(connection: number): void {
    if (!isSentAgain(connection)) {
      const request = connections.request[connection] as number;
      recorder.met(request, ECONNRESET);
      finish(request, outcome("ECONNRESET"), sim.now, 0);
    }
    ends.failed(connection);
    connections.closedByCaller(connection, sim.now);
  }

  /** The server has closed the connection without an answer. */
  function hungUp(connection: number): void {
    if (!isSentAgain(connection)) {
      finish(connections.request[connection] as number, outcome("closed"), sim.now, 0);
    }
    ends.failed(connection);
    connections.closedByCaller(connection, sim.now);
  }

  /** A kept connection has been closed under a request, which then goes over another one. */
  function isSentAgain(connection: number): boolean {
    if (!kept || !moved || !kept.isReused(connection)) return false;
    const request = connections.request[connection] as number;
    // What must not be done twice may have been done.
    if (requests.bodies?.isOnce[request] === 1) return false;
    kept.resent.count++;
    requests.cause[request] = NO_CAUSE;
    requests.hold(request);
    if (patient) patient.uses(request, WAITS);
    moved.at(sim.now, request);
    return true;
  }

  function deliverLost(request: number): void {
    if (patient?.connectionOf(request) !== HAS_LEFT) deliver(request);
    requests.release(request);
  }

  /** The client has waited long enough: it closes, whatever goes on behind. */
  function left(request: number): void {
    const connection = (patient as Patience).connectionOf(request);
    if (connection === WAITS) leave(request, NO_CAUSE, NOWHERE);
    else leave(request, route.server.obstacle(connection), route.server.place?.(connection) ?? NOWHERE);
    (patient as Patience).uses(request, HAS_LEFT);
    if (connection === WAITS) return;
    connections.closedByCaller(connection, sim.now);
    ends.abandoned(0, connection);
  }

  /** `obstacle` is what kept a handshake from ending, if anything did; otherwise its place is the cause. */
  function leave(request: number, obstacle: number, place: number): void {
    const { cause, leavesNs } = patient as Patience;
    requests.cause[request] = obstacle || cause(place);
    finish(request, outcome("client-timeout"), leavesNs(request), 0);
  }

  /** The server has closed a connection without a request. */
  function dismissed(connection: number): void {
    kept?.remove(connection);
    ends.answered(0, connection, SERVER);
    connections.closedByCaller(connection, sim.now);
  }

  /** A connection has been without a request for too long. */
  function drop(connection: number): void {
    ends.answered(0, connection, CALLER);
    connections.closedByCaller(connection, sim.now);
    route.server.dropped?.(connection);
  }

  return {
    send: isPlain ? openPlain : send,
    prepare() {
      lead.ns = route.server.leadNs;
      patient?.prepare(lead.ns);
      return lead.ns;
    },
  };
}
