// A validated scenario and its components to a world that is ready to start.

import type { Component } from "../component/component.js";
import { type Table, type World, world } from "../component/world.js";
import { type Streams, streams } from "../engine/random.js";

/**
 * Builds every component of the scenario, in the order of the registry. `replication` counts from 0.
 * Its streams are those of seed and replication, unless others are given.
 */
export function assemble(
  settings: Record<string, unknown>,
  components: readonly Component[],
  run: { seed: string; replication: number; table: (file: string) => Table; random?: Streams },
): { world: World; drew: () => boolean } {
  const random = run.random ?? streams(run.seed, run.replication);
  const built = world(random, run.table);
  for (const component of components) {
    const declared = settings[component.section];
    if (declared === undefined) continue;
    for (const one of component.occurs === "many" ? (declared as unknown[]) : [declared]) {
      built.build(component, one);
    }
  }
  return { world: built, drew: () => random.used > 0 };
}
