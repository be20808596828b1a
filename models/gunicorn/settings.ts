// Modelled: what a gunicorn.conf.py or a command line decides, as far as a prediction depends on it, with
// gunicorn's own defaults, which are the same in 20.1 and 26.1 (gunicorn/config.py); and what it takes to
// start and to end a worker, which no file says. Not modelled: settings of processes, logs and headers.

import type * as z from "zod";
import { address } from "../../src/component/address.js";
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
import { kernelSetting } from "../linux/kernel.js";
import { BACKLOGS } from "../linux/profiles.js";
import { isAtLeast } from "../version.js";
import { ownApp } from "./own-app.js";

const CLASSES = ["sync", "gthread", "gevent", "eventlet", "tornado", "uvicorn", "asgi"] as const;
export type ClassName = (typeof CLASSES)[number];

/** Classes that not every version offers, and which do. */
const OFFERED: Partial<Record<ClassName, { by(version: string): boolean; text: string }>> = {
  eventlet: { by: (version) => !isAtLeast(version, "26.0.0"), text: "before 26.0" },
  asgi: { by: (version) => isAtLeast(version, "24.0.0"), text: "from 24.0 on" },
};

export const gunicornSettings = section(
  {
    name: text({ help: "name of this gunicorn, if there are several" }).optional(),
    kernel: kernelSetting("this gunicorn"),
    bind: oneOrMany(
      address({ help: "where gunicorn listens", source: "gunicorn/config.py Bind" }),
      "where gunicorn listens: one address or several",
    ).prefault("127.0.0.1:8000"),
    version: pattern({
      expected: 'a version such as "20.1.0"',
      form: /^\d+\.\d+(\.\d+)?$/,
      help: "version of gunicorn; it decides what a killed request gets, whose the sockets of reuse_port are",
      default: "20.1.0",
    }),
    workers: count({
      least: 1,
      most: 100_000,
      help: "worker processes",
      default: 1,
      source: "gunicorn/config.py Workers",
      steps: { by: 1, times: 2 },
    }),
    app: ownApp.optional(),
    worker_class: choice(CLASSES, {
      help: "class of the workers; sync with several threads is gthread",
      default: "sync",
      source: "gunicorn/config.py WorkerClass",
      steps: { each: ["sync", "gevent"] },
    }),
    threads: count({
      least: 1,
      most: 100_000,
      help: "threads of a gthread worker",
      default: 1,
      source: "gunicorn/config.py WorkerThreads",
      steps: { among: [1, 2, 4, 8, 16, 32] },
    }),
    worker_connections: count({
      least: 1,
      most: 1_000_000,
      help: "connections that a gthread, gevent or eventlet worker takes at a time",
      default: 1000,
      source: "gunicorn/config.py WorkerConnections",
      steps: { times: 2 },
    }),
    backlog: count({
      least: 0,
      most: 2 ** 31 - 1,
      help: "backlog given to listen(2); the kernel cuts it to somaxconn",
      default: 2048,
      source: "gunicorn/config.py Backlog",
      steps: { among: BACKLOGS },
    }),
    timeout: duration({
      help: "how long a worker may be silent before it is killed; 0s for ever",
      default: "30s",
      source: "gunicorn/config.py Timeout",
      steps: { times: 2 },
    }),
    graceful_timeout: duration({
      help: "how long a worker may take to finish what it has when it is told to stop",
      default: "30s",
      source: "gunicorn/config.py GracefulTimeout",
    }),
    keepalive: duration({
      help: "how long a connection without a request is kept; not by sync workers",
      default: "2s",
      source: "gunicorn/config.py Keepalive",
      steps: { times: 2 },
    }),
    asgi_disconnect_grace_period: duration({
      help: "how long an asgi worker goes on for a caller that has gone; from 25.0.2 on, before it is 0s",
      default: "3s",
      source: "gunicorn/config.py ASGIDisconnectGracePeriod",
    }),
    max_requests: count({
      least: 0,
      most: 2 ** 31 - 1,
      help: "a worker leaves after so many requests and is replaced; 0 for never",
      default: 0,
      source: "gunicorn/config.py MaxRequests",
      steps: { times: 2 },
    }),
    max_requests_jitter: count({
      least: 0,
      most: 2 ** 31 - 1,
      help: "the most by which max_requests is raised, drawn for each worker",
      default: 0,
      source: "gunicorn/config.py MaxRequestsJitter",
    }),
    preload_app: toggle({
      help: "the master imports the application, once, before it listens",
      default: false,
      source: "gunicorn/config.py PreloadApp",
    }),
    reuse_port: toggle({
      help: "SO_REUSEPORT: from 24.0 on each worker has a listening socket of its own",
      default: false,
      source: "gunicorn/config.py ReusePort",
      steps: { each: [false, true] },
    }),
    boot: duration({
      help: "how long the application takes to be imported: a new worker serves after it",
      default: "0s",
    }),
    exit_time: duration({
      help: "from a worker's last request to its end, when it leaves by itself or is told to",
      default: "30ms",
      source: "measured: 17-42 ms, gunicorn 20.1.0 and 26.1.0, Linux 6.18, two cores, 2026-11",
    }),
    abort_time: duration({
      help: "from a worker timeout to the end of the worker",
      default: "70ms",
      source: "measured: gunicorn 20.1.0 and 26.1.0, Linux 6.18, two cores, 2026-11",
    }),
    started_ago: duration({
      help: "how long before the run the master was started: the phase of its tick; unknown without it",
    }).optional(),
    overhead: duration({
      help: "worker time of a request beyond the application's own; unless given, as measured for the class",
      source: "measured: gunicorn 20.1.0 and 26.1.0, unix socket, Linux 6.18, two cores, 2026-11",
    }).optional(),
    wake_cpu: duration({
      help: "processor time of an idle sync worker woken for a connection another one takes; with `cores`",
      default: "25us",
      source: "measured: 15-35 us a worker and connection, gunicorn 20.1.0, Linux 6.18, two cores, 2026-11",
    }),
  },
  "gunicorn, the application server",
);

export type GunicornSettings = z.output<typeof gunicornSettings>;

/** The class that this gunicorn runs. Throws a SettingError if its version does not offer it. */
export function classOf(declared: GunicornSettings, path: string): ClassName {
  const { worker_class, threads, version } = declared;
  const offered = OFFERED[worker_class];
  if (offered && !offered.by(version)) {
    const text = `expected a class that gunicorn ${version} has; "${worker_class}" exists ${offered.text}`;
    throw new SettingError([path, "worker_class"], text);
  }
  // gunicorn/config.py Config.worker_class_str.
  return worker_class === "sync" && threads > 1 ? "gthread" : worker_class;
}
