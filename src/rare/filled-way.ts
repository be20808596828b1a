// Takes a path up by filling an empty system with the requests that were under way: those with workers get
// what they still lacked. The cost is that of the requests that wait, not of the whole path before.
//
// That is right where the state of the system consists of them: gaps of a Poisson process, which remember
// nothing, one population, workers that are alike and take requests in their order. Whether it is so is
// tested by comparing (restore-check.ts); what is seen to be otherwise on the way throws NotPlain.

import { LONGEST_NS } from "../engine/time.js";
import type { Pause, Way } from "./path.js";
import { type Ground, type Memory, refilled } from "./refilled.js";
import type { EndlessJob } from "./watched-world.js";

/** All paths are walked on this ground; before its clock ends, they go on in another world. */
export function filledWay(job: EndlessJob, first: Ground, memory: Memory, pause: Pause): Way {
  // The branches of worlds are negative, those of paths are not.
  const grounds = { now: first, built: 1 };
  return {
    async walk(walker) {
      for (let isMore = true; isMore; ) {
        isMore = grounds.now.walk(walker);
        if (grounds.now.watched.world.sim.now > LONGEST_NS / 2) {
          grounds.now = refilled(job, -++grounds.built, memory);
        }
        await pause();
      }
    },
  };
}
