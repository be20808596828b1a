// The world that the replications of a job have, one after the other.
//
// V8 takes what a model closes over for part of the code as long as it was built once: in a second world of
// the same program a request takes twice as long, and each new thread, or copy of the program
// (node/copies.ts), compiles all of it anew. So there is one, which is reset (World.reset).

import type { World } from "../component/world.js";
import type { Timer } from "../engine/timer.js";
import { assembleForMany } from "../scenario/assemble.js";
import { type Batching, batching } from "./batching.js";
import { withNames } from "./names.js";
import type { Job } from "./replicate.js";

/** A world, and what a run of it needs besides: made when it is first wanted, and used again with it. */
export interface Stage {
  readonly world: World;
  readonly drew: () => boolean;
  /** Cuts its run into batches, of which there are none so far. */
  batching(): Batching;
  /** What ends its warm-up. */
  warmUp(over: () => void): Timer;
  reset(replication: number): void;
}

export class Worlds {
  private readonly job: Job;
  private unused: Stage | undefined;

  constructor(job: Job) {
    this.job = job;
  }

  /** A world for this replication, in which nothing has been started. Whoever takes it gives it back. */
  take(replication: number): Stage {
    const stage = this.unused;
    if (!stage) return build(this.job, replication);
    this.unused = undefined;
    stage.reset(replication);
    return stage;
  }

  /** After a run: not if it has thrown. */
  give(stage: Stage): void {
    this.unused = stage;
  }
}

const here = { built: 0 };

/** How many worlds this thread has had for replications. */
export function worldsBuilt(): number {
  return here.built;
}

function build(job: Job, replication: number): Stage {
  here.built++;
  const settings = withNames(job.settings, job.components);
  const { seed, table } = job;
  const { world, drew, reset } = assembleForMany(settings, job.components, { seed, replication, table });
  let batches: Batching | undefined;
  let warmUp: Timer | undefined;
  let isOver = () => {};
  return {
    world,
    drew,
    batching() {
      if (batches) batches.clear();
      else batches = batching(world);
      return batches;
    },
    warmUp(over) {
      isOver = over;
      warmUp ??= world.sim.timer("warm-up over", 0, () => isOver(), { isBackground: true });
      return warmUp;
    },
    reset,
  };
}
