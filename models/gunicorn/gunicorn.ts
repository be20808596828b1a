// gunicorn: its listening sockets, its master process and the workers behind them.
//
// Modelled: sockets.ts, arbiter.ts, and each class of workers in a file of its own.
// Not modelled: workers that fail to boot; USR2; what gunicorn writes to its logs.

import { component } from "../../src/component/component.js";
import { SettingError } from "../../src/component/setting-error.js";
import type { World } from "../../src/component/world.js";
import { processorsOf } from "../cpu.js";
import { kernelOf } from "../linux/kernel.js";
import { isAtLeast } from "../version.js";
import { arbiter } from "./arbiter.js";
import {
  asgiWorkers,
  eventletWorkers,
  geventWorkers,
  tornadoWorkers,
  uvicornWorkers,
} from "./async-workers.js";
import { gthreadWorkers } from "./gthread.js";
import { applicationOf } from "./own-app.js";
import { type ClassName, classOf, type GunicornSettings, gunicornSettings } from "./settings.js";
import { ownSockets, sharedSockets } from "./sockets.js";
import { syncWorkers } from "./sync.js";
import { checkVersion } from "./versions.js";
import type { ClassDeclaration } from "./worker-class.js";

/** What is known of each class of workers without building it. */
export const WORKER_CLASSES: { readonly [Name in ClassName]: ClassDeclaration } = {
  sync: syncWorkers,
  gthread: gthreadWorkers,
  gevent: geventWorkers,
  eventlet: eventletWorkers,
  tornado: tornadoWorkers,
  uvicorn: uvicornWorkers,
  asgi: asgiWorkers,
};

export const gunicorn = component({
  section: "gunicorn",
  occurs: "many",
  help: "gunicorn, the application server",
  settings: gunicornSettings,
  build,
});

function build(world: World, settings: GunicornSettings) {
  const { name, bind: binds, version, workers, reuse_port } = settings;
  const path = name === undefined ? "gunicorn" : `gunicorn.${name}`;
  const home = kernelOf(world, settings.kernel, [path, "kernel"]);
  checkVersion(world, version, path);
  const className = classOf(settings, path);
  const workerClass = WORKER_CLASSES[className];
  if (reuse_port && binds.some((bind) => bind.startsWith("unix:"))) {
    const why =
      "expected false with a unix socket: Linux refuses SO_REUSEPORT there, and gunicorn never listens";
    throw new SettingError([path, "reuse_port"], why);
  }
  const places = workers * workerClass.places(settings);
  const busy = world.gauge(name === undefined ? "busy workers" : `busy workers of ${name}`, places);
  world.work.busy.push(busy);
  world.limits.push({ text: workerClass.text(settings), settings: [`${path}.workers = ${workers}`] });
  const master = arbiter(world, { settings, path, className, bootNs: workerClass.bootNs });
  const backlog = workerClass.backlog ?? settings.backlog;
  const overheadNs = settings.overhead ?? workerClass.overheadNs;
  const processors = processorsOf(home);
  const application = applicationOf(world, settings.app, path);
  const sockets = (reuse_port && isAtLeast(version, "24.0.0") ? ownSockets : sharedSockets)(world, {
    settings,
    kernel: home,
    path,
    backlog,
    // asyncio calls listen() once more, with its own default (asyncio/base_events.py create_server).
    backlogText:
      workerClass.backlog === undefined
        ? `${path}.backlog = ${backlog}`
        : `${path}.worker_class = ${className}, which calls listen(${backlog})`,
    workers: (of) =>
      workerClass.build(world, {
        arbiter: master.arbiter,
        settings,
        path,
        of,
        busy,
        processors,
        application,
        overheadNs,
      }),
  });
  master.begin(sockets);
  return {
    name,
    bind: binds[0] as string,
    kernel: home,
    workers,
    /** What happens to it by the clock. */
    actions: master.actions,
  };
}
