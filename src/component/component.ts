// A component is a declared kind of thing in a scenario: clients, nginx, gunicorn. One file in models/
// declares it.

import type * as z from "zod";
import type { World } from "./world.js";

/** A declared kind of thing. `Face` is what other components may do with a built one. */
export interface Component<Settings = unknown, Face = unknown> {
  /** Its key in the scenario file. */
  section: string;
  /** How often it may stand there: exactly once with defaults, at most once, or a list of named ones. */
  occurs: "once" | "optional" | "many";
  /** Of many: there is one with defaults when the scenario has none. */
  isImplied?: boolean;
  help: string;
  settings: z.ZodType<Settings>;
  build(world: World, settings: Settings): Face;
}

/** Declares a component; only here so that its types are inferred. */
export function component<Settings, Face>(declared: Component<Settings, Face>): Component<Settings, Face> {
  return declared;
}
