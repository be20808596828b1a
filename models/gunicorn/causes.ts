// Modelled: why requests fail at gunicorn, as an SRE would say it. Not modelled: when they do.

import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import { kernel } from "../linux/kernel.js";
import type { GunicornSettings } from "./settings.js";

/** Why the master ends requests. */
export function masterCauses(
  world: World,
  { settings, path, className }: { settings: GunicornSettings; path: string; className: string },
) {
  const { graceful_timeout: grace } = settings;
  const cause = (id: string, text: string, settings: string[]) =>
    world.recorder.cause({ id, text: () => text, settings });
  return {
    timeout: timeoutCause(world, { settings, path, className }),
    crashed: cause("worker-crashed", `worker of ${path} crashed (SIGKILL)`, []),
    stopped: cause(
      "graceful-timeout",
      `worker of ${path} killed: it had not finished ${durationText(grace)} after the stop`,
      [`${path}.graceful_timeout = ${durationText(grace)}`],
    ),
  };
}

/** Why a silent worker's requests fail; an `answered` one has got a 500. */
export function timeoutCause(
  world: World,
  { settings, path, className }: { settings: GunicornSettings; path: string; className: string },
  answered = false,
): number {
  const limit = durationText(settings.timeout);
  const end = answered ? "is killed, and its request gets a 500" : "is killed with what it has";
  return world.recorder.commonCause({
    id: answered ? "worker-timeout-500" : "worker-timeout",
    text: () => `worker timeout: a ${className} worker that is silent for longer than ${limit} ${end}`,
    settings: [`${path}.timeout = ${limit}`, `${path}.worker_class = ${className}`],
  });
}

/** Why a gthread worker loses a connection when it leaves in order, and one that has sent nothing. */
export function gthreadCauses(
  world: World,
  { version, keepalive, max_requests }: GunicornSettings,
  { path, firstByteNs }: { path: string; firstByteNs: number },
) {
  return {
    forgotten: world.recorder.commonCause({
      id: "gthread-recycle",
      text: () => `gthread recycle (gunicorn ${version}) dropped an accepted connection`,
      settings: [`${path}.max_requests = ${max_requests}`, `${path}.version = ${version}`],
    }),
    silent: world.recorder.commonCause({
      id: "no-first-byte",
      text: () =>
        `gunicorn closed a connection that had sent nothing for ${durationText(firstByteNs + keepalive)}`,
      settings: [`${path}.keepalive = ${durationText(keepalive)}`],
    }),
  };
}

/** Why a request that takes so long to come is not answered. */
export function lateCause(world: World, path: string, mostNs: number): number {
  return world.recorder.commonCause({
    id: "request-not-read",
    text: () => `gunicorn closed a connection whose request had not come within ${durationText(mostNs)}`,
    settings: [`${path}.keepalive = ${durationText(mostNs)}`],
  });
}

/** Why the end of the master ends requests. */
export function stopCauses(world: World, path: string) {
  return {
    closed: world.recorder.cause({
      id: "listener-closed",
      text: () => `reset with the listening socket: ${path} was stopped while connections were queued`,
      settings: [],
    }),
    absent: world.recorder.cause({
      id: "nobody-listens",
      text: () => `nobody listened: ${path} had been stopped and was not back`,
      settings: [],
    }),
  };
}

/** Why the end of a worker with a socket of its own ends requests that it had not accepted. */
export function recycledCause(world: World, path: string): number {
  return world.recorder.cause({
    id: "recycled-socket",
    text: () => `reset by a recycled worker's socket: it left while connections were queued at it`,
    settings: [`${path}.reuse_port = true`, world.get(kernel).text["net.ipv4.tcp_migrate_req"]],
  });
}
