// The processors that a part of the deployment computes on.
//
// Modelled: one machine, on which everything runs that has processor time; how its cores are shared is in
// cpu/sharing.ts. Not modelled: several machines.

import type { World } from "../src/component/world.js";
import type { Processors } from "./cpu/sharing.js";
import { kernel } from "./linux/kernel.js";

export type { Jobs, Processors } from "./cpu/sharing.js";

/** The processors of the machine that a component is on. */
export function processorsOf(world: World): Processors {
  return world.get(kernel).processors();
}
