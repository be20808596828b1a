// Who computes for which value of the knob: each scenario has its own crew, and only the last few keep
// theirs.

import type { Scenario } from "../scenario/load.js";
import type { CapacityOptions, Crew } from "./capacity.js";
import type { Job } from "./replicate.js";
import { inline, type Replicator } from "./replicator.js";

/** The two values beside the answer, and the one that is tried next. */
const MOST = 3;

export interface Crews {
  of(scenario: Scenario): Replicator;
  close(): Promise<void>;
}

/** A crew that was sent home is called again where its value is asked once more. */
export function crews({ crew, components, table }: CapacityOptions): Crews {
  const working = new Map<Scenario, Crew>();
  const leaving: Promise<void>[] = [];

  function called(scenario: Scenario): Crew {
    const { settings } = scenario;
    const job: Job = { settings, components, seed: settings.run.seed, table: table(scenario) };
    return crew?.(scenario, job) ?? { replicator: inline(job), close: async () => {} };
  }

  return {
    of(scenario) {
      const found = working.get(scenario) ?? called(scenario);
      // The last in the map is the one that was asked for last.
      working.delete(scenario);
      working.set(scenario, found);
      for (const [idle, other] of working) {
        if (working.size <= MOST) break;
        working.delete(idle);
        leaving.push(other.close());
      }
      return found.replicator;
    },
    async close() {
      await Promise.all([...leaving, ...[...working.values()].map((other) => other.close())]);
    },
  };
}
