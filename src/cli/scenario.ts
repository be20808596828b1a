// The scenario that a command is about: what may be changed in it on the command line, and how it is loaded.

import { channel } from "node:diagnostics_channel";
import { components } from "../../models/index.js";
import { thresholdsOf } from "../check/thresholds.js";
import { readText } from "../node/files.js";
import { scenarioFile } from "../node/shipped.js";
import { loadScenario, type Overrides, type Scenario } from "../scenario/load.js";

/** Told once a scenario is loaded, before any world is built: see start.ts. */
const loaded = channel("recvq.loaded");

/** What was given; an option that was not is undefined. */
export interface Given {
  set?: string[];
  rate?: string | undefined;
  seed?: string | undefined;
  replications?: string | undefined;
}

/**
 * The scenario of this file, or the one of this name that comes with recvq. Throws a ScenarioError or a
 * FileError; also for what it expects, whatever the command: who misspells a threshold wants to know at once.
 */
export function scenarioOf(name: string, given: Given, read: (file: string) => string = readText): Scenario {
  const scenario = loadScenario(scenarioFile(name), { read, components, ...overridesOf(given) });
  thresholdsOf(scenario);
  loaded.publish(undefined);
  return scenario;
}

/** Only those that were given. */
export function overridesOf({ set = [], rate, seed, replications }: Given): Overrides {
  return {
    set,
    ...(rate !== undefined && { rate }),
    ...(seed !== undefined && { seed }),
    ...(replications !== undefined && { replications }),
  };
}
