// The processors that a part of the deployment computes on.
//
// Modelled: those of the machine that it lives on, which it shares with all that lives there, in whatever
// network namespace; how they are shared is in cpu/sharing.ts. Not modelled: virtual machines, which share
// the cores of a host.

import type { Processors } from "./cpu/sharing.js";
import type { Kernel } from "./linux/kernel.js";

export type { Processors } from "./cpu/sharing.js";

/** The processors for what lives in a network namespace. */
export function processorsOf({ machine }: Kernel): Processors {
  return machine.processors();
}
