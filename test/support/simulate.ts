// A scenario's text in, what became of every request out: the ground on which the model tests stand.

import { components } from "../../models/index.js";
import type { EndedRequest } from "../../src/component/recorder.js";
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

/** Runs the scenario; `files` are those that it names. */
export async function simulate(text: string, files: Record<string, string> = {}): Promise<Simulated> {
  const scenario = loadScenario("test.yaml", { read: () => text, components });
  const requests: EndedRequest[] = [];
  const result = await run(scenario, {
    components,
    table: (file) => parseTable(files[file] as string, file),
    ended: (replication, request) => {
      if (replication === 0) requests.push(request);
    },
  });
  requests.sort((one, other) => one.id - other.id);
  return { result, requests, trace: requests.map(line).join("\n") };
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
