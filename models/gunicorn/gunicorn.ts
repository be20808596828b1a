// gunicorn with sync workers on one unix socket.
//
// Modelled: one accept queue shared by all workers, of size min(backlog, somaxconn) + 1 (gunicorn/sock.py
// set_options); a worker handles one connection at a time and takes the oldest queued one the instant it is
// free (gunicorn/workers/sync.py run_for_one); it learns nothing of a peer that has gone before it writes, so
// abandoned requests are executed in full; worker time that a request costs beyond the application's own;
// from 26.0 on the lingering close, during which the worker waits for nginx to close (gunicorn/util.py
// close_graceful).
// Not modelled: TCP and several binds, other worker classes, worker timeout, max_requests, reload, boot time;
// which of the idle workers gets a connection does not matter here, since they are alike.

import type * as z from "zod";
import { component } from "../../src/component/component.js";
import { type Errno, OK } from "../../src/component/errno.js";
import type { Server } from "../../src/component/network.js";
import { choice, count, duration, pattern, section, text } from "../../src/component/settings.js";
import type { World } from "../../src/component/world.js";
import { MICROSECOND } from "../../src/engine/time.js";
import { app } from "../app.js";
import { kernel } from "../linux/kernel.js";
import { unixListener } from "../linux/unix-listener.js";
import { isAtLeast } from "../version.js";

const HTTP_OK = 200;
// Measured: 0.15 to 0.3 ms of worker time a request with nginx in front, gunicorn 26.1.0, Linux 6.18, two
// cores, 2026-11.
const LINGER_NS = 200 * MICROSECOND;

const settings = section(
  {
    name: text({ help: "name of this gunicorn, if there are several" }).optional(),
    bind: pattern({
      expected: 'a unix socket such as "unix:/run/gunicorn.sock" (TCP listeners are not modelled)',
      form: /^unix:.+/,
      help: "the unix socket that gunicorn listens on",
      default: "unix:/run/gunicorn.sock",
      source: "gunicorn/config.py Bind",
    }),
    version: pattern({
      expected: 'a version such as "20.1.0"',
      form: /^\d+\.\d+\.\d+$/,
      help: "version of gunicorn; from 26.0 on workers linger until nginx has closed",
      default: "20.1.0",
    }),
    workers: count({
      least: 1,
      most: 100_000,
      help: "worker processes",
      default: 1,
      source: "gunicorn/config.py Workers",
    }),
    worker_class: choice(["sync"], {
      help: "class of the workers",
      default: "sync",
      source: "gunicorn/config.py WorkerClass",
    }),
    backlog: count({
      least: 0,
      most: 2 ** 31 - 1,
      help: "backlog given to listen(2); the kernel cuts it to somaxconn",
      default: 2048,
      source: "gunicorn/config.py Backlog",
    }),
    overhead: duration({
      help: "worker time of a request beyond the application's own: accept, parse, write, close",
      default: "550us",
      source: "measured: 0.5-0.6 ms, gunicorn 20.1.0, unix socket, Linux 6.18, two cores, 2026-11",
    }),
  },
  "gunicorn, the application server",
);

type Settings = z.output<typeof settings>;

export const gunicorn = component({
  section: "gunicorn",
  occurs: "many",
  help: "gunicorn, the application server",
  settings,
  build,
});

function build(world: World, declared: Settings) {
  const { name, bind, workers, backlog, overhead: overheadNs } = declared;
  const { sim, connections, requests } = world;
  const { somaxconn, somaxconnText } = world.get(kernel);
  const { bodyBytes } = world.get(app);
  const path = name === undefined ? "gunicorn" : `gunicorn.${name}`;
  const backlogText = `${path}.backlog = ${backlog}`;
  const queue = unixListener(world, { address: bind, backlog, backlogText, somaxconn, somaxconnText });
  const busy = world.gauge(name === undefined ? "busy workers" : `busy workers of ${name}`, workers);
  world.work.busy.push(busy);
  const served = sim.event("served", finish);
  const lingers = isAtLeast(declared.version, "26.0.0");
  const lingered = sim.timer("gunicorn lingering close", LINGER_NS, free);
  world.limits.push({
    text: `${workers} sync workers, one request each`,
    settings: [`${path}.workers = ${workers}`],
  });

  function connect(connection: number): Errno {
    if (busy.value < workers) {
      busy.set(busy.value + 1);
      accept(connection);
      return OK;
    }
    return queue.offer(connection);
  }

  function accept(connection: number): void {
    connections.accepted(connection);
    served.after(workNs(connection), connection);
  }

  function finish(connection: number): void {
    if (connections.isCallerOpen(connection)) {
      connections.caller(connection).responded(connection, HTTP_OK, bodyBytes, 0);
      if (lingers) {
        lingered.start(connection);
        return;
      }
    } else {
      const acceptedNs = sim.now - workNs(connection);
      world.work.wastedNs += sim.now - Math.max(acceptedNs, connections.callerClosedNs[connection] as number);
    }
    free(connection);
  }

  /** The worker closes and takes the oldest queued connection. */
  function free(connection: number): void {
    connections.closedByServer(connection);
    const next = queue.take();
    if (next < 0) busy.set(busy.value - 1);
    else accept(next);
  }

  function workNs(connection: number): number {
    return (requests.serviceNs[connections.request[connection] as number] as number) + overheadNs;
  }

  world.network.listen(bind, { connect, leadNs: 0 } satisfies Server);
  return { bind };
}
