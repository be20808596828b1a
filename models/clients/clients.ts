// Clients that send requests.
//
// Modelled: populations, each with an open loop, whose clients send whatever became of the requests before,
// or a closed one; what they ask for (births.ts) and how they send it (sending.ts).
// Not modelled: the network between client and nginx.

import { component } from "../../src/component/component.js";
import { SettingError } from "../../src/component/setting-error.js";
import type { World } from "../../src/component/world.js";
import { gunicorn } from "../gunicorn/gunicorn.js";
import { nginx } from "../nginx/nginx.js";
import { births } from "./births.js";
import { closedLoop } from "./closed-loop.js";
import { openLoop } from "./open-loop.js";
import { sending } from "./sending.js";
import { type Settings, settings } from "./settings.js";

export const clients = component({
  section: "clients",
  occurs: "many",
  help: "clients that send requests",
  settings,
  build,
});

function build(world: World, declared: Settings) {
  const path = declared.name === undefined ? "clients" : `clients.${declared.name}`;
  const target = declared.target ?? world.find(nginx)?.listen ?? world.find(gunicorn)?.bind;
  if (target === undefined) {
    throw new SettingError(
      [path, "target"],
      "missing; expected an address, since there is no nginx or gunicorn",
    );
  }
  // The sender needs the loop, and the loop the sender.
  const given = { path, births: births(world, declared, { path, target }), send: (_: number) => {} };
  const loop = declared.closed
    ? closedLoop(world, declared.closed, given)
    : openLoop(world, declared.arrivals ?? [], given);
  const sender = sending(world, declared, { path, target, loop });
  given.send = sender.send;
  world.onStart(() => loop.start(sender.prepare()));
  const { name, closed } = declared;
  return { name, target, isClosed: closed !== undefined, actions: loop.actions };
}
