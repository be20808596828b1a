// Scenarios for splitting: clients that connect straight to gunicorn, without overheads.

import { components } from "../../models/index.js";
import { type RareOptions, rare } from "../../src/rare/rare.js";
import { loadScenario, type Scenario } from "../../src/scenario/load.js";

/** M/M/c/K with services of 50 ms: K = workers + backlog + 1. */
export function queueText({ rate, workers, places }: Record<"rate" | "workers" | "places", number>): string {
  return `
kernel: { sysctl: { net.core.somaxconn: 100000 } }
clients: { arrivals: { process: poisson, rate: ${rate}/s, requests: 10 } }
gunicorn:
  bind: unix:/run/gunicorn.sock
  workers: ${workers}
  backlog: ${places - workers - 1}
  overhead: 0s
  timeout: 0s
  wake_cpu: 0s
app: { sleep: { exponential: 50ms } }
`;
}

export function scenarioOf(text: string, seed = "1"): Scenario {
  return loadScenario("rare.yaml", { read: () => text, components, seed });
}

export function rareOf(text: string, options: Partial<RareOptions> & { seed?: string } = {}) {
  const { seed, ...rest } = options;
  return rare(scenarioOf(text, seed), { components, table: () => ({}), ...rest });
}
