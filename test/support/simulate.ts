// A scenario's text in, what became of every request out: the ground on which the model tests stand.

import type { Actions } from "../../models/gunicorn/actions.js";
import { gunicorn } from "../../models/gunicorn/gunicorn.js";
import { components as all } from "../../models/index.js";
import { type Component, component } from "../../src/component/component.js";
import type { EndedRequest } from "../../src/component/recorder.js";
import { section } from "../../src/component/settings.js";
import { SECOND } from "../../src/engine/time.js";
import type { Result } from "../../src/run/result.js";
import { run } from "../../src/run/run.js";
import { loadScenario } from "../../src/scenario/load.js";
import { parseTable } from "../../src/scenario/table.js";

export interface Simulated {
  result: Result;
  /** Of the first replication, in the order of sending. */
  requests: EndedRequest[];
  /** One line a request: `0.000 -> 1.000 200`, times in seconds, with the cause of a failure. */
  trace: string;
}

/** What is done to the first gunicorn, by seconds. */
export type Script = Record<number, (actions: Actions) => void>;

/**
 * Runs the scenario; `files` are those that it names, `given` what it may consist of, or what is done to the
 * first gunicorn.
 */
export async function simulate(
  text: string,
  files: Record<string, string> = {},
  given: readonly Component[] | Script = {},
): Promise<Simulated> {
  const registry = Array.isArray(given) ? given : withScript(given as Script);
  const scenario = loadScenario("test.yaml", { read: () => text, components: registry });
  const requests: EndedRequest[] = [];
  const result = await run(scenario, {
    components: registry,
    table: (file) => parseTable(files[file] as string, file),
    ended: (replication, request) => {
      if (replication === 0) requests.push(request);
    },
  });
  requests.sort((one, other) => one.id - other.id);
  return { result, requests, trace: requests.map(line).join("\n") };
}

/** The registry with one more component, which follows the script. */
function withScript(script: Script): readonly Component[] {
  const times = Object.keys(script).map(Number);
  if (times.length === 0) return all;
  const following = component({
    section: "script",
    occurs: "once",
    help: "what happens",
    settings: section({}),
    build(world) {
      const happened = world.sim.event("script", (index) => {
        script[times[index] as number]?.(world.get(gunicorn).actions);
      });
      world.onStart(() => {
        times.forEach((seconds, index) => {
          happened.at(Math.round(seconds * SECOND), index);
        });
      });
    },
  });
  return [...all, following as Component];
}

function line({ sentNs, latencyNs, outcome, cause }: EndedRequest): string {
  const seconds = (ns: number) => (ns / 1e9).toFixed(3);
  return `${seconds(sentNs)} -> ${seconds(sentNs + latencyNs)} ${outcome}${cause ? ` ${cause}` : ""}`;
}

/** Sections without the time that nginx and gunicorn themselves take, so that the arithmetic is plain. */
export const PLAIN = {
  nginx: "request_cpu: 0s, connect_overhead: 0s, response_overhead: 0s",
  gunicorn: "overhead: 0s, timeout: 0s",
};
