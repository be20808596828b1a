// Tells a walker of the births on its path.

import type { Here, Place, Walker } from "./path.js";
import type { SwitchableStreams } from "./switchable-streams.js";
import type { Watched, Work } from "./watched-world.js";

export interface Telling {
  /** What was refused before is none of the path's. */
  begins(): void;
  /** What has been refused since then. */
  account(walker: Walker): void;
  /** False if the path is abandoned. */
  arrived(walker: Walker, work: Work): boolean;
}

/** What it is told of by. */
export interface Book {
  isSettled(): boolean;
  save(work: Work, withWorks: boolean): Place;
}

export function telling(watched: () => Watched, random: SwitchableStreams, book: Book): Telling {
  const at = { refused: 0, work: { serviceNs: 0, cpuNs: 0 } as Work };
  const here: Here = {
    isSettled: book.isSettled,
    save: (withWorks = false) => book.save(at.work, withWorks),
    get work() {
      return at.work;
    },
    nowNs: () => watched().world.sim.now,
    goOn: (branch) => random.switchTo(branch),
  };
  return {
    begins() {
      at.refused = watched().refused();
    },
    account(walker) {
      const refused = watched().refused() - at.refused;
      at.refused += refused;
      if (refused > 0) walker.refused(refused);
    },
    arrived(walker, work) {
      at.work = work;
      return walker.arrived(watched().level(), here);
    },
  };
}
