// Clients that send requests at given times, each over a connection of its own.
//
// Modelled: an open loop: a client sends whatever became of the requests before it. What a request will ask
// of the application is drawn at its birth, one draw a request from streams of this population, so that
// changing another setting leaves arrivals and service times as they were. A client that has waited long
// enough closes, which nginx sees. A load generator on the machine of the others takes processor time from
// them, as one process.
// Not modelled: that the generator itself may be late; retries, keepalive, closed loops, request bodies, the
// network between client and nginx.

import type * as z from "zod";
import { address } from "../../src/component/address.js";
import { component } from "../../src/component/component.js";
import type { Caller } from "../../src/component/connections.js";
import { ECONNRESET, EINPROGRESS, errnoName, type Failure, OK } from "../../src/component/errno.js";
import { SettingError } from "../../src/component/setting-error.js";
import { duration, oneOrMany, section, text } from "../../src/component/settings.js";
import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import { NO_TIMER, type Timer } from "../../src/engine/timer.js";
import { app } from "../app.js";
import { processorsOf } from "../cpu.js";
import { gunicorn } from "../gunicorn/gunicorn.js";
import { nginx } from "../nginx/nginx.js";
import { arrivals, expectedRequests, phase } from "./arrivals.js";

const NO_DOWNSTREAM = -1;
const NONE = -1;

const settings = section(
  {
    name: text({ help: "name of this population, if there are several" }).optional(),
    target: address({ help: "where they connect; without it nginx's listen, or gunicorn's bind" }).optional(),
    timeout: duration({
      help: "how long a client waits for the answer before it leaves; without it for ever",
    }).optional(),
    cpu: duration({
      help: "processor time of the load generator for a request, if it runs on the machine of the others",
      default: "0s",
    }),
    arrivals: oneOrMany(phase, "when requests are sent: phases that follow each other"),
  },
  "clients that send requests",
);

type Settings = z.output<typeof settings>;

export const clients = component({
  section: "clients",
  occurs: "many",
  help: "clients that send requests",
  settings,
  build,
});

function build(world: World, declared: Settings) {
  const { sim, connections, requests, recorder } = world;
  const path = declared.name === undefined ? "clients" : `clients.${declared.name}`;
  const target = declared.target ?? world.find(nginx)?.listen ?? world.find(gunicorn)?.bind;
  if (target === undefined) {
    throw new SettingError(
      [path, "target"],
      "missing; expected an address, since there is no nginx or gunicorn",
    );
  }
  const route = world.network.route(target, path);
  const drawServiceNs = world.get(app).serviceNs(() => world.random(`${path}.service`));
  const drawCpuNs = world.get(app).cpuNs(() => world.random(`${path}.cpu`));
  const arrivalSource = once(() => world.random(`${path}.arrivals`));
  const sending = arrivals(declared.arrivals, {
    source: arrivalSource,
    table: (file) => world.table(file),
    path,
  });
  recorder.expected += expectedRequests(declared.arrivals, (file) => world.table(file), path);
  const arrived = sim.event("arrived", send);
  const outcomeOf: number[] = [];
  const impatience = recorder.cause({
    id: "client-timeout",
    text: () => `clients leave after ${durationText(declared.timeout ?? 0)}`,
    settings: [`${path}.timeout = ${durationText(declared.timeout ?? 0)}`],
  });
  const machine = processorsOf(world);
  const isGenerating = declared.cpu > 0 && !machine.isUnlimited;
  const generator = isGenerating ? machine.process() : NONE;
  const generating = machine.jobs("load generator", () => {});
  let patience: Timer | undefined;
  let leadNs = 0;
  const caller = connections.register({
    responded,
    hungUp,
    connected,
    connectFailed,
    reset,
    gone,
  } satisfies Caller);

  // What is upstream takes a fixed time before anything can be observed: the event is moved by it instead of
  // having one more.
  function schedule(): void {
    const sentNs = sending.next();
    if (sentNs >= 0) arrived.at(sentNs + leadNs, 0);
  }

  function send(): void {
    const broughtNs = sending.serviceNs();
    const drawnNs = broughtNs < 0 ? drawServiceNs() : broughtNs;
    const broughtCpuNs = sending.cpuNs();
    const cpuNs = broughtCpuNs < 0 ? drawCpuNs() : broughtCpuNs;
    const request = requests.born(sim.now - leadNs, drawnNs, cpuNs);
    schedule();
    const connection = connections.opened(caller, request, NO_DOWNSTREAM);
    if (patience) connections.callerTimer[connection] = patience.start(connection);
    if (isGenerating) generating.start(generator, declared.cpu, 0);
    const errno = route.server.connect(connection);
    if (errno !== OK && errno !== EINPROGRESS) connectFailed(connection, errno);
  }

  /** The client has waited long enough: it closes, whatever goes on behind. */
  function timedOut(connection: number): void {
    connections.callerTimer[connection] = NO_TIMER;
    const request = connections.request[connection] as number;
    requests.cause[request] = impatience;
    const leavesNs = (requests.sentNs[request] as number) + (declared.timeout as number);
    recorder.ended(request, recorder.outcome("client-timeout"), leavesNs, 0);
    connections.closedByCaller(connection, sim.now);
    route.server.abandoned(connection);
  }

  function stopTimer(connection: number): void {
    if (patience) patience.stop(connections.callerTimer[connection] as number);
  }

  function connectFailed(connection: number, errno: Failure): void {
    stopTimer(connection);
    const word = errnoName(errno);
    recorder.met(connections.request[connection] as number, errno);
    recorder.ended(connections.request[connection] as number, recorder.outcome(word), sim.now, 0);
    connections.closed(connection);
  }

  function responded(connection: number, status: number, bodyBytes: number, laterNs: number): void {
    outcomeOf[status] ??= recorder.outcome(String(status));
    const request = connections.request[connection] as number;
    if (patience) {
      patience.stop(connections.callerTimer[connection] as number);
      // The answer is on its way for `laterNs`, and the client does not wait that long.
      const leavesNs = (requests.sentNs[request] as number) + (declared.timeout as number);
      if (leavesNs < sim.now + laterNs) {
        requests.cause[request] = impatience;
        recorder.ended(request, recorder.outcome("client-timeout"), leavesNs, 0);
        connections.closedByCaller(connection, sim.now);
        return;
      }
    }
    recorder.ended(request, outcomeOf[status] as number, sim.now + laterNs, bodyBytes);
    connections.closedByCaller(connection, sim.now);
  }

  function hungUp(connection: number): void {
    stopTimer(connection);
    recorder.ended(connections.request[connection] as number, recorder.outcome("closed"), sim.now, 0);
    connections.closedByCaller(connection, sim.now);
  }

  /** The request goes out with the connection; there is nothing more to do. */
  function connected(): void {}

  function reset(connection: number): void {
    stopTimer(connection);
    recorder.met(connections.request[connection] as number, ECONNRESET);
    recorder.ended(connections.request[connection] as number, recorder.outcome("ECONNRESET"), sim.now, 0);
    connections.closedByCaller(connection, sim.now);
  }

  /** Nobody looks at an answer that comes after the client has left. */
  function gone(): void {}

  world.onStart(() => {
    leadNs = route.server.leadNs;
    // Its time runs from the moment of sending, which is before the first thing that can be observed.
    if (declared.timeout !== undefined) {
      patience = sim.timer(`${path} timeout`, Math.max(0, declared.timeout - leadNs), timedOut);
    }
    schedule();
  });
  return { target };
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
