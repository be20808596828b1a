// A world that is emptied and filled again for each path: by births that are a little more apart than what
// requests take on their way into the queue, so that all are there when the last one is born.
//
// All paths have the same world: V8 takes what a model closes over for constant as long as there is one of
// it, and is twice as fast then.

import { sampler } from "../engine/distribution.js";
import { LONGEST_NS } from "../engine/time.js";
import { type Besides, type FilledPlace, ledger, nothingBesides, PROBES } from "./ledger.js";
import { NotPlain, type Path, type Walker } from "./path.js";
import { LONG_GAP, switchableStreams } from "./switchable-streams.js";
import { telling } from "./telling.js";
import { type EndlessJob, type Watched, type Work, watchedWorld } from "./watched-world.js";

/** A world in which path after path is walked. */
export interface Ground {
  readonly watched: Watched;
  /** Walks some paths; true if there are more. If not, all places that were saved are complete. */
  walk(walker: Walker): boolean;
}

/** What outlasts a ground. */
export interface Memory {
  besides: Besides;
  /** The next path, which another ground has begun to ask for when its clock came to an end. */
  pending: Path<FilledPlace> | undefined;
  /**
   * Paths from the beginning are sections of so many requests of one long run, where there is a number, and
   * cycles from one empty system to the next otherwise. Where the last section has ended, the next one goes
   * on.
   */
  section: { births: number | undefined; end: FilledPlace | undefined };
}

/** Nothing is known, and no path is begun. */
export function noMemory(): Memory {
  return { besides: nothingBesides(), pending: undefined, section: { births: undefined, end: undefined } };
}

/** So many events at a time; most of what happens after a path has to happen anyway, to empty the system. */
const SLICE_EVENTS = 32;
/** Some milliseconds. */
const PATHS_OF_A_WALK = 64;
/** Sections after which it is forgotten that the run began with an empty system. */
const WARM_UP_SECTIONS = 20;

/** Nobody walks yet: the world has its ordinary load. */
const LIVES = 0;
const EMPTIES = 1;
const FILLS = 2;
const WALKS = 3;

/** A longer gap has a uniform number so close to 1 that it loses its nanoseconds. */
const MOST_MEAN_GAPS = 15;

/** Works that are kept: about as many as paths need that are taken up with many workers. */
const MOST_POOLED = 10_000;
/** Of hyperexponential work whose coefficient of variation is 4 one in 15 is accepted in its longer phase. */
const MOST_TRIES = 50;
/** The last microseconds of a request are nginx's: seldom somebody is met in them. */
const MOST_REFILLS = 20;

/** The uniform number that gives about this gap, and the gap that it gives. */
function spacingFor(wantedNs: number, meanGapNs: number) {
  const uniform = -Math.expm1(-wantedNs / meanGapNs);
  const random = { gap: uniform };
  return { uniform, ns: sampler({ kind: "exponential", meanNs: meanGapNs }, () => random.gap)() };
}

/** The ground of all paths of a way; its world is built with the random numbers of this branch. */
export function refilled(job: EndlessJob, branch: number, memory: Memory): Ground {
  const { besides, section } = memory;
  const random = switchableStreams(job.seed, branch, { isAhead: true });
  const book = ledger(() => watched, besides);
  const told = telling(() => watched, random, book);
  const at = {
    state: LIVES,
    walker: undefined as Walker | undefined,
    paths: 0,
    path: undefined as Path<FilledPlace> | undefined,
    from: undefined as FilledPlace | undefined,
    /** Whoever waits there takes what it would have taken. */
    isSame: false,
    spacing: { uniform: 0, ns: 0 },
    filled: 0,
    doneNs: 0,
    refills: 0,
    births: 0,
    untold: 0,
  };
  const spacings = { besidesNs: Number.NaN, fills: at.spacing, soon: at.spacing };
  const pool: number[] = [];

  function born(work: Work): void {
    at.doneNs = 0;
    if (at.state === EMPTIES && isReady()) begin();
    if (at.state === WALKS) walk(at.walker as Walker, work);
    else if (at.state === FILLS) fill(at.path as Path<FilledPlace>, work);
    else if (at.state === EMPTIES) draw(work);
    book.born(work, at.doneNs);
  }

  /** The next path, if there is one: when the system is empty, it begins. */
  function take(path: Path<FilledPlace> | undefined): void {
    at.paths++;
    at.path = path;
    at.from = path?.from ?? section.end;
    at.isSame = path !== undefined && (path.isSame === true || path.from === undefined);
  }

  function isReady(): boolean {
    if (besides.ns < 0) throw new NotPlain("requests end before their work is done");
    if (!at.path || besides.probes < PROBES || !watched.isEmpty() || !book.isSettled()) return false;
    return at.isSame || pool.length >= (at.from?.leftNs.length ?? 0) * MOST_TRIES;
  }

  function begin(): void {
    if (!at.from) {
      at.untold = section.births === undefined ? 0 : WARM_UP_SECTIONS * section.births;
      begins();
      return;
    }
    at.state = FILLS;
    at.filled = 0;
    at.spacing = gaps().fills;
    random.gap = at.spacing.uniform;
  }

  function begins(): void {
    at.state = WALKS;
    at.births = 0;
    random.gap = undefined;
    told.begins();
  }

  // What waits is born anew, with work of its own, and those with workers get other work than they had, of
  // the same law: nobody has seen more of it than how much is done. Paths that shared it would differ too
  // little from each other.
  function fill({ from, branch, isSame = false }: Path<FilledPlace>, work: Work): void {
    const { level, leftNs, doneNs, works } = at.from as FilledPlace;
    const index = at.filled++;
    if (index < leftNs.length) {
      const left = leftNs[index] as number;
      const earlyNs = (level - index) * at.spacing.ns;
      work.serviceNs = earlyNs + (at.isSame ? left : leftAnew(doneNs[index] as number, left));
      work.cpuNs = 0;
      at.doneNs = (doneNs[index] as number) - earlyNs;
    } else if (at.isSame) Object.assign(work, works?.[index - leftNs.length]);
    if (index < level) return;
    if (watched.level() !== level || watched.unfinished() !== level) {
      fillAgain();
      return;
    }
    at.refills = 0;
    if (from && isSame) random.switchTo(branch);
    begins();
    at.births++;
  }

  // Whoever has so little left that he is on his way out already would not have been there.
  function fillAgain(): void {
    if (at.isSame || ++at.refills > MOST_REFILLS) {
      throw new NotPlain("requests that come together are elsewhere too");
    }
    empty();
  }

  function empty(): void {
    at.state = EMPTIES;
    random.gap = LONG_GAP;
  }

  /**
   * Of work that was drawn and not seen, the first that would not be done by now: by rejection. Whether one
   * is found may depend on what is done, but not on what the request would have had left.
   */
  function leftAnew(doneNs: number, leftNs: number): number {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const left = (pool.pop() as number) - doneNs;
      if (left + besides.ns > 0) return left;
    }
    return leftNs;
  }

  /** A request that is not needed brings its work, and takes none. Where nobody is left, more come soon. */
  function draw(work: Work): void {
    pool.push(work.serviceNs + work.cpuNs);
    work.serviceNs = 0;
    work.cpuNs = 0;
    if (watched.isEmpty()) random.gap = gaps().soon.uniform;
  }

  /** Of births that fill, and of those that are not needed; they change only as long as `besides` does. */
  function gaps() {
    if (spacings.besidesNs === besides.ns) return spacings;
    const [fills, soon] = [gapFor(besides.ns + 1), gapFor(3 * (besides.ns + 1))];
    return Object.assign(spacings, { besidesNs: besides.ns, fills, soon });
  }

  function gapFor(wantedNs: number) {
    return spacingFor(Math.min(wantedNs, MOST_MEAN_GAPS * job.meanGapNs), job.meanGapNs);
  }

  function walk(walker: Walker, work: Work): void {
    if (at.untold > 0) {
      at.untold--;
      told.begins();
      return;
    }
    told.account(walker);
    const isSection = section.births !== undefined && !at.path?.from;
    if (at.births > 0 && !isSection && watched.isEmpty()) {
      over(walker);
      // Cycles follow each other.
      if (!at.path || at.from) return;
      begin();
    }
    at.births++;
    if (!told.arrived(walker, work)) over(walker);
    else if (isSection && at.births >= (section.births as number) && book.isSettled()) {
      section.end = book.save(work, true);
      next(walker);
    }
  }

  function over(walker: Walker): void {
    if (pool.length < MOST_POOLED) book.waiting(pool);
    next(walker);
  }

  function next(walker: Walker): void {
    empty();
    take(walker.next() as Path<FilledPlace> | undefined);
  }

  /** Half of the clock is left for what is under way. */
  const isLate = () => at.state === EMPTIES && watched.world.sim.now > LONGEST_NS / 2;

  function run(): void {
    watched.world.sim.run(undefined, SLICE_EVENTS);
  }

  const watched = watchedWorld(job, random, { born, ended: book.ended });
  return {
    watched,
    walk(walker) {
      at.walker = walker;
      at.paths = 0;
      if (memory.pending) {
        empty();
        take(memory.pending);
        memory.pending = undefined;
      } else if (!at.path) next(walker);
      while (at.path && at.paths < PATHS_OF_A_WALK && !isLate()) run();
      if (at.path && !isLate()) return true;
      memory.pending = at.path;
      at.path = undefined;
      while (!book.isComplete) run();
      return memory.pending !== undefined;
    },
  };
}
