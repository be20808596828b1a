// Where clients live, and what their connections leave there and at the server.
//
// Modelled: clients of a namespace of the scenario take its ephemeral ports, as do those that connect to a
// loopback address, since they are on the server's machine; others have ports without end. The server closes
// first after an answer with `Connection: close`, so it keeps the TIME_WAIT, until a local client's port is
// used again (measured: one for each request, nginx 1.22.1, Linux 6.18, 2026-11); a client that gives up
// closes first. Not modelled: the hosts that other clients share.

import { isLoopback, parseAddress } from "../../src/component/address.js";
import { ELSEWHERE, type Route } from "../../src/component/network.js";
import type { World } from "../../src/component/world.js";
import { gunicorn } from "../gunicorn/gunicorn.js";
import { type CallerEnds, callerEnds } from "../linux/caller-ends.js";
import { kernelOf } from "../linux/kernel.js";
import { nginx } from "../nginx/nginx.js";

export interface ClientEndsSettings {
  target: string;
  /** Nobody has said where they connect: they mean nginx, or gunicorn, wherever it lives. */
  isDefault: boolean;
  /** Name of their namespace. */
  kernel: string | undefined;
  path: string;
}

export function clientEnds(
  world: World,
  { target, isDefault, kernel, path }: ClientEndsSettings,
): { route: Route; ends: CallerEnds } {
  const front = (world.find(nginx) ?? world.find(gunicorn))?.kernel;
  const named = kernel === undefined ? undefined : kernelOf(world, kernel, [path, "kernel"]);
  const home = named ?? (isLoopback(parseAddress(target)) ? front : undefined);
  const route = world.network.route(target, path, {
    from: home?.number ?? ELSEWHERE,
    to: isDefault ? front?.number : undefined,
  });
  return { route, ends: callerEnds(world, { kernel: home, routes: [route], searchesUnseen: true }) };
}
