// One setting with two values, a scenario in which it matters, and what must come of it.

import type { Result } from "../../../src/run/result.js";
import { withKeeper } from "../../support/keeper.js";
import { simulate } from "../../support/simulate.js";

export type Scenario = Record<string, unknown>;
export type Measure = (result: Result) => number | string;

export interface Effect {
  values: readonly [unknown, unknown];
  scenario: Scenario;
  measure: Measure;
  /** How the measure changes from the first value to the second. */
  direction: "rises" | "falls" | "differs";
  /** Where the value is put, if not at the setting's own path. */
  at?: string;
}

type Values = readonly [unknown, unknown];

export const rises = (measure: Measure, values: Values, scenario: Scenario, at?: string): Effect => ({
  values,
  scenario,
  measure,
  direction: "rises",
  ...(at !== undefined && { at }),
});
export const falls = (...given: Parameters<typeof rises>): Effect => ({
  ...rises(...given),
  direction: "falls",
});
export const differs = (...given: Parameters<typeof rises>): Effect => ({
  ...rises(...given),
  direction: "differs",
});

/** The measure under both values. */
export async function measured(path: string, effect: Effect): Promise<[number | string, number | string]> {
  const { values, scenario, measure, at = path } = effect;
  const measureOf = async (value: unknown) => {
    const { result } = await simulate(JSON.stringify(put(scenario, at.split("/"), value)), FILES, withKeeper);
    return measure(result);
  };
  return [await measureOf(values[0]), await measureOf(values[1])];
}

const FILES = { "two.csv": "sent_s\n0\n1\n", "three.csv": "sent_s\n0\n1\n2\n" };

/** A copy with the value at the path; of a list its first element is meant. */
function put(node: unknown, [key, ...rest]: string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(node)) return [put(node[0], [key, ...rest], value), ...node.slice(1)];
  const known = (node ?? {}) as Scenario;
  return { ...known, [key]: put(known[key], rest, value) };
}

export const count =
  (outcome: string): Measure =>
  ({ outcomes }) =>
    outcomes[outcome]?.count ?? 0;
export const errno =
  (name: string): Measure =>
  ({ errors }) =>
    errors[name]?.count ?? 0;
export const logged =
  (status: string): Measure =>
  ({ nginx }) =>
    nginx[status]?.count ?? 0;
export const counter =
  (name: string): Measure =>
  ({ netstat }) =>
    netstat[name]?.value ?? 0;
export const busyPeak =
  (name: string): Measure =>
  ({ series }) =>
    series.levels.find((level) => level.name === `busy workers of ${name}`)?.peak.value ?? 0;
export const heldPeak: Measure = ({ series }) =>
  series.levels.find((level) => level.name === "held by gunicorn workers")?.peak.value ?? 0;
export const served = count("200");
export const noPort = errno("EADDRNOTAVAIL");
export const latency: Measure = ({ latencies }) => latencies.all?.mean.value ?? 0;
export const longest: Measure = ({ latencies }) => latencies.all?.max.value ?? 0;
export const bytesIn: Measure = ({ requests }) => requests.bytes_in.value;
export const sent: Measure = ({ requests }) => requests.total.value;
export const work: Measure = ({ work: { busy_s } }) => busy_s.value;

export const A = "unix:/run/a.sock";
export const B = "unix:/run/b.sock";
export const NOBODY = "unix:/run/nobody.sock";
export const TCP = "127.0.0.1:8000";
const QUIET = { request_cpu: "0s", connect_overhead: "0s", response_overhead: "0s" };
const ONCE = { run: { replications: 1 } };

/** Clients of a burst, or of what is given. */
export const burst = (requests: number, more: Scenario = {}) => ({
  arrivals: { process: "burst", requests },
  ...more,
});
export const steady = (perSecond: number, requests: number) => ({
  arrivals: { process: "constant", rate: `${perSecond}/s`, requests },
});

/** nginx in front of one gunicorn with one worker at `address`; sections are merged into the defaults here. */
export function proxied(address: string, given: Record<string, Scenario> = {}): Scenario {
  const { kernel, nginx = {}, gunicorn, app, clients, run } = given;
  const { upstream, ...rest } = nginx as { upstream?: Scenario };
  return {
    ...ONCE,
    kernel: { profile: "linux-6.18", port_search_cost: "0s", ...kernel },
    nginx: { ...QUIET, proxy_read_timeout: "1h", upstream: { servers: [address], ...upstream }, ...rest },
    gunicorn: { bind: address, overhead: "0s", ...gunicorn },
    app: { sleep: "1s", ...app },
    clients: clients ?? burst(10),
    ...(run && { run }),
  };
}

/** nginx in front of gunicorns a and b, with one server for each element. */
export function grouped(servers: unknown[], given: Record<string, Scenario> = {}): Scenario {
  const { gunicorn: more, nginx = {}, ...rest } = given;
  const gunicorn = [
    { name: "a", bind: A, overhead: "0s", workers: 9, ...more },
    { name: "b", bind: B, overhead: "0s", workers: 9, ...more },
  ];
  const { upstream, ...directives } = nginx as { upstream?: Scenario };
  return {
    ...proxied(A, { ...rest, nginx: { ...directives, upstream: { ...upstream, servers } } }),
    gunicorn,
  };
}

/** Clients straight to a gunicorn over TCP. */
export function direct(given: Record<string, Scenario> = {}): Scenario {
  const { nginx: _, ...rest } = proxied(TCP, given);
  return rest;
}
