// For each rule of doctor a scenario in which it applies, and one near it in which it does not.

import { examine } from "../../../models/doctor/rules.js";
import { components } from "../../../models/index.js";
import { withKernelDefaults } from "../../../models/linux/kernel-defaults.js";
import { type Diagnosed, diagnose } from "../../../src/check/diagnosis.js";
import { loadScenario } from "../../../src/scenario/load.js";

/** A scenario by its sections, each a flow mapping or a list; those of BASE hold where none is given. */
export type Sections = Partial<
  Record<"kernel" | "clients" | "nginx" | "gunicorn" | "app" | "events" | "run", string>
>;

export const RATE = (rate: string) => `{ arrivals: { process: poisson, rate: ${rate}, for: 60s } }`;
export const BURST = (requests: number) => `{ arrivals: { process: burst, requests: ${requests} } }`;
export const UNIX = "bind: unix:/run/a.sock";
export const TCP = "bind: 127.0.0.1:8000";
export const UPSTREAM = "upstream: { servers: [unix:/run/a.sock] }";
const OVER_TCP = "upstream: { servers: [127.0.0.1:8000] }";
export const TWO = 'upstream: { servers: ["127.0.0.1:8000", "127.0.0.1:8001"] }';
export const TWO_UNIX = "upstream: { servers: [unix:/run/a.sock, unix:/run/b.sock] }";
export const TWO_ON_UNIX =
  "[{ name: a, bind: unix:/run/a.sock, workers: 4 }, { name: b, bind: unix:/run/b.sock, workers: 4 }]";
export const WITH_BACKUP =
  "upstream: { servers: [unix:/run/a.sock, { address: unix:/run/b.sock, backup: true }] }";
export const BIG_AND_SMALL =
  "[{ name: a, bind: unix:/run/a.sock, workers: 4 }, { name: b, bind: unix:/run/b.sock }]";
export const POST = "{ arrivals: { process: poisson, rate: 20/s, for: 60s }, method: POST }";
export const CONSTANT = (rate: string) => `{ arrivals: { process: constant, rate: ${rate}, for: 120s } }`;
export const OWN = "bind: 127.0.0.1:8000, version: 24.0.0, workers: 4, reuse_port: true";
export const PORTS: Sections = {
  kernel: "{ profile: linux-4.15 }",
  nginx: "{ upstream: { servers: [127.0.0.1:8000], closes_first: 1 } }",
  gunicorn: "{ bind: 127.0.0.1:8000, workers: 4, overhead: 0s }",
  app: "{ sleep: 1ms }",
};
export const TWO_GUNICORNS =
  "[{ name: a, bind: 127.0.0.1:8000, workers: 4 }, { name: b, bind: 127.0.0.1:8001, workers: 4 }]";

const BASE: Required<Sections> = {
  kernel: "{ profile: linux-6.1 }",
  clients: RATE("20/s"),
  nginx: `{ ${UPSTREAM}, worker_connections: 8192 }`,
  gunicorn: `{ ${UNIX}, workers: 4, backlog: 511 }`,
  app: "{ sleep: 50ms }",
  events: "",
  run: "{ replications: 1 }",
};

/** The text of a scenario; a section that is given as "" is left out. */
export function scenarioOf(sections: Sections): string {
  const all = { ...BASE, ...sections };
  return Object.entries(all)
    .filter(([, value]) => value !== "")
    .map(([section, value]) => `${section}: ${value}\n`)
    .join("");
}

export interface Case {
  applies: Sections;
  near: Sections;
}

export const gunicorn = (rest: string) => `{ ${UNIX}, workers: 4, ${rest} }`;
export const nginx = (rest: string) => `{ ${UPSTREAM}, worker_connections: 8192, ${rest} }`;
export const KEEPING = (rest: string) =>
  `{ upstream: { servers: [unix:/run/a.sock], keepalive: 32 }, worker_connections: 8192, ${rest} }`;
export const tcp = (rest: string) => `{ ${OVER_TCP}, worker_connections: 8192, ${rest} }`;

/** What doctor finds in a scenario's text. */
export function findingsIn(text: string): Diagnosed[] {
  const scenario = loadScenario("app.yaml", { read: () => text, components });
  const table = () => ({});
  return diagnose(scenario, { components, table, examine, effective: withKernelDefaults }).findings;
}
