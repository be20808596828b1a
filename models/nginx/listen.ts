// What nginx listens on, and which worker a client comes to.
//
// Modelled: one listening socket for all workers (accept-order.ts says who accepts), or with `reuseport` one
// for each, with a queue of its own that no other worker can drain (src/core/ngx_connection.c
// ngx_clone_listening; needs a Linux of 3.9, with which every profile begins).
// Not modelled: several addresses.
//
//   listen: 127.0.0.1:8080
//   listen: { address: "*:80", backlog: 4096, reuseport: true }

import * as z from "zod";
import { address, parseAddress } from "../../src/component/address.js";
import type { Server } from "../../src/component/network.js";
import { SettingError } from "../../src/component/setting-error.js";
import {
  count,
  declare,
  delegate,
  fragment,
  section,
  toggle,
  withJsonSchema,
} from "../../src/component/settings.js";
import type { World } from "../../src/component/world.js";
import type { AcceptQueue } from "../linux/accept-queue.js";
import type { Kernel } from "../linux/kernel.js";
import { listeningSocket } from "../linux/listening-socket.js";
import { BACKLOGS } from "../linux/profiles.js";
import { reuseportGroup } from "../linux/reuseport-group.js";
import type { AcceptOrder } from "./accept-order.js";
import type { EventLoop } from "./event-loop.js";

const SOURCE = "ngx_http_core_module listen";

const mapping = section({
  address: address({ help: "where nginx listens", default: "*:80", source: SOURCE }),
  backlog: count({
    least: 0,
    most: 2 ** 31 - 1,
    help: "backlog of the listening socket; the kernel cuts it to somaxconn",
    default: 511,
    source: SOURCE,
    steps: { among: BACKLOGS },
  }),
  reuseport: toggle({
    help: "a listening socket for each worker, with a queue of its own",
    default: false,
    source: SOURCE,
    steps: { each: [false, true] },
  }),
});

export type Listen = z.output<typeof mapping>;

const short = address({ help: "where nginx listens" }).transform((text) => mapping.parse({ address: text }));

/** An address, or a mapping with an address and the parameters of nginx's `listen`. */
export const listenSettings = declare(
  withJsonSchema(
    z
      .unknown()
      .transform((input, context) =>
        typeof input === "object" && input !== null
          ? delegate(mapping, input, context)
          : delegate(short, input, context),
      ),
    () => ({ anyOf: [fragment(short), fragment(mapping)] }),
  ),
  undefined,
  { help: "where nginx listens", default: "*:80", source: SOURCE },
) as z.ZodType as z.ZodType<Listen>;

export interface Listening {
  /** One socket, or the group of them. */
  server: Server;
  /** A worker turns to its queue and accepts; false if it finds nobody. */
  acceptNext(worker: number): boolean;
}

/** bind(), listen() and accept(). `accepted` is told who got a client. */
export function listening(
  world: World,
  { address: bind, backlog, reuseport }: Listen,
  workers: readonly { loop: EventLoop }[],
  given: { kernel: Kernel; order: AcceptOrder; accepted(worker: number, client: number): void },
): Listening {
  const { kernel, order, accepted } = given;
  const queues: Pick<AcceptQueue, "take" | "length">[] = [];
  const backlogText = `nginx.listen.backlog = ${backlog}`;
  const arrived = () => {};
  const listen = (queue: Pick<AcceptQueue, "take" | "length">) => queues.push(queue);
  const isOwn = reuseport && workers.length > 1;

  function acceptNext(worker: number): boolean {
    if (!isOwn && !order.mayAccept(worker)) return false;
    const client = (queues[isOwn ? worker : 0] as Pick<AcceptQueue, "take">).take();
    if (client < 0) return false;
    if (!isOwn) order.accepted(worker);
    accepted(worker, client);
    return true;
  }

  if (!isOwn) {
    const acceptors = {
      isIdle: order.isIdle,
      accept(client: number) {
        const worker = order.next;
        order.accepted(worker);
        accepted(worker, client);
      },
      ready: () => order.ready(() => (queues[0] as Pick<AcceptQueue, "length">).length.value > 0),
      arrived,
      listen,
    };
    return {
      server: listeningSocket(world, acceptors, { kernel, bind, of: "", backlog, backlogText }),
      acceptNext,
    };
  }
  if (parseAddress(bind).family === "unix") {
    const why = "expected false with a unix socket: Linux refuses SO_REUSEPORT there, and nginx never starts";
    throw new SettingError(["nginx", "listen", "reuseport"], why);
  }
  const members = workers.map(({ loop }, worker) => {
    const accept = (client: number) => accepted(worker, client);
    const acceptors = { isIdle: loop.isFree, accept, ready: loop.wake, arrived, listen };
    return listeningSocket(world, acceptors, {
      kernel,
      bind,
      of: ` of nginx worker ${worker + 1}`,
      backlog,
      backlogText,
    });
  });
  return { server: reuseportGroup(members, world.random("nginx.reuseport")), acceptNext };
}
