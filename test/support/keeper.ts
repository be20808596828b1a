// An application with one place for every connection that keeps connections as long as it is told to: what a
// proxy's kept connections are tried on, without the rules of any real server.

import type * as z from "zod";
import { components } from "../../models/index.js";
import { kernel } from "../../models/linux/kernel.js";
import { listeningSocket } from "../../models/linux/listening-socket.js";
import { address } from "../../src/component/address.js";
import { type Component, component } from "../../src/component/component.js";
import { duration, section } from "../../src/component/settings.js";
import type { World } from "../../src/component/world.js";
import { NO_TIMER } from "../../src/engine/timer.js";

const settings = section({
  bind: address({ help: "where it listens", default: "unix:/run/keeper.sock" }),
  keeps: duration({ help: "how long it leaves an idle connection open", default: "2s" }),
});

const keeper = component({ section: "keeper", occurs: "many", help: "", settings, build });

/** The registry with this application beside gunicorn. */
export const withKeeper: readonly Component[] = [
  ...components.slice(0, 3),
  keeper as unknown as Component,
  ...components.slice(3),
];

function build(world: World, { bind, keeps }: z.output<typeof settings>) {
  const { sim, connections, requests } = world;
  const opened = world.recorder.tally("netstat.Opened");
  const handles: number[] = [];
  const served = sim.event("keeper served", (connection) => {
    if (!connections.isCallerOpen(connection)) {
      connections.caller(connection).gone(connection);
      connections.closedByServer(connection);
      return;
    }
    if (connections.isMoreWanted(connection)) connections.keeps(connection);
    connections.caller(connection).responded(connection, 200, 2, 0);
    if (connections.isKept(connection) && connections.isCallerOpen(connection)) {
      handles[connection] = idle.start(connection);
    } else connections.closedByServer(connection);
  });
  const idle = sim.timer("keeper idle", keeps, (connection) => {
    handles[connection] = NO_TIMER;
    connections.closedByServer(connection);
    connections.caller(connection).dismissed?.(connection);
  });
  const serve = (connection: number) => {
    served.after(requests.serviceNs[connections.request[connection] as number] as number, connection);
  };
  const socket = listeningSocket(
    world,
    {
      isIdle: () => true,
      accept(connection) {
        opened.count++;
        handles[connection] = NO_TIMER;
        connections.accepted(connection);
        serve(connection);
      },
      ready() {},
      arrived() {},
      listen() {},
      sent(connection) {
        if (!connections.isServerOpen(connection)) return false;
        idle.stop(handles[connection] as number);
        serve(connection);
        return true;
      },
      dropped(connection) {
        idle.stop(handles[connection] as number);
        connections.closedByServer(connection);
      },
    },
    { kernel: world.get(kernel), bind, of: "", backlog: 100, backlogText: "keeper.backlog = 100" },
  );
  world.network.listen(bind, ["keeper", "bind"], socket);
}
