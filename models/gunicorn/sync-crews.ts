// The sync workers of each gunicorn, and which gunicorns are alike.
//
// Modelled: what differs between gunicorns with the same settings. They have one set of handlers (sync.ts),
// and their workers are rows of the same columns: V8 takes what handlers capture for constant only as long as
// they were made once (measured: 0.88 times the processor time of fifty gunicorns, 2 cores, both busy, Node
// 20.20, 2026-12).
// Not modelled: anything that workers do; see sync.ts.

import type { World } from "../../src/component/world.js";
import type { Source } from "../../src/engine/random.js";
import type { Gauge } from "../../src/metrics/gauge.js";
import type { AcceptQueue } from "../linux/accept-queue.js";
import { isAtLeast } from "../version.js";
import { errorAnswer } from "./error-answer.js";
import type { SyncRows } from "./sync-rows.js";
import {
  type Arbiter,
  type ClassDeclaration,
  type Employment,
  requestLimit,
  type WorkerClass,
} from "./worker-class.js";

type Queue = Pick<AcceptQueue, "take" | "length">;

/** What all crews that are alike do in the same way; a worker is a row. */
export interface Handlers {
  accept(crew: Crew, connection: number): void;
  ready(crew: Crew): void;
  arrived(connection: number): void;
  started(crew: Crew, worker: number): void;
  stop(worker: number): void;
  abort(worker: number, cause: number): boolean;
  /** What it works on ends with `close`. */
  end(worker: number, close: Close, cause: number): void;
  hang(worker: number, forNs: number): void;
  lose: Close;
}

type Close = (connection: number, cause: number) => void;

/** The workers of one gunicorn, or of one socket of it. */
export class Crew implements WorkerClass {
  readonly arbiter: Arbiter;
  readonly busy: Gauge;
  /** Rows of workers that wait. */
  readonly idle: number[] = [];
  /** Its sockets' queues, in the order of the binds; the first is mostly the only one. */
  readonly queues: Queue[] = [];
  queue!: Queue;
  /** How many requests its next worker serves. */
  readonly limit: () => number;
  /** Answers the request of a worker that is killed by SIGABRT, as its version does. */
  readonly answer: Close;
  private readonly draw: Source | false;
  private readonly handlers: Handlers;
  /** The row of a worker, by the arbiter's number. */
  private readonly rowOf: (number: number) => number;

  constructor(world: World, employment: Employment, handlers: Handlers, rowOf: (number: number) => number) {
    const { arbiter, busy, path, of, settings } = employment;
    this.arbiter = arbiter;
    this.busy = busy;
    this.limit = requestLimit(world, employment);
    this.answer = isAtLeast(settings.version, "22.0.0")
      ? errorAnswer(world, employment, handlers.lose)
      : handlers.lose;
    this.draw = settings.max_requests > 0 && world.random(`${path}.accept${of}`);
    this.handlers = handlers;
    this.rowOf = rowOf;
    world.onReset(() => {
      this.idle.length = 0;
    });
  }

  isIdle(): boolean {
    return this.idle.length > 0;
  }

  accept(connection: number): void {
    this.handlers.accept(this, connection);
  }

  ready(): void {
    this.handlers.ready(this);
  }

  arrived(connection: number): void {
    this.handlers.arrived(connection);
  }

  listen(queue: Queue): void {
    if (this.queues.push(queue) === 1) this.queue = queue;
  }

  started(number: number): void {
    this.handlers.started(this, this.rowOf(number));
  }

  stop(number: number): void {
    this.handlers.stop(this.rowOf(number));
  }

  abort(number: number, cause: number): boolean {
    return this.handlers.abort(this.rowOf(number), cause);
  }

  die(number: number, cause: number): void {
    this.handlers.end(this.rowOf(number), this.handlers.lose, cause);
  }

  hang(number: number, forNs: number): void {
    this.handlers.hang(this.rowOf(number), forNs);
  }

  /** One of the idle workers: all are woken and try, and only max_requests can tell which was first. */
  chosen(): number {
    const { idle, draw } = this;
    if (!draw) return idle.pop() as number;
    const index = Math.floor(draw() * idle.length);
    const worker = idle[index] as number;
    idle[index] = idle[idle.length - 1] as number;
    idle.pop();
    return worker;
  }

  /** A worker waits no more. */
  leave(worker: number): void {
    this.idle.splice(this.idle.indexOf(worker), 1);
  }
}

export interface Crews {
  /** The first of them. */
  readonly first: Crew;
  join(employment: Employment): Crew;
  /** Whose a worker is. */
  of(worker: number): Crew;
}

/** Crews that are alike, of which `first` is the first. */
export function crewsOf(world: World, rows: SyncRows, first: Employment, handlers: Handlers): Crews {
  const all: Crew[] = [];
  // With one crew all that it has is constant for V8, since `isOne` is never written then.
  const count = { isOne: true, rows: 0 };
  world.onReset(() => {
    rows.reset();
    count.rows = 0;
  });
  const only = hired(first);

  function hired(employment: Employment): Crew {
    const [number, places]: [number, number[]] = [all.length, []];
    world.onReset(() => {
      places.length = 0;
    });
    const crew = new Crew(world, employment, handlers, (place) => {
      places[place] ??= newRow(number, place);
      return places[place];
    });
    if (all.push(crew) > 1) count.isOne = false;
    return crew;
  }

  function newRow(crew: number, number: number): number {
    const worker = count.rows++;
    rows.reserve(worker);
    rows.crew[worker] = crew;
    rows.number[worker] = number;
    return worker;
  }

  return {
    first: only,
    join: (employment) => (employment === first ? only : hired(employment)),
    of: (worker) => (count.isOne ? only : (all[rows.crew[worker] as number] as Crew)),
  };
}

type Joining = (employment: Employment) => WorkerClass;

/**
 * A class's `build`: `begin` makes the handlers of all gunicorns that are alike, with the settings of the
 * first of them, and answers how one of them joins.
 */
export function alike(begin: (world: World, first: Employment) => Joining): ClassDeclaration["build"] {
  const worlds = new WeakMap<World, { traits: unknown[]; join: Joining }[]>();
  return (world, employment) => {
    const kinds = worlds.get(world) ?? [];
    worlds.set(world, kinds);
    const traits = traitsOf(employment);
    const known = kinds.find((kind) => kind.traits.every((trait, index) => trait === traits[index]));
    if (known) return known.join(employment);
    const join = begin(world, employment);
    kinds.push({ traits, join });
    return join(employment);
  };
}

/** All that the handlers know of a gunicorn and not of its crew. */
function traitsOf(employment: Employment): unknown[] {
  const { settings, application, processors, overheadNs } = employment;
  const { version, timeout, wake_cpu, max_requests, bind } = settings;
  // Who waits on several sockets has rounds of its own, and is like nobody else.
  const rounds = bind.length > 1 && employment;
  return [version, timeout, wake_cpu, max_requests > 0, application, processors, overheadNs, rounds];
}
