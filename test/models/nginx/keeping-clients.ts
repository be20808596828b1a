// Clients that keep their connections, by a script: each sends at given times over one connection, and opens
// another when it has none.

import * as z from "zod";
import { components } from "../../../models/index.js";
import { nginx } from "../../../models/nginx/nginx.js";
import { type Component, component } from "../../../src/component/component.js";
import type { Caller } from "../../../src/component/connections.js";
import { ECONNRESET, EINPROGRESS, errnoName, OK } from "../../../src/component/errno.js";
import { duration, oneOrMany, section } from "../../../src/component/settings.js";
import { type Simulated, simulate } from "../../support/simulate.js";

const NONE = -1;
const script = section({
  /** When it sends. */
  sends: z.array(duration({ help: "when" })),
  /** When it closes. */
  closes: duration({ help: "when" }).optional(),
  /** The FIN of nginx is still on its way when it sends. */
  deaf: z.boolean().default(false),
});
const settings = section({ keepers: oneOrMany(script, "who") });

/** What became of the connections: `1.000 0 opened`, time and number of the client. */
export async function keep(text: string): Promise<Simulated & { log: string[] }> {
  const log: string[] = [];
  const keeper = component({ section: "clients", occurs: "once", help: "clients", settings, build });
  const others = components.filter((known) => known.section !== "clients");
  const simulated = await simulate(text, {}, [...others, keeper as unknown as Component]);
  return { ...simulated, log };

  function build(
    world: Parameters<typeof nginx.build>[0],
    { keepers }: z.output<typeof settings>,
  ): Record<string, never> {
    const { sim, connections, requests, recorder } = world;
    const route = world.network.route(world.get(nginx).listen, "clients");
    const rowOf = keepers.map(() => NONE);
    const ownerOf: number[] = [];
    const note = (row: number, what: string) => {
      log.push(`${(sim.now / 1e9).toFixed(3)} ${ownerOf[row]} ${what}`);
    };
    for (const { sends: times } of keepers) recorder.expected += times.length;
    const sends = sim.event("sends", send);
    // A run does not go on for the sake of kept connections.
    const end = sim.event("end", () => {});
    const closes = sim.event("closes", (keeper) => {
      const row = rowOf[keeper] as number;
      rowOf[keeper] = NONE;
      connections.closedByCaller(row, sim.now);
      route.server.dropped?.(row);
    });
    const caller = connections.register({
      responded(row, status, _, laterNs) {
        const request = connections.request[row] as number;
        recorder.ended(request, recorder.outcome(String(status)), sim.now + laterNs, 0);
        if (connections.isKept(row)) connections.rests(row);
        else leave(row, "closed");
      },
      dismissed(row) {
        if (keepers[ownerOf[row] as number]?.deaf) note(row, "dismissed");
        else leave(row, "dismissed");
      },
      hungUp(row) {
        recorder.ended(connections.request[row] as number, recorder.outcome("closed"), sim.now, 0);
        leave(row, "hung up");
      },
      reset: (row) => leave(row, "reset"),
      connected() {},
      connectFailed() {},
      gone() {},
    } satisfies Caller);

    function leave(row: number, what: string): void {
      note(row, what);
      rowOf[ownerOf[row] as number] = NONE;
      connections.closedByCaller(row, sim.now);
    }

    function send(keeper: number): void {
      const request = requests.born(sim.now, 0);
      const row = rowOf[keeper] as number;
      if (row !== NONE) {
        connections.carries(row, request, NONE);
        if (route.server.sent?.(row)) return;
        recorder.ended(request, recorder.outcome(errnoName(ECONNRESET)), sim.now, 0);
        leave(row, "meets a RST");
        return;
      }
      const opened = connections.opened(caller, request, NONE);
      connections.wantsMore(opened);
      ownerOf[opened] = keeper;
      rowOf[keeper] = opened;
      note(opened, "opened");
      const errno = route.server.connect(opened);
      if (errno !== OK && errno !== EINPROGRESS) throw new Error("this script knows no refusals");
    }

    world.onReset(() => rowOf.fill(NONE));
    world.onStart(() => {
      end.at(200e9, 0);
      for (const [keeper, { sends: times, closes: closesNs }] of keepers.entries()) {
        for (const time of times) sends.at(time, keeper);
        if (closesNs !== undefined) closes.at(closesNs, keeper);
      }
    });
    return {};
  }
}
