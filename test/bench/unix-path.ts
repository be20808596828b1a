import { readFileSync } from "node:fs";
import { components } from "../../models/index.js";
import { type Replication, replicate } from "../../src/run/replicate.js";
import { loadScenario } from "../../src/scenario/load.js";

export const scenarioFile = "scenarios/bench/unix-8-workers.yaml";

/** One replication of the benchmark's scenario, with fewer requests and what else `set` changes. */
export function unixPath(root: string, requests: number, set: string[] = []): Promise<Replication> {
  const { settings } = loadScenario(scenarioFile, {
    read: (path) => readFileSync(`${root}/${path}`, "utf8"),
    components,
    set: [`clients.arrivals.0.requests=${requests}`, ...set],
  });
  const table = () => {
    throw new Error("the scenario names no file");
  };
  return replicate({ settings, components, seed: "1", table }, 0);
}
