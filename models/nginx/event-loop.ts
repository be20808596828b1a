// The event loop of an nginx worker: one thing at a time.
//
// Modelled: what arrives while the worker is busy waits: new clients in the listen queue, events of
// connections that it has in the order of their arrival. Each pass of the loop accepts one client and
// handles every event that was there at its beginning (src/event/ngx_event.c ngx_process_events_and_timers;
// multi_accept off). What it computes for takes a processor of the machine, which others may want as well.
// Not modelled: timers, which fire on time; what a connect() waits for a processor delays everything after
// it, but not its own connection: the scheduler lets a process that has slept run soon
// (kernel/sched/fair.c place_entity).

import type { World } from "../../src/component/world.js";
import type { Processors } from "../cpu.js";

export interface EventLoop {
  /** Nothing runs and nothing waits: what arrives now is handled now. */
  isFree(): boolean;
  /** The thing in hand takes this much processor time. */
  spend(cpuNs: number): void;
  /** The same for a system call about this connection; LoopWork.returned is called when it is over. */
  call(cpuNs: number, connection: number): void;
  /** A request on this client's connection, which was kept, waits. */
  deferRequest(client: number): void;
  /** A response to this connection waits, or the end of it. */
  defer(connection: number, status: number, bodyBytes: number, laterNs: number): void;
  /** Whatever waits for this connection is void: its client has gone. */
  drop(connection: number): void;
  /** A client may wait in the listen queue. */
  wake(): void;
}

/** What a loop does: turns to what waited, and accepts a client; false when nobody waits. */
export interface LoopWork {
  /** A request on a client's connection that was kept. */
  begin(client: number): void;
  /** What was deferred of a connection to the application, so long ago. */
  catchUp(connection: number, status: number, bodyBytes: number, laterNs: number, lateNs: number): void;
  accept(): boolean;
  /** A system call that took its time. */
  returned(connection: number): void;
}

// What waits is five numbers in a row; a request has this in place of a status.
const REQUEST = 0;
const FIELDS = 5;
const VOID = -1;
/** Until when it computes is not known yet: that depends on who else does. */
const UNKNOWN = Number.POSITIVE_INFINITY;

export function eventLoop(world: World, processors: Processors, work: LoopWork): EventLoop {
  const { sim } = world;
  // A field, not a captured variable: each write of a double to one of those would allocate.
  const busy = world.state({ untilNs: 0, moreNs: 0, isAwaited: false as boolean });
  const { isUnlimited } = processors;
  const process = processors.process();
  const computing = processors.jobs("nginx worker", computed);
  const deferred: number[] = [];
  let head = 0;
  let leftInPass = 0;
  const freed = sim.event("nginx worker free", turn);
  const returned = sim.event("nginx system call over", work.returned);
  // On processors that others want as well: what is over when this worker has computed.
  const calls: number[] = [];
  world.onReset(() => {
    deferred.length = 0;
    head = 0;
    leftInPass = 0;
    calls.length = 0;
  });

  function turnLater(): void {
    if (busy.isAwaited) return;
    busy.isAwaited = true;
    if (busy.untilNs !== UNKNOWN) freed.at(Math.max(busy.untilNs, sim.now), 0);
  }

  /** The worker has finished what it did and turns to the next thing. */
  function turn(): void {
    busy.isAwaited = false;
    if (busy.untilNs > sim.now) {
      turnLater();
      return;
    }
    if (leftInPass > 0) {
      leftInPass--;
      catchUpNext();
      turnLater();
      return;
    }
    leftInPass = (deferred.length - head) / FIELDS;
    if (work.accept() || leftInPass > 0) turnLater();
  }

  // Short, so that it is inlined.
  function spend(cpuNs: number): void {
    if (cpuNs !== 0) compute(cpuNs);
  }

  function compute(cpuNs: number): void {
    if (isUnlimited) {
      // Not Math.max: what that answers is a small integer at first, for which the sum would be compiled.
      if (busy.untilNs < sim.now) busy.untilNs = sim.now;
      busy.untilNs += cpuNs;
    } else if (busy.untilNs === UNKNOWN) busy.moreNs += cpuNs;
    else {
      busy.untilNs = UNKNOWN;
      computing.start(process, cpuNs, 0);
    }
  }

  function computed(): void {
    const { moreNs } = busy;
    busy.untilNs = sim.now;
    busy.moreNs = 0;
    if (moreNs > 0) {
      spend(moreNs);
      return;
    }
    for (const connection of calls.splice(0)) work.returned(connection);
    if (busy.isAwaited) turn();
  }

  function call(cpuNs: number, connection: number): void {
    spend(cpuNs);
    if (busy.untilNs === UNKNOWN) calls.push(connection);
    else returned.at(busy.untilNs, connection);
  }

  function catchUpNext(): void {
    const [connection, status, bodyBytes, laterNs, sinceNs] = deferred.slice(head, head + FIELDS) as [
      number,
      number,
      number,
      number,
      number,
    ];
    head += FIELDS;
    if (head === deferred.length) {
      deferred.length = 0;
      head = 0;
    }
    if (connection === VOID) return;
    if (status === REQUEST) work.begin(connection);
    else work.catchUp(connection, status, bodyBytes, laterNs, sim.now - sinceNs);
  }

  function defer(connection: number, status: number, bodyBytes: number, laterNs: number): void {
    deferred.push(connection, status, bodyBytes, laterNs, sim.now);
    turnLater();
  }

  return {
    isFree: () => busy.untilNs <= sim.now && !busy.isAwaited,
    spend,
    call,
    deferRequest: (client) => defer(client, REQUEST, 0, 0),
    defer,
    drop(connection) {
      for (let index = head; index < deferred.length; index += FIELDS) {
        if (deferred[index] === connection) deferred[index] = VOID;
      }
    },
    wake: turnLater,
  };
}
