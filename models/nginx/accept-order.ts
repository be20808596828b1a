// Which worker accepts a client, when all of them wait at one listening socket.
//
// Modelled (src/event/ngx_event_accept.c, ngx_event.c; fs/eventpoll.c):
// - EPOLLEXCLUSIVE (nginx 1.11.3 on Linux 4.5): the kernel wakes the idle worker that was first to add the
//   socket to its epoll. From 1.21.6 on a worker adds it anew at its first and then at every 16th accept, and
//   at every one while fewer than an eighth of its connections are free: it goes to the tail.
// - Without it all are woken and the race decides among the idle ones: a uniform draw.
// - accept_mutex (the default before 1.11.3): one worker holds it and accepts. It lets go while it handles
//   events, when any worker that begins a pass of its loop takes it; a worker with nothing else to do looks
//   every accept_mutex_delay.
// Not modelled: the processor time of workers that are woken in vain; bids that a worker skips because fewer
// than an eighth of its connections are free.

import type { World } from "../../src/component/world.js";
import { MILLISECOND } from "../../src/engine/time.js";
import { isAtLeast } from "../version.js";
import type { EventLoop } from "./event-loop.js";

const ACCEPTS_BEFORE_REORDER = 16;
/** accept_mutex_delay. */
const MUTEX_DELAY_NS = 500 * MILLISECOND;

interface Candidate {
  loop: EventLoop;
  slots: { readonly free: number };
}

export interface AcceptOrder {
  /** Some worker would accept a client at this instant; `next` is the one. */
  isIdle(): boolean;
  readonly next: number;
  /** Whether this worker looks at the socket in this pass of its loop. */
  mayAccept(worker: number): boolean;
  /** It has accepted a client. */
  accepted(worker: number): void;
  /** A client waits in the queue; `isWaiting` tells later whether one still does. */
  ready(isWaiting: () => boolean): void;
}

/** What decides on the order. */
export interface AcceptRules {
  version: string;
  connections: number;
  mutex: "on" | "off" | undefined;
  epollExclusive: boolean;
}

/** The order in which these workers accept. */
export function acceptOrder(
  world: World,
  workers: readonly Candidate[],
  { version, connections, mutex, epollExclusive }: AcceptRules,
): AcceptOrder {
  const isNew = isAtLeast(version, "1.11.3");
  // With one process there is no mutex, and nobody to compete with (ngx_event.c ngx_event_process_init).
  const isShared = workers.length > 1;
  if (!isShared) return alone(workers[0] as Candidate);
  if ((mutex ?? (isNew ? "off" : "on")) === "on") return byMutex(world, workers);
  if (!(isNew && epollExclusive)) return byChance(world, workers);
  return byRegistration(world, workers, {
    reorders: isAtLeast(version, "1.21.6"),
    fewest: Math.floor(connections / 8),
  });
}

/** The only worker. */
function alone({ loop }: Candidate): AcceptOrder {
  return { isIdle: loop.isFree, next: 0, mayAccept: () => true, accepted() {}, ready: loop.wake };
}

const isFree = ({ loop }: Candidate) => loop.isFree();

/** `fewest` free connections: below it a worker goes to the tail after each accept. */
function byRegistration(
  world: World,
  workers: readonly Candidate[],
  { reorders, fewest }: { reorders: boolean; fewest: number },
): AcceptOrder {
  const registered = workers.map((_, worker) => worker);
  const accepts = new Float64Array(workers.length);
  const order = {
    next: 0,
    isIdle() {
      for (let place = 0; place < registered.length; place++) {
        order.next = registered[place] as number;
        if (isFree(workers[order.next] as Candidate)) return true;
      }
      return false;
    },
    mayAccept: () => true,
    accepted(worker: number) {
      if (!reorders) return;
      const isDue = (accepts[worker] as number) % ACCEPTS_BEFORE_REORDER === 0;
      (accepts[worker] as number)++;
      if (!isDue && (workers[worker] as Candidate).slots.free >= fewest) return;
      registered.splice(registered.indexOf(worker), 1);
      registered.push(worker);
    },
    ready() {
      for (const worker of registered) (workers[worker] as Candidate).loop.wake();
    },
  };
  world.onReset(() => {
    for (let worker = 0; worker < workers.length; worker++) registered[worker] = worker;
    accepts.fill(0);
    order.next = 0;
  });
  return order;
}

function byChance(world: World, workers: readonly Candidate[]): AcceptOrder {
  const draw = world.random("nginx.accept");
  const idle: number[] = [];
  const order = {
    next: 0,
    isIdle() {
      idle.length = 0;
      for (let worker = 0; worker < workers.length; worker++) {
        if (isFree(workers[worker] as Candidate)) idle.push(worker);
      }
      if (idle.length === 0) return false;
      order.next = idle[Math.floor(draw() * idle.length)] as number;
      return true;
    },
    mayAccept: () => true,
    accepted() {},
    ready() {
      for (const { loop } of workers) loop.wake();
    },
  };
  world.onReset(() => {
    idle.length = 0;
    order.next = 0;
  });
  return order;
}

function byMutex(world: World, workers: readonly Candidate[]): AcceptOrder {
  const { sim } = world;
  const draw = world.random("nginx.accept_mutex");
  const isLooking = new Uint8Array(workers.length);
  const looks = sim.event("accept_mutex_delay over", look);
  const nobodyWaits = () => false;
  let isWaiting = nobodyWaits;
  const order = {
    /** Who holds the mutex, or held it last. */
    next: 0,
    isIdle: () => isFree(workers[order.next] as Candidate),
    mayAccept(worker: number) {
      if (worker === order.next) return true;
      if (order.isIdle()) return false;
      order.next = worker;
      return true;
    },
    accepted() {},
    ready(waits: () => boolean) {
      isWaiting = waits;
      (workers[order.next] as Candidate).loop.wake();
      // Nobody knows when the others looked last.
      for (let worker = 0; worker < workers.length; worker++) {
        if (worker === order.next || isLooking[worker] || !isFree(workers[worker] as Candidate)) continue;
        isLooking[worker] = 1;
        looks.after(Math.floor(draw() * MUTEX_DELAY_NS), worker);
      }
    },
  };

  function look(worker: number): void {
    isLooking[worker] = 0;
    if (!isWaiting()) return;
    const { loop } = workers[worker] as Candidate;
    if (loop.isFree() && !order.isIdle()) loop.wake();
    else if (loop.isFree()) {
      isLooking[worker] = 1;
      looks.after(MUTEX_DELAY_NS, worker);
    }
  }
  world.onReset(() => {
    isLooking.fill(0);
    isWaiting = nobodyWaits;
    order.next = 0;
  });
  return order;
}
