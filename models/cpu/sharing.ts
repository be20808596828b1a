// Who gets the processors of a machine.
//
// Modelled: fair sharing as of CFS and EEVDF (kernel/sched/fair.c; sched(7)): n processes that want to
// compute share `cores` processors evenly, and none gets more than one of them, so each runs at the rate
// min(1, cores/n); threads of one process share its rate evenly, since only one holds the interpreter's lock
// (Python/ceval_gil.h, switch interval 5 ms: sys.setswitchinterval). Waiting takes no processor.
// Not modelled: the scheduler's slice of some milliseconds, of which even sharing is the limit, and with
// which a job that is shorter than a slice may be over before those that came first get their turn; nice
// values and real-time classes, since gunicorn and nginx run without; that a process prefers the processor
// that it was on, and what it costs to move (the load balancer evens it out within some milliseconds); a
// thread that waits for the lock longer than its share, because the one that holds it is not running;
// the interpreter's switch interval: threads share its lock fluidly here and in slices of 5 ms there, so that
// equal ones run in step (eight threads of a closed loop that each compute for exactly 10 ms and then sleep
// for 10 ms begin and end together, and leave the lock to nobody while they sleep); caches, frequencies and
// hyper-threads; quotas of a cgroup (cpu.max), which stop a container for the rest of a period of 100 ms.
//
// Method: the fluid's virtual time. Let V be the processor time that each runnable process has got since
// they share, so dV/dt = min(1, cores/n). A process with k threads has a clock of its own, v, with dv/dV =
// 1/k: a thread that starts at v and computes for c ends at v + c, whoever comes and goes. So a process is
// due at V + (least end - v) k, which changes only with its own threads. Two heaps, of the processes and of
// each one's threads, give the next job that ends, in O(log n); one event of the calendar stands for it.
//
// Times: a job ends at the whole nanosecond that is nearest to the fluid's end; what it got too much or too
// little by that is settled with the job that its process starts at that instant. So a worker that is never
// idle is half a nanosecond off after ten million jobs as after one, but for the rounding of doubles: V is
// put back to 0 when nobody computes, and lowered before its doubles have steps of more than 2^-10 ns.

import type { World } from "../../src/component/world.js";
import { clear, type IndexedHeap, indexedHeap, keys, reserve } from "../../src/engine/indexed-heap.js";
import { jobRows } from "./job-rows.js";

/**
 * Who gets the processors of one machine: processes share them evenly, threads of one process share its
 * interpreter lock.
 */
export interface Processors {
  /**
   * There are as many cores as anybody wants: the processor time of a process with one thread costs just that
   * time, and it does not have to ask.
   */
  readonly isUnlimited: boolean;
  /** Declares a process (a gunicorn worker, an nginx worker); its number, in the runs that follow too. */
  process(): number;
  /** Declares a kind of job: `done(subject)` is called when a job of it has had its processor time. */
  jobs(name: string, done: (subject: number) => void): Jobs;
}

export interface Jobs {
  readonly name: string;
  /** A thread of `process` starts to compute for `cpuNs`; a handle. */
  start(process: number, cpuNs: number, subject: number): number;
  /**
   * It ends before its time (its process was killed): the processor time that it lacks, in nanoseconds. A job
   * that has ended is left alone.
   */
  stop(handle: number): number;
}

export const UNLIMITED_CORES = Number.POSITIVE_INFINITY;
const MOST_VIRTUAL_NS = 2 ** 42;
const NO_EVENT = -1;
const NOBODY = -1;
const NOWHERE = -1;

/** How a machine is called: what tells it from others, and the setting of its cores. */
export interface MachineNames {
  of?: string | undefined;
  path: string;
}

/** The processors of a machine with this many cores. */
export function processors(world: World, cores: number, { of, path }: MachineNames): Processors {
  const { sim } = world;
  const isUnlimited = cores === UNLIMITED_CORES;
  const label = of === undefined ? "busy processors" : `busy processors of ${of}`;
  const busy = isUnlimited ? undefined : world.gauge(label, cores);
  const doneOf: ((subject: number) => void)[] = [];
  const jobs = jobRows();
  // By process: what its next job ends at in V; its own clock, and the V up to which that has been brought.
  const due = keys();
  const runnable = indexedHeap(due);
  const threads: IndexedHeap[] = [];
  const local: { clockNs: number[]; sinceNs: number[] } = { clockNs: [], sinceNs: [] };
  // Fields, not captured variables: each write of a double to one of those would allocate.
  const shared = world.state({
    virtualNs: 0,
    atNs: 0,
    started: 0,
    event: NO_EVENT,
    eventNs: 0,
    surplusNs: 0,
  });
  let ending = NOBODY;
  const ended = sim.event("processor time over", endNext);

  const rate = () => (runnable.size() <= cores ? 1 : cores / runnable.size());

  /** Brings V up to now. */
  function advance(): void {
    const elapsedNs = sim.now - shared.atNs;
    shared.atNs = sim.now;
    if (runnable.size() === 0) shared.virtualNs = 0;
    else shared.virtualNs += elapsedNs * rate();
    if (shared.virtualNs > MOST_VIRTUAL_NS) lower();
  }

  function lower(): void {
    const by = shared.virtualNs;
    shared.virtualNs = 0;
    runnable.lower(by);
    for (const [process, own] of threads.entries()) {
      if (own.size() === 0) continue;
      bringUp(process, own, by);
      own.lower(local.clockNs[process] as number);
      local.clockNs[process] = 0;
      local.sinceNs[process] = 0;
    }
  }

  /** Brings the clock of a process with threads up to this V. */
  function bringUp(process: number, own: IndexedHeap, virtualNs: number): void {
    (local.clockNs[process] as number) += (virtualNs - (local.sinceNs[process] as number)) / own.size();
    local.sinceNs[process] = virtualNs;
  }

  function start(kind: number, process: number, cpuNs: number, subject: number): number {
    if (!(cpuNs >= 0)) throw new Error(`expected processor time of 0 ns or more, got ${cpuNs}`);
    advance();
    const own = threads[process] as IndexedHeap;
    if (own.size() > 0) bringUp(process, own, shared.virtualNs);
    else {
      local.clockNs[process] = 0;
      local.sinceNs[process] = shared.virtualNs;
    }
    const row = jobs.take(kind, process, subject);
    jobs.ends.key[row] = (local.clockNs[process] as number) + cpuNs;
    if (process === ending) {
      (jobs.ends.key[row] as number) -= shared.surplusNs;
      shared.surplusNs = 0;
    }
    jobs.ends.order[row] = shared.started++;
    own.add(row);
    rank(process, own);
    plan();
    return jobs.handle(row);
  }

  /** A job is over; what it lacks. */
  function leave(row: number): number {
    const process = jobs.process[row] as number;
    const own = threads[process] as IndexedHeap;
    bringUp(process, own, shared.virtualNs);
    own.remove(row);
    jobs.give(row);
    rank(process, own);
    return (jobs.ends.key[row] as number) - (local.clockNs[process] as number);
  }

  /** The process is due when the first of its threads is. */
  function rank(process: number, own: IndexedHeap): void {
    const isRanked = (due.place[process] as number) >= 0;
    if (own.size() === 0) {
      runnable.remove(process);
      due.place[process] = NOWHERE;
      return;
    }
    const next = own.least();
    const leftNs = (jobs.ends.key[next] as number) - (local.clockNs[process] as number);
    due.key[process] = shared.virtualNs + leftNs * own.size();
    due.order[process] = jobs.ends.order[next] as number;
    if (isRanked) runnable.changed(process);
    else runnable.add(process);
  }

  /** Sees to the event of the next job that ends, once for all that happens while one ends. */
  function plan(): void {
    if (ending !== NOBODY) return;
    const level = Math.min(cores, runnable.size());
    if (busy && busy.value !== level) busy.set(level);
    if (runnable.size() === 0) {
      forget();
      return;
    }
    const leftNs = ((due.key[runnable.least()] as number) - shared.virtualNs) / rate();
    const eventNs = sim.now + Math.max(0, Math.round(leftNs));
    if (shared.event !== NO_EVENT && shared.eventNs === eventNs) return;
    forget();
    shared.eventNs = eventNs;
    shared.event = ended.at(eventNs, 0);
  }

  function forget(): void {
    if (shared.event !== NO_EVENT) ended.cancel(shared.event);
    shared.event = NO_EVENT;
  }

  function endNext(): void {
    shared.event = NO_EVENT;
    advance();
    const process = runnable.least();
    const row = (threads[process] as IndexedHeap).least();
    const done = doneOf[jobs.kind[row] as number] as (subject: number) => void;
    const subject = jobs.subject[row] as number;
    shared.surplusNs = -leave(row);
    ending = process;
    done(subject);
    ending = NOBODY;
    plan();
  }

  world.onReset(() => {
    jobs.reset();
    clear(due);
    due.place.fill(NOWHERE, 0, threads.length);
    runnable.clear();
    for (const own of threads) own.clear();
    local.clockNs.fill(0);
    local.sinceNs.fill(0);
    ending = NOBODY;
  });
  if (!isUnlimited) {
    // Those that were declared during a run are there in the next one too, which does not start with them.
    let first: number | undefined;
    world.onStart(() => {
      first ??= threads.length;
      const what = `${cores} ${cores === 1 ? "core" : "cores"}${of === undefined ? "" : ` of ${of}`}`;
      const text = `${what} shared by ${first} processes`;
      world.limits.push({ text, settings: [`${path} = ${cores}`] });
    });
  }
  return {
    isUnlimited,
    process() {
      const process = threads.push(indexedHeap(jobs.ends)) - 1;
      reserve(due, process);
      due.place[process] = NOWHERE;
      local.clockNs.push(0);
      local.sinceNs.push(0);
      return process;
    },
    jobs(jobName, done) {
      const kind = doneOf.push(done) - 1;
      return {
        name: jobName,
        start: (process, cpuNs, subject) => start(kind, process, cpuNs, subject),
        stop(handle) {
          const row = jobs.rowOf(handle);
          if (row < 0) return 0;
          advance();
          const lackedNs = Math.max(0, leave(row));
          plan();
          return lackedNs;
        },
      };
    },
  };
}
