// Clients, the application, processors and events in a world that has had another replication before: all
// that they keep is put back where it was.

import { expect, test } from "vitest";
import { components } from "../../../models/index.js";
import { type Job, type Manner, replicate } from "../../../src/run/replicate.js";
import { Worlds } from "../../../src/run/worlds.js";
import { loadScenario } from "../../../src/scenario/load.js";

const PROFILE = 'process: profile, rates: { "00:00": 20/s, "12:00": 200/s, "18:00": 50/s }';
const BURST = "{ process: burst, requests: 3, for: 1s }";
const TRACE = "{ process: trace, file: t.csv }";
const POISSON = "{ process: poisson, rate: 90/s, requests: 300 }";
const MMPP = "{ process: mmpp, states: [{ rate: 90/s, for: 1s }, { rate: 9/s, for: 1s }], for: 2s }";
const SLOW = "app: { sleep: 20ms, cpu: { lognormal: { mean: 20ms, cv: 1 } } }";
const KEPT =
  "gunicorn: { bind: 127.0.0.1:80, workers: 2, worker_class: gthread, threads: 3, keepalive: 100ms }";

/** What the clients do, and the rest of the scenario. */
const CASES: Record<string, [clients: string, rest?: string]> = {
  constant: ["arrivals: { process: constant, rate: 100/s, requests: 300 }"],
  "Poisson in batches": ["arrivals: { process: poisson, rate: 100/s, for: 3s, batch: 3 }"],
  ramps: [
    "arrivals: [{ process: ramp, from: 0/s, to: 200/s, for: 2s }, { process: constant, rate: 9/s, for: 1s }]",
  ],
  "Poisson ramps": ["arrivals: { process: ramp, from: 90/s, to: 10/s, for: 3s, spacing: poisson }"],
  mmpp: [
    "arrivals: { process: mmpp, states: [{ rate: 150/s, for: 1s }, { rate: 0/s, for: 1s }], requests: 200 }",
  ],
  profile: [`arrivals: { ${PROFILE}, day: 4s, start: "19:00" }`],
  "profile of two days": [`arrivals: { ${PROFILE}, day: 2s, for: 4s, spacing: even }`],
  trace: [`arrivals: [${BURST}, ${TRACE}, ${TRACE}]`],
  phases: [`arrivals: [${POISSON}, ${BURST}, ${MMPP}, ${TRACE}]`],
  "a closed loop": ["closed: { concurrency: 9, think: { gamma: { mean: 50ms, cv: 1 } }, requests: 300 }"],
  "retries with a budget": [
    `arrivals: ${POISSON}, timeout: 60ms, retries: { on: [client-timeout], delay: { exponential: 10ms }, ` +
      "jitter: full, budget: { ratio: 0.2, min_retries_per_second: 1 } }",
    SLOW,
  ],
  "kept connections": [
    `arrivals: ${POISSON}, timeout: 60ms, keepalive: { connections: 4, requests: 9, idle: 100ms }`,
    `${SLOW}\n${KEPT}`,
  ],
  "kept connections of a closed loop": [
    "closed: { concurrency: 5, think: { exponential: 100ms }, for: 5s }, " +
      "keepalive: { connections: 3, idle: 300ms }",
    `${SLOW}\n${KEPT}`,
  ],
  "routes and addresses": [
    `arrivals: ${POISSON}, addresses: 5, uris: 3, routes: { /a: 1, /b: 2 }`,
    "app: { routes: [{ path: /a, sleep: { exponential: 9ms } }, { path: /b, cpu: 5ms }] }",
  ],
  "bodies and an application of its own": [
    `arrivals: ${POISSON}, method: POST, body: 9kB, upload: 90kB`,
    "gunicorn: { bind: unix:/run/g.sock, workers: 2, app: { sleep: { lognormal: { mean: 9ms, cv: 2 } } } }",
  ],
  "shared processors": [
    `arrivals: ${POISSON}, timeout: 300ms, cpu: 1ms`,
    `${SLOW}\nkernel: { cores: 2 }\ngunicorn: { bind: unix:/run/g.sock, workers: 5, timeout: 1s }`,
  ],
  "shared processors of threads": [
    "closed: { concurrency: 20, think: { exponential: 10ms }, requests: 300 }",
    `${SLOW}\nkernel: { cores: 2 }\n${KEPT}`,
  ],
  "events that change all": [
    `arrivals: [${POISSON}, ${BURST}, ${POISSON}]`,
    "app: { sleep: { exponential: 10ms } }\nkernel: { cores: 1 }\nevents:\n" +
      "  - { at: 1s, do: clients.rate, factor: 2 }\n  - { at: 1.5s, do: app.slow, factor: 3 }\n" +
      "  - { at: 2s, do: clients.rate, rate: 20/s }\n  - { at: 2.5s, do: gunicorn.reload }\n" +
      "  - { at: 99s, do: app.slow, factor: 2 }",
  ],
};

test.each(Object.entries(CASES))("%s", async (_, [clients, rest = ""]) => {
  const socket = rest.includes("gunicorn:") ? "" : "gunicorn: { bind: unix:/run/g.sock, workers: 2 }\n";
  const app = rest.includes("app:") ? "" : "app: { sleep: 20ms }\n";
  const text = `clients: { ${clients} }\n${socket}${app}${rest}\n`;
  const { settings } = loadScenario("test.yaml", { read: () => text, components });
  const column = (...seconds: number[]) => Float64Array.from(seconds);
  const table = () => ({
    sent_s: column(0.5, 0, 0.2),
    service_s: column(0.01, 0.5, 0),
    cpu_s: column(0, 0.1, 0.2),
  });
  const job: Job = { settings, components, seed: "1", table };
  // Left in the midst of it as far as the load is the same at all times; then whole.
  const manners: Manner[] = [{ most: 100 }, {}, { most: 50 }, {}];
  const worlds = new Worlds(job);
  for (const [index, manner] of manners.entries()) {
    const own = await replicate(job, index, {}, manner);
    expect(await replicate(job, index, {}, manner, worlds)).toEqual(own);
    expect(own.sent).toBeGreaterThan(6);
  }
});
