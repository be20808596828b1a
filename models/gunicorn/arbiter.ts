// gunicorn's master process: it forks workers, kills those that are silent, and does what signals tell it.
//
// Modelled (gunicorn/arbiter.py; measured: gunicorn 20.1.0, 23.0.0 and 26.1.0, Linux 6.18, two cores,
// 2026-11): one loop that wakes once a second and whenever a worker has died or a signal has come; each pass
// aborts the workers that have been silent for longer than `timeout`, kills those that it has aborted
// before, and forks what is missing, one after the other with a pause of up to 0.1 s after each; so every
// death moves the phase of the tick. HUP, TERM and a new master, TTIN, TTOU; from 24.0 on HUP waits for the
// old workers, and neither kills nor forks meanwhile.
// Not modelled: the master's own processor time; a worker that cannot boot, which stops the master; INT,
// QUIT, USR2, WINCH. Passes in which nothing can happen are left out.

import { once } from "../../src/component/once.js";
import type { World } from "../../src/component/world.js";
import { MILLISECOND } from "../../src/engine/time.js";
import { isAtLeast } from "../version.js";
import type { Actions } from "./actions.js";
import { masterCauses } from "./causes.js";
import { futileBoots } from "./futile-boots.js";
import { processTable } from "./processes.js";
import type { GunicornSettings } from "./settings.js";
import type { Sockets } from "./sockets.js";
import { PAUSE_NS, START_NS, ticks } from "./tick.js";
import type { Arbiter } from "./worker-class.js";

/** gunicorn/arbiter.py stop, reload: between two looks at who is left. */
const POLL_NS = 100 * MILLISECOND;
/** What the master is at. */
const LOOPING = 0;
/** It has forked a worker and pauses. */
const PAUSING = 1;
/** It waits for the old workers of a reload. */
const WAITING = 2;
/** It waits for all workers. */
const STOPPING = 3;
const DOWN = 4;

const NEVER = Number.POSITIVE_INFINITY;

export interface Given {
  settings: GunicornSettings;
  path: string;
  className: string;
  /** From a fork to the first accept, without the application's import. */
  bootNs: number;
}

export function arbiter(world: World, given: Given) {
  const { sim } = world;
  const { settings, path } = given;
  const { graceful_timeout: graceNs } = settings;
  const bootNs = given.bootNs + (settings.preload_app ? 0 : settings.boot);
  const isTimed = settings.timeout > 0;
  const waitsForOld = isAtLeast(settings.version, "24.0.0");
  const causes = masterCauses(world, given);
  const drawPause = once(() => world.random(`${path}.pause`));
  const signals: (() => void)[] = [];
  let sockets: Sockets;
  const tick = ticks(world, given);
  const futile = futileBoots(world, { settings, path, bootNs, look, forkNext });
  const processes = processTable(world, {
    settings,
    bootNs,
    futile,
    sockets: () => sockets,
    reaped,
  });
  const { counts } = processes;
  const first = {
    state: LOOPING,
    /** How many workers there should be, and forks that are still to come in this pass. */
    target: settings.workers,
    missing: 0,
    /** Somebody has died while it was not looping. */
    isWoken: false,
    /** The next pass that is not left out. */
    passNs: NEVER,
    passHandle: 0,
    /** Until when it waits, and the youngest of the workers that it waits for. */
    deadlineNs: 0,
    youngestOld: 0,
    /** How long after its end the next one is started. */
    restartsAfterNs: NEVER,
  };
  const master = { ...first };
  world.onReset(() => {
    Object.assign(master, first);
    signals.length = 0;
  });
  const passed = sim.event("gunicorn master's pass", pass);
  const paused = sim.event("gunicorn master's pause over", forkNext);
  const polled = sim.event("gunicorn master's look", poll);
  const started = sim.event("gunicorn master started", listen);

  /** One round of the loop. */
  function pass(): void {
    wake();
    master.isWoken = false;
    for (const worker of processes.overdue()) {
      if (processes.wasAborted(worker)) processes.kill(worker, causes.timeout);
      else processes.abort(worker, causes.timeout);
    }
    master.missing = Math.max(0, master.target - counts.live);
    forkNext();
  }

  function forkNext(): void {
    if (master.missing === 0) {
      settle();
      return;
    }
    master.missing--;
    master.state = PAUSING;
    processes.fork();
    const pauseNs = Math.floor(drawPause()() * PAUSE_NS);
    if (futile) futile.pause(pauseNs);
    else paused.after(pauseNs, 0);
  }

  /** The end of a round. */
  function settle(): void {
    master.state = LOOPING;
    dismiss();
    const signal = signals.shift();
    if (signal) signal();
    else if (master.isWoken) pass();
    else {
      tick.settled();
      plan();
      futile?.sleeps();
    }
  }

  /** A tick at which somebody may be overdue who boots. */
  function look(): void {
    if (processes.overdue().length > 0) pass();
    else futile?.sleeps();
  }

  /** SIGTERM to the oldest of those who are too many. */
  function dismiss(): void {
    const tooMany = Math.max(0, counts.live - master.target);
    if (tooMany > 0) processes.oldest().slice(0, tooMany).forEach(processes.terminate);
  }

  function reaped(): void {
    if (master.state === LOOPING) pass();
    else master.isWoken = true;
    if (counts.live === 0 && master.state >= STOPPING) sockets.close();
  }

  /** It does something else than to sleep. */
  function wake(): void {
    unplan();
    futile?.wakes();
  }

  function unplan(): void {
    if (master.passNs < NEVER) passed.cancel(master.passHandle);
    master.passNs = NEVER;
  }

  /** Finds the next pass that has somebody to kill, if nobody dies before. */
  function plan(): void {
    if (!isTimed || master.state !== LOOPING) return;
    const calmNs = processes.calmUntilNs();
    const nextNs = calmNs === NEVER ? NEVER : tick.after(Math.max(calmNs, sim.now));
    if (nextNs === master.passNs) return;
    unplan();
    master.passNs = nextNs;
    if (nextNs < NEVER) master.passHandle = passed.at(nextNs, 0);
  }

  /** Signals are heard between two rounds; by a master that is no more, not at all. */
  function signal(act: () => void): boolean {
    const isHeard = master.state < STOPPING;
    if (master.state === LOOPING) act();
    else if (isHeard) signals.push(act);
    return isHeard;
  }

  function reload(): void {
    wake();
    master.target = settings.workers;
    master.youngestOld = counts.forks;
    for (let worker = 0; worker < settings.workers; worker++) processes.fork();
    dismiss();
    if (!waitsForOld) {
      pass();
      return;
    }
    master.state = WAITING;
    master.deadlineNs = sim.now + graceNs;
    polled.after(POLL_NS, 0);
  }

  function stop(): void {
    wake();
    master.state = STOPPING;
    master.deadlineNs = sim.now + graceNs;
    signals.length = 0;
    sockets.unlink();
    processes.oldest().forEach(processes.terminate);
    polled.after(POLL_NS, 0);
  }

  /** Who is left of those that it waits for? */
  function poll(): void {
    const left = processes.oldest();
    const youngest = master.state === WAITING ? master.youngestOld : NEVER;
    if (sim.now < master.deadlineNs && left.some((worker) => processes.age(worker) <= youngest)) {
      polled.after(POLL_NS, 0);
    } else if (master.state === WAITING) pass();
    else {
      for (const worker of left) processes.kill(worker, causes.stopped);
      master.state = DOWN;
      if (master.restartsAfterNs < NEVER) start(settings.exit_time + master.restartsAfterNs);
    }
  }

  function start(afterNs: number): void {
    master.restartsAfterNs = NEVER;
    started.after(afterNs + START_NS + (settings.preload_app ? settings.boot : 0), 0);
  }

  function listen(): void {
    sockets.listen();
    master.target = settings.workers;
    pass();
  }

  /** The n-th oldest, or the oldest that is up; undefined if there is none. */
  function chosen(place: number | undefined): number | undefined {
    const there = processes.oldest();
    return place === undefined ? there.find(processes.isUp) : there[place - 1];
  }

  const actions: Actions = {
    reload: () => signal(reload),
    stop: () => signal(stop),
    start() {
      if (master.state < STOPPING) return false;
      if (master.state === DOWN) start(0);
      else master.restartsAfterNs = 0;
      return true;
    },
    restart(pauseNs = 0) {
      if (master.state === DOWN) {
        start(0);
        return;
      }
      master.restartsAfterNs = pauseNs;
      signal(stop);
    },
    addWorker: () =>
      signal(() => {
        master.target++;
        pass();
      }),
    removeWorker() {
      const isLast = master.target === 1;
      const isHeard = signal(() => {
        if (master.target > 1) master.target--;
        pass();
      });
      return isHeard && !isLast;
    },
    crash(place) {
      const worker = chosen(place);
      if (worker === undefined) return false;
      processes.kill(worker, causes.crashed);
      return true;
    },
    hang(forNs, place) {
      const worker = chosen(place);
      if (worker === undefined || !processes.isUp(worker)) return false;
      sockets.classOf(worker).hang(worker, forNs);
      return true;
    },
  };

  return {
    actions,
    arbiter: {
      silent(worker, sinceNs) {
        processes.setSilent(worker, sinceNs);
        plan();
      },
      beats(worker) {
        processes.beats(worker);
        plan();
      },
      exits: (worker) => processes.leave(worker, settings.exit_time),
    } satisfies Arbiter as Arbiter,
    /** All workers have been up since before the run. */
    begin(given: Sockets): void {
      sockets = given;
      processes.found();
    },
  };
}
