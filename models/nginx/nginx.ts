// nginx as a reverse proxy: what it listens on, its workers, and the way of a request through them.
//
// Modelled: listening sockets and who accepts (listen.ts, accept-order.ts); clients' connections, kept ones
// too (client-connections.ts, idle-clients.ts); request bodies (request-body.ts, hand-over.ts); limits before
// the proxying (limits.ts); the proxying (proxy.ts); the time that nginx, the kernel and the client take for
// a request.
// Not modelled: buffering of responses, that is large responses and slow readers; files, caches and TLS.

import { component } from "../../src/component/component.js";
import type { Server } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import { kernelOf } from "../linux/kernel.js";
import { isAtLeast } from "../version.js";
import { acceptOrder } from "./accept-order.js";
import { type ClientConnections, clientConnections } from "./client-connections.js";
import { idleClients } from "./idle-clients.js";
import { limits } from "./limits.js";
import { listening } from "./listen.js";
import { clientBodies } from "./request-body.js";
import { responses } from "./responses.js";
import { type NginxSettings, nginxSettings } from "./settings.js";
import { slotCauses } from "./slots.js";
import { whereabouts } from "./whereabouts.js";
import { workerProcesses } from "./workers.js";

// The first release that nobody had read when this was written.
const NEXT = "1.32.0";

export const nginx = component({
  section: "nginx",
  occurs: "optional",
  help: "nginx, the reverse proxy",
  settings: nginxSettings,
  build,
});

function build(world: World, declared: NginxSettings) {
  const { worker_connections: connections, version, accept_mutex: mutex } = declared;
  const home = kernelOf(world, declared.kernel, ["nginx", "kernel"]);
  if (isAtLeast(version, NEXT)) {
    world.notices.push(() => `nginx.version = ${version} is taken as 1.31: 1.14 to 1.31 are modelled`);
  }
  const causes = slotCauses(world, connections);
  const gate = limits(world, declared);
  const bodies = clientBodies(world, declared);
  // What a worker calls on is made after it, since it needs the workers.
  const idle = idleClients(world, declared, (client) => clients.dismiss(client));
  const { workers, rows, servers, leadNs, refuse } = workerProcesses(world, declared, {
    kernel: home,
    noSlot: causes.upstream,
    answer: (client, status, bodyBytes, laterNs) => clients.answer(client, status, bodyBytes, laterNs),
    begin: (client) => clients.next(client),
    acceptNext: (worker) => sockets.acceptNext(worker),
    scarce: idle.scarce,
    makeRoom: idle.makeRoom,
    mayRepeat: bodies.mayRepeat,
  });
  const order = acceptOrder(world, workers, {
    version,
    connections,
    mutex,
    epollExclusive: home.epollExclusive,
  });
  const sockets = listening(world, declared.listen, workers, {
    kernel: home,
    order,
    accepted: (worker, client) => clients.accepted(worker, client),
  });
  const clients: ClientConnections = clientConnections(world, {
    workers,
    gate,
    bodies,
    idle,
    noSlot: causes.client,
    halfCpuNs: declared.request_cpu / 2,
    ignoresAborts: declared.proxy_ignore_client_abort === "on",
    respond: responses(world, declared),
    socket: sockets.server,
  });
  const { server: socket } = sockets;
  const server = {
    leadNs: 0,
    connect: (connection) => socket.connect(connection),
    answered: (connection) => socket.answered(connection),
    sent: clients.sent,
    dropped: clients.dropped,
    abandoned: clients.abandoned,
    ...whereabouts(world, { stageOf: clients.stageOf, rows, servers, socket }),
  } satisfies Server;
  const { address, reuseport } = declared.listen;
  world.network.listen(address, ["nginx", "listen"], server, { namespace: home.number, reuseport });
  // Who is found at an address is known when everything is built.
  world.onStart(() => {
    server.leadNs = declared.connect_overhead + leadNs();
    refuse(server);
  });
  return { listen: address, kernel: home };
}
