// nginx as a reverse proxy in front of one unix socket.
//
// Modelled: connect() to the upstream at once, any error of it is a 502 (src/event/ngx_event_connect.c); the
// read timeout runs from the connect, so the time in the application's accept queue counts, and ends in a
// 504; nginx then closes its side, while the work stays queued and is executed all the same
// (src/http/ngx_http_upstream.c); the time that nginx, the kernel and the client take for a request; sizes of
// the error pages. One address in the group: nothing is remembered of its failures (peers->single in
// ngx_http_upstream_round_robin.c). worker_connections: a client and its upstream connection take one each;
// without a free one for the client it is closed unanswered, without one for the upstream the answer is a 500
// (ngx_event_accept.c, ngx_http_upstream.c; measured: of 10 with one listener 8 were usable).
// Not modelled: nginx's own listen queue (taken as never full), more than one worker process and its event
// loop as a serial server, several servers, retries, keepalive, TCP upstreams, limits, buffering, clients
// that leave.

import * as z from "zod";
import { address } from "../../src/component/address.js";
import { component } from "../../src/component/component.js";
import type { Caller } from "../../src/component/connections.js";
import { type Errno, errnoName, OK } from "../../src/component/errno.js";
import type { Server } from "../../src/component/network.js";
import { choice, count, duration, pattern, section } from "../../src/component/settings.js";
import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import { NO_TIMER } from "../../src/engine/timer.js";
import { errorPageBytes } from "./pages.js";

const INTERNAL_ERROR = 500;
const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;

const settings = section(
  {
    version: pattern({
      expected: 'a version such as "1.22.1"',
      form: /^\d+\.\d+\.\d+( \(\w+\))?$/,
      help: "version of nginx; it decides the size of the error pages",
      default: "1.22.1",
    }),
    listen: address({ help: "where nginx listens", default: "*:80", source: "ngx_http_core_module listen" }),
    worker_connections: count({
      least: 3,
      most: 1_000_000,
      help: "connections that the worker can have, to clients and upstreams together",
      default: 512,
      source: "ngx_event.c DEFAULT_CONNECTIONS",
    }),
    server_tokens: choice(["on", "off"], {
      help: "whether error pages name the version",
      default: "on",
      source: "ngx_http_core_module server_tokens",
    }),
    upstream: section({
      servers: z
        .array(address({ help: "a unix socket of the application" }), { error: "a list of addresses" })
        .length(1, { error: "a list of exactly one address (groups of servers are not modelled)" })
        .meta({ description: "where the application listens" }),
    }),
    proxy_read_timeout: duration({
      help: "longest time between handing the request over and the response's header",
      default: "60s",
      source: "ngx_http_proxy_module proxy_read_timeout",
    }),
    connect_overhead: duration({
      help: "from the client's connect() to nginx's own; the whole latency of a 502",
      default: "400us",
      source: "measured: median of a 502 at 150-200 requests/s, nginx 1.22.1, Linux 6.18, two cores, 2026-11",
    }),
    response_overhead: duration({
      help: "from the application's response to the client having it",
      default: "700us",
      source:
        "measured: 1.1 ms outside the worker less the connect overhead, nginx 1.22.1, Linux 6.18, 2026-11",
    }),
  },
  "nginx, the reverse proxy",
);

type Settings = z.output<typeof settings>;

export const nginx = component({
  section: "nginx",
  occurs: "optional",
  help: "nginx, the reverse proxy",
  settings,
  build,
});

function build(world: World, declared: Settings) {
  const { version, server_tokens, upstream, proxy_read_timeout: readTimeoutNs } = declared;
  const { connect_overhead: connectOverheadNs, response_overhead: responseOverheadNs } = declared;
  const { sim, connections, requests, recorder } = world;
  const application = world.network.route(upstream.servers[0] as string, "nginx");
  const readTimer = sim.timer("nginx read timeout", readTimeoutNs, readTimedOut);
  const pageBytes = (status: number) => errorPageBytes(status, version, server_tokens === "on");
  const internalErrorBytes = pageBytes(INTERNAL_ERROR);
  const badGatewayBytes = pageBytes(BAD_GATEWAY);
  const gatewayTimeoutBytes = pageBytes(GATEWAY_TIMEOUT);
  const logged: { count: number }[] = [];
  const causes = timeoutCauses(world, readTimeoutNs);
  const slots = connectionSlots(world, declared.worker_connections);
  const caller = connections.register({ responded, hungUp } satisfies Caller);

  function connect(client: number): Errno {
    const request = connections.request[client] as number;
    if (slots.free === 0) {
      requests.cause[request] = slots.noneForClient;
      connections.caller(client).hungUp(client);
      connections.closedByServer(client);
      return OK;
    }
    slots.free--;
    if (slots.free === 0) {
      requests.cause[request] = slots.noneForUpstream;
      answer(client, INTERNAL_ERROR, internalErrorBytes, 0);
      return OK;
    }
    slots.free--;
    const connection = connections.opened(caller, request, client);
    const errno = application.server.connect(connection);
    if (errno === OK) connections.callerTimer[connection] = readTimer.start(connection);
    else refused(connection, errno);
    return OK;
  }

  function refused(connection: number, errno: Errno): void {
    recorder.tally(`error.${errnoName(errno)}`).count++;
    const client = connections.downstream[connection] as number;
    connections.closed(connection);
    slots.free++;
    answer(client, BAD_GATEWAY, badGatewayBytes, 0);
  }

  function readTimedOut(connection: number): void {
    const request = connections.request[connection] as number;
    requests.cause[request] = connections.isAccepted(connection) ? causes.running : causes.queued;
    connections.callerTimer[connection] = NO_TIMER;
    connections.closedByCaller(connection, sim.now);
    slots.free++;
    answer(connections.downstream[connection] as number, GATEWAY_TIMEOUT, gatewayTimeoutBytes, 0);
  }

  function responded(connection: number, status: number, bodyBytes: number, laterNs: number): void {
    readTimer.stop(connections.callerTimer[connection] as number);
    const client = connections.downstream[connection] as number;
    connections.closedByCaller(connection, sim.now);
    slots.free++;
    answer(client, status, bodyBytes, laterNs + responseOverheadNs);
  }

  function answer(client: number, status: number, bodyBytes: number, laterNs: number): void {
    logged[status] ??= recorder.tally(`nginx.${status}`);
    (logged[status] as { count: number }).count++;
    connections.caller(client).responded(client, status, bodyBytes, laterNs);
    connections.closedByServer(client);
    slots.free++;
  }

  // The upstream has closed before a response: "upstream prematurely closed connection" in nginx's error log.
  function hungUp(connection: number): void {
    readTimer.stop(connections.callerTimer[connection] as number);
    const client = connections.downstream[connection] as number;
    connections.closedByCaller(connection, sim.now);
    slots.free++;
    answer(client, BAD_GATEWAY, badGatewayBytes, 0);
  }

  world.network.listen(declared.listen, {
    connect,
    get leadNs() {
      return connectOverheadNs + application.server.leadNs;
    },
  } satisfies Server);
  return { listen: declared.listen };
}

/** Connections that the worker has left, and what happens without. */
function connectionSlots({ recorder, limits }: World, workerConnections: number) {
  const decided = [`nginx.worker_connections = ${workerConnections}`];
  // One is taken by the listening socket and one by the channel to the master (ngx_event.c,
  // ngx_process_cycle.c).
  const usable = workerConnections - 2;
  limits.push({ text: `nginx has ${usable} connections, two for each request in flight`, settings: decided });
  const noneLeft = `nginx has all its ${usable} connections in use`;
  return {
    free: usable,
    noneForClient: recorder.cause({
      id: "worker-connections-client",
      text: () => noneLeft,
      settings: decided,
    }),
    noneForUpstream: recorder.cause({
      id: "worker-connections-upstream",
      text: () => noneLeft,
      settings: decided,
    }),
  };
}

/** A read timeout has two causes, which call for different remedies. */
function timeoutCauses({ recorder }: World, readTimeoutNs: number) {
  const decided = [`nginx.proxy_read_timeout = ${durationText(readTimeoutNs)}`];
  return {
    queued: recorder.cause({
      id: "read-timeout-queued",
      text: () => `nginx read timeout of ${durationText(readTimeoutNs)} while queued for a worker`,
      settings: decided,
    }),
    running: recorder.cause({
      id: "read-timeout-running",
      text: () => `nginx read timeout of ${durationText(readTimeoutNs)} while running`,
      settings: decided,
    }),
  };
}
