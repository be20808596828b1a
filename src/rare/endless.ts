// What splitting can be asked for: the scenario with clients that never end, or an error that says why not.

import type { Component } from "../component/component.js";
import type { Table } from "../component/world.js";
import { SECOND } from "../engine/time.js";
import { withNames } from "../run/names.js";
import type { Scenario } from "../scenario/load.js";
import type { EndlessJob } from "./watched-world.js";

/** A phase of arrivals, as far as it matters here. */
interface Phase {
  process: string;
  /** A second. */
  rate: number;
  batch?: number;
}

/** A population, as far as it matters here. */
interface Population {
  arrivals?: Phase[];
  closed?: object;
  keepalive?: object;
  retries?: { attempts?: number };
}

/** nginx, as far as it matters here. */
interface Proxy {
  limit_req?: { length?: number };
  upstream?: { servers?: { resolves?: unknown[] }[]; keepalive?: number };
}

export interface Endless {
  job: Omit<EndlessJob, "queue">;
  /** One population whose gaps remember nothing: a system may be filled with requests. */
  isFillable: boolean;
}

/**
 * The scenario's load, for ever: Poisson arrivals, of one population or of several, or constant ones of a
 * single one. Throws a ScenarioError, at the place of the setting, for a load that is not stationary and for
 * what remembers more than an empty system does.
 */
export function endless(
  scenario: Scenario,
  components: readonly Component[],
  table: (file: string) => Table,
): Endless {
  const { settings } = scenario;
  const populations = settings.clients as Population[];
  const phases = populations.map((population, index) => onlyPhase(scenario, population, index));
  const constant = phases.findIndex(({ process }) => process === "constant");
  if (constant >= 0 && phases.length > 1) {
    const text = "expected Poisson arrivals of every population for --rare: others are never all alike again";
    throw scenario.errorAt(["clients", constant, "arrivals", 0, "process"], text);
  }
  refuseMemory(scenario);
  const clients = populations.map((population, index) => ({
    ...population,
    arrivals: [{ ...phases[index], for: undefined, requests: Number.POSITIVE_INFINITY }],
  }));
  return {
    job: {
      settings: withNames({ ...settings, clients }, components),
      components,
      seed: `${settings.run.seed} rare`,
      table,
      meanGapNs: SECOND / (phases[0]?.rate ?? 1),
    },
    isFillable: phases.length === 1 && constant < 0 && (phases[0]?.batch ?? 1) === 1,
  };
}

function onlyPhase(scenario: Scenario, population: Population, index: number): Phase {
  const { arrivals, closed, keepalive, retries } = population;
  const wrong = (path: (string | number)[], text: string) =>
    scenario.errorAt(["clients", index, ...path], text);
  if (closed || !arrivals) throw wrong(["closed"], "expected arrivals for --rare, got a closed loop");
  if (keepalive) throw wrong(["keepalive"], "expected a connection for each request for --rare");
  if ((retries?.attempts ?? 1) > 1)
    throw wrong(["retries"], "expected none for --rare: who was refused is away, and comes again");
  const [phase, ...others] = arrivals;
  if (!phase || others.length > 0) {
    const text = `expected one phase for --rare, whose load goes on for ever, got ${arrivals.length}`;
    throw wrong(["arrivals"], text);
  }
  if (phase.process === "poisson" || phase.process === "constant") return phase;
  const expected = `expected "poisson" or "constant" for --rare, whose load goes on for ever`;
  const text = `${expected}, got "${phase.process}"`;
  throw wrong(["arrivals", 0, "process"], text);
}

/** What an empty system still remembers. */
function refuseMemory(scenario: Scenario): void {
  const { settings } = scenario;
  const events = settings.events as object[];
  if (events.length > 0) {
    throw scenario.errorAt(["events"], "expected no events for --rare: its load and its system never change");
  }
  const { limit_req: limit, upstream } = (settings.nginx ?? {}) as Proxy;
  if (limit !== undefined && limit.length !== 0) {
    const text = "expected none for --rare: a leaky bucket outlasts quiet times";
    throw scenario.errorAt(["nginx", "limit_req"], text);
  }
  const peers = (upstream?.servers ?? []).flatMap((server) => server.resolves ?? server);
  if (peers.length > 1) {
    const text = "expected one server for --rare: whose turn it is, and who has failed, outlasts quiet times";
    throw scenario.errorAt(["nginx", "upstream", "servers"], text);
  }
  if (upstream?.keepalive) {
    const text = "expected 0 for --rare: kept connections outlast quiet times";
    throw scenario.errorAt(["nginx", "upstream", "keepalive"], text);
  }
  for (const [index, one] of (settings.gunicorn as { max_requests: number }[]).entries()) {
    if (one.max_requests === 0) continue;
    const text = "expected 0 for --rare: what workers have done outlasts quiet times";
    throw scenario.errorAt(["gunicorn", index, "max_requests"], text);
  }
}
