// Workers that take longer to boot than `timeout` allows them to be silent.
//
// Modelled: up to 21 the silence counts from the fork (gunicorn/workers/workertmp.py), so that the master
// kills such a worker in its boot, forks another one, and so on for ever (measured: gunicorn 20.1.0 to 21.2.0
// never serve, Linux 6.18, 2026-11). One that needs little more than `timeout` may be through before the
// master looks: its looks are a second apart, and pauses of forks come between. As none of this ends, a run
// does not go on for its sake; but it does while a worker may yet come up and requests wait or are to come.
// Not modelled: luck that has not come in 100 boots of each worker; a worker that TTIN has added to one alone
// makes looks more irregular than is counted on here.

import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import type { Timer } from "../../src/engine/timer.js";
import { NO_TIMER } from "../../src/engine/timer.js";
import { isAtLeast } from "../version.js";
import type { GunicornSettings } from "./settings.js";
import { PAUSE_NS, TICK_NS } from "./tick.js";
import { silenceNs } from "./worker-class.js";

const MOST_IN_VAIN = 100;

interface Given {
  settings: GunicornSettings;
  path: string;
  bootNs: number;
  /** The master looks who is overdue. */
  look(): void;
  /** A pause after a fork is over. */
  forkNext(): void;
}

export type FutileBoots = NonNullable<ReturnType<typeof futileBoots>>;

/** Undefined if no boot takes too long. */
export function futileBoots(world: World, { settings, path, bootNs, look, forkNext }: Given) {
  const allowedNs = silenceNs(settings);
  if (isAtLeast(settings.version, "22.0.0") || bootNs <= allowedNs) return undefined;
  const { sim } = world;
  const background = { isBackground: true };
  const waiting: Timer[] = [];
  const ticked = sim.timer("gunicorn master's tick", TICK_NS, look, background);
  const paused = sim.timer("gunicorn master's pause of boots over", 0, forkNext, background);
  const counts = { forked: 0, up: 0, inVain: 0, tick: NO_TIMER };
  const mostInVain = bootNs <= longestBootNs(settings) ? MOST_IN_VAIN * settings.workers : 0;
  const hope = hopeOf(world);
  world.onReset(() => {
    counts.forked = 0;
    counts.up = 0;
    counts.inVain = 0;
    counts.tick = NO_TIMER;
  });
  world.notices.push(() => {
    if (counts.forked === counts.up) return undefined;
    const [boot, limit] = [durationText(bootNs), durationText(allowedNs)];
    const rule = `a worker boots for ${boot}, and up to 21.x one is killed that takes longer than`;
    const came = `${counts.up} of ${counts.forked} that were forked came up`;
    return `${path}: ${rule} ${path}.timeout = ${limit}: ${came}`;
  });

  const isAnyRunning = () => waiting.some((timer) => timer.isRunning);

  return {
    /** What ends the boot of a worker: its success, or the end of its process after SIGABRT. */
    boots(boot: (worker: number) => void, end: (worker: number) => void) {
      const booted = sim.timer(
        "gunicorn worker booted in time",
        bootNs,
        (worker) => {
          counts.inVain = 0;
          counts.up++;
          boot(worker);
        },
        background,
      );
      const aborted = sim.timer("gunicorn worker killed in its boot", settings.abort_time, end, background);
      waiting.push(booted, aborted);
      hope.share(() => counts.inVain < mostInVain && isAnyRunning());
      return {
        booted: {
          cancel: (handle: number) => booted.stop(handle),
          start(worker: number) {
            counts.forked++;
            const handle = booted.start(worker);
            hope.begin();
            return handle;
          },
        },
        aborted: {
          cancel: (handle: number) => aborted.stop(handle),
          start(worker: number) {
            counts.inVain++;
            return aborted.start(worker);
          },
        },
      };
    },
    pause(forNs: number): void {
      paused.startAt(sim.now + forNs, 0);
    },
    /** The master sleeps for a second, after which it looks if anybody boots. */
    sleeps(): void {
      if (isAnyRunning()) counts.tick = ticked.start(0);
    },
    /** It is woken before. */
    wakes(): void {
      ticked.stop(counts.tick);
    },
  };
}

/** Nobody who takes longer to boot comes up. */
function longestBootNs({ timeout: timeoutNs, workers }: GunicornSettings): number {
  if (workers > 1) return timeoutNs + TICK_NS + workers * PAUSE_NS;
  // Alone it is killed at its fork + pause + whole seconds, by the first of these that is beyond the timeout.
  const restNs = timeoutNs % TICK_NS;
  return restNs === 0 ? timeoutNs + PAUSE_NS : timeoutNs - restNs + TICK_NS + Math.min(restNs, PAUSE_NS);
}

interface Hope {
  /** Asked whether somebody may yet come up. */
  share(hopes: () => boolean): void;
  /** Somebody boots. */
  begin(): void;
}

const hopes = new WeakMap<World, Hope>();

/** What keeps a run going: one for all masters, or each would go on for the sake of the other. */
function hopeOf(world: World): Hope {
  const known = hopes.get(world);
  if (known) return known;
  const { sim, recorder, requests } = world;
  const sharers: (() => boolean)[] = [];
  const goesOn = sim.timer("gunicorn worker may yet come up", TICK_NS, () => {
    if (recorder.count < requests.sent || sim.isPending) begin();
  });
  function begin(): void {
    if (!goesOn.isRunning && sharers.some((hopes) => hopes())) goesOn.start(0);
  }
  const made: Hope = { share: (hopes) => sharers.push(hopes), begin };
  hopes.set(world, made);
  return made;
}
