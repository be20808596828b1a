// Takes a path up by repeating it from the beginning: a world is a function of its random numbers, so the
// same numbers up to the same request lead to the same state, whatever the state consists of.

import type { Path, Pause, Place, Walker, Way } from "./path.js";
import { switchableStreams } from "./switchable-streams.js";
import { telling } from "./telling.js";
import { type EndlessJob, type Watched, type Work, watchedWorld } from "./watched-world.js";

/** From the birth with this number (the first is 0) on, the random numbers are those of this branch. */
interface Stretch {
  branch: number;
  fromBirth: number;
}

/** The birth of request number `births` of a path that consists of these stretches. */
export interface ReplayedPlace extends Place {
  births: number;
  stretches: readonly Stretch[];
}

/** So many events at a time; what a path that is over does after them is wasted. */
const SLICE_EVENTS = 64;

/**
 * Every path has a world of its own and begins with an empty system; it is over when that is empty again. The
 * cost of taking it up is its whole length before.
 */
export function replayedWay(job: EndlessJob, pause: Pause): Way {
  return {
    async walk(walker) {
      for (let path = walker.next(); path; path = walker.next()) {
        walkPath(job, path as Path<ReplayedPlace>, walker);
        await pause();
      }
    },
  };
}

/** Walks one path to its end and answers its world. */
export function walkPath(job: EndlessJob, path: Path<ReplayedPlace>, walker: Walker): Watched {
  const { from, branch } = path;
  const splitAt = from ? from.births : 0;
  const stretches = [...(from?.stretches ?? []), { branch, fromBirth: splitAt }];
  const random = switchableStreams(job.seed, (stretches[0] as Stretch).branch, { isAhead: false });
  const at = { births: 0, stretch: 1, isOver: false };
  const told = telling(() => watched, random, {
    isSettled: () => true,
    save: (): ReplayedPlace => ({ level: watched.level(), births: at.births - 1, stretches }),
  });

  function born(work: Work): void {
    if (at.isOver) return;
    const birth = at.births++;
    if (at.stretch < stretches.length && birth === stretches[at.stretch]?.fromBirth) {
      random.switchTo((stretches[at.stretch++] as Stretch).branch);
    }
    if (birth < splitAt) return;
    if (birth === splitAt && from) {
      if (watched.level() !== from.level) throw new Error("a path that was repeated is another one");
      told.begins();
      return;
    }
    told.account(walker);
    at.isOver = birth > 0 && watched.isEmpty();
    if (!at.isOver) at.isOver = !told.arrived(walker, work);
  }

  const watched = watchedWorld(job, random, { born });
  while (!at.isOver) watched.world.sim.run(undefined, SLICE_EVENTS);
  return watched;
}
