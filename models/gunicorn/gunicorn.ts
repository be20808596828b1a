// gunicorn: its listening sockets and the workers behind them.
//
// Modelled: the accept queue of each bind, of size min(backlog, somaxconn) + 1, which all workers share
// (gunicorn/sock.py set_options); with reuse_port, up to 23 still one socket, from 24.0 on one for each
// worker, to which the kernel's hash assigns a connection whether or not that worker is busy
// (gunicorn/sock.py, gunicorn/arbiter.py; net/core/sock_reuseport.c); sync workers (workers.ts).
// Not modelled: other worker classes, worker timeout, max_requests, reload, boot time.

import type * as z from "zod";
import { address } from "../../src/component/address.js";
import { component } from "../../src/component/component.js";
import type { Server } from "../../src/component/network.js";
import { SettingError } from "../../src/component/setting-error.js";
import {
  choice,
  count,
  duration,
  oneOrMany,
  pattern,
  section,
  text,
  toggle,
} from "../../src/component/settings.js";
import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";
import { app } from "../app.js";
import { listeningSocket } from "../linux/listening-socket.js";
import { isAtLeast } from "../version.js";
import { workerPool } from "./workers.js";

const DEFAULT_TIMEOUT_NS = 30 * SECOND;

const settings = section(
  {
    name: text({ help: "name of this gunicorn, if there are several" }).optional(),
    bind: oneOrMany(
      address({ help: "where gunicorn listens", source: "gunicorn/config.py Bind" }),
      "where gunicorn listens: one address or several",
    ).prefault("unix:/run/gunicorn.sock"),
    version: pattern({
      expected: 'a version such as "20.1.0"',
      form: /^\d+\.\d+\.\d+$/,
      help: "version of gunicorn; it decides on the sockets of reuse_port and on the lingering close",
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
    reuse_port: toggle({
      help: "SO_REUSEPORT: from 24.0 on each worker has a listening socket of its own",
      default: false,
      source: "gunicorn/config.py ReusePort",
    }),
    overhead: duration({
      help: "worker time of a request beyond the application's own: accept, parse, write, close",
      default: "550us",
      source: "measured: 0.5-0.6 ms, gunicorn 20.1.0, unix socket, Linux 6.18, two cores, 2026-11",
    }),
    wake_cpu: duration({
      help: "processor time of an idle worker woken for a connection that another one takes; with `cores`",
      default: "25us",
      source: "measured: 15-35 us a worker and connection, gunicorn 20.1.0, Linux 6.18, two cores, 2026-11",
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
  const { name, bind: binds, version, workers, backlog, overhead: overheadNs } = declared;
  const path = name === undefined ? "gunicorn" : `gunicorn.${name}`;
  const busy = world.gauge(name === undefined ? "busy workers" : `busy workers of ${name}`, workers);
  world.work.busy.push(busy);
  world.limits.push({
    text: `${workers} sync ${workers === 1 ? "worker" : "workers"}, one request each`,
    settings: [`${path}.workers = ${workers}`],
  });
  const ownSockets = declared.reuse_port && isAtLeast(version, "24.0.0");
  const work = {
    overheadNs,
    wakeNs: declared.wake_cpu,
    lingers: isAtLeast(version, "26.0.0"),
    bodyBytes: world.get(app).bodyBytes,
    longestNs: 0,
  };
  const pools = ownSockets
    ? Array.from({ length: workers }, () => workerPool(world, 1, busy, work))
    : [workerPool(world, workers, busy, work)];
  if (declared.reuse_port && binds.some((bind) => bind.startsWith("unix:"))) {
    const why =
      "expected false with a unix socket: Linux refuses SO_REUSEPORT there, and gunicorn never listens";
    throw new SettingError([path, "reuse_port"], why);
  }
  world.notices.push(() => overdue(path, work.longestNs));
  const draw = ownSockets ? world.random(`${path}.reuseport`) : () => 0;
  for (const bind of binds) {
    const members = pools.map((pool, index) =>
      listeningSocket(world, pool, {
        bind,
        of: ownSockets ? ` of worker ${index + 1}` : "",
        backlog,
        backlogText: `${path}.backlog = ${backlog}`,
      }),
    );
    world.network.listen(bind, [path, "bind"], group(members, draw));
  }
  return { bind: binds[0] as string };
}

/**
 * A warning if a request held its worker longer than gunicorn's own default lets it (gunicorn/config.py
 * Timeout).
 */
function overdue(path: string, longestNs: number): string | undefined {
  if (longestNs <= DEFAULT_TIMEOUT_NS) return undefined;
  const held = durationText(Math.round(longestNs / MILLISECOND) * MILLISECOND);
  const what = `a request held a worker of ${path} for ${held}`;
  return `${what}: beyond gunicorn's timeout, by default 30s, its worker is killed, which is not modelled`;
}

/**
 * The sockets of a SO_REUSEPORT group, or a single one. The keyed hash of a connection's addresses picks one
 * before any queue is looked at; a repeated SYN has the same addresses and so the same socket.
 */
function group(members: readonly Server[], draw: () => number): Server {
  const [only, ...others] = members as [Server, ...Server[]];
  if (others.length === 0) return only;
  // Only connect() depends on the member: what comes later is known by the connection.
  return {
    ...only,
    connect: (connection) => (members[Math.floor(draw() * members.length)] as Server).connect(connection),
  };
}
