// What walkers and worlds say to each other.

import type { Work } from "./watched-world.js";

/** A place on a path where it can be taken up again: the birth of a request that finds so many before it. */
export interface Place {
  readonly level: number;
}

/** A path to be walked, from a place or from the beginning, with the random numbers of its own branch. */
export interface Path<Of extends Place = Place> {
  from: Of | undefined;
  branch: number;
  /** Whoever waits takes what it would have taken: the place was saved with works. */
  isSame?: boolean;
}

/** The birth that a walker is told of. */
export interface Here {
  /** The place can be saved: nothing is between births and queue, or queue and ends. */
  isSettled(): boolean;
  /** The place, to take the path up again; `withWorks` if also with the same work for those who wait. */
  save(withWorks?: boolean): Place;
  /** What the request will take. */
  readonly work: Work;
  /** Simulated time in nanoseconds. */
  nowNs(): number;
  /** From here on the path itself has the random numbers of this branch. */
  goOn(branch: number): void;
}

/** Decides which paths are walked, and looks at them while they are. */
export interface Walker {
  /** The next path; undefined when there are no more. It is walked at once. */
  next(): Path | undefined;
  /**
   * A request is born that finds so many before it; false abandons the path. The request at which a saved
   * path is taken up is not told again.
   */
  arrived(level: number, here: Here): boolean;
  /** So many requests more have been refused: told before the next arrival, and before the path is over. */
  refused(count: number): void;
}

/** Walks all paths of a walker. */
export interface Way {
  walk(walker: Walker): Promise<void>;
}

/** Called now and then while paths are walked. */
export type Pause = () => void | Promise<void>;

/** The state of the system cannot be told from its requests: it has to be repeated from the beginning. */
export class NotPlain extends Error {
  override readonly name = "NotPlain";
}
