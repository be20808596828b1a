// A validated scenario and its components to a world that is ready to start.

import type { Component } from "../component/component.js";
import { type Table, type World, world } from "../component/world.js";
import { type Streams, streams } from "../engine/random.js";

export interface Assembled {
  world: World;
  /** Anything was drawn at random. */
  drew: () => boolean;
}

/**
 * Builds every component of the scenario, in the order of the registry. `replication` counts from 0.
 * Its streams are those of seed and replication, unless others are given.
 */
export function assemble(
  settings: Record<string, unknown>,
  components: readonly Component[],
  run: { seed: string; replication: number; table: (file: string) => Table; random?: Streams },
): Assembled {
  const random = run.random ?? streams(run.seed, run.replication);
  return { world: built(settings, components, random, run.table), drew: () => random.used > 0 };
}

/** The same for several replications, one after the other: `reset` makes it ready for one more. */
export function assembleForMany(
  settings: Record<string, unknown>,
  components: readonly Component[],
  run: { seed: string; replication: number; table: (file: string) => Table },
): Assembled & { reset(replication: number): void } {
  const random = streams(run.seed, run.replication);
  const { world, drew } = assemble(settings, components, { ...run, random });
  random.keep();
  // What is pending now would be so in the first replication only.
  if (world.sim.sequence > 0)
    throw new Error(`expected nothing to be scheduled before the start (onStart), got ${world.sim.sequence}`);
  return {
    world,
    drew,
    reset(replication) {
      random.reset(replication);
      world.reset();
    },
  };
}

function built(
  settings: Record<string, unknown>,
  components: readonly Component[],
  random: Streams,
  table: (file: string) => Table,
): World {
  const empty = world(random, table);
  for (const component of components) {
    const declared = settings[component.section];
    if (declared === undefined) continue;
    for (const one of component.occurs === "many" ? (declared as unknown[]) : [declared]) {
      empty.build(component, one);
    }
  }
  return empty;
}
