// Nothing is lost: on random scenarios every request has one outcome, and when all is over every connection,
// port, place and slot is free again.

import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Actions } from "../../models/gunicorn/actions.js";
import { components } from "../../models/index.js";
import type { PortTable } from "../../models/linux/port-table.js";
import type { UpstreamGroup } from "../../models/nginx/group.js";
import type { ProxyWorker } from "../../models/nginx/proxy.js";
import { usableConnections } from "../../models/nginx/slots.js";
import type { World } from "../../src/component/world.js";
import { MILLISECOND, MINUTE, SECOND } from "../../src/engine/time.js";
import type { Timer } from "../../src/engine/timer.js";
import { assemble } from "../../src/scenario/assemble.js";
import { loadScenario } from "../../src/scenario/load.js";
import { type Accident, accidents } from "../support/accidents.js";
import { ADDRESSES, scenario } from "../support/random-scenario.js";

/**
 * What nginx's workers were given, its zones of limit_conn, SYN queues, ports, gunicorn's masters: they cannot be
 * seen from outside.
 */
const { workers, zones, synQueues, destinations, masters } = vi.hoisted(() => ({
  masters: [] as Actions[],
  destinations: [] as { ports: PortTable; row: number }[],
  workers: [] as { slots: { free: number }; group: UpstreamGroup }[],
  synQueues: [] as { requests: number; young: number }[],
  zones: [] as { processed: Float64Array }[],
}));

vi.mock(import("../../models/nginx/proxy.js"), async (original) => {
  const real = await original();
  return {
    ...real,
    proxy(world: World, worker: ProxyWorker, settings: Parameters<typeof real.proxy>[2]) {
      workers.push(worker);
      return real.proxy(world, worker, settings);
    },
  };
});

vi.mock(import("../../models/nginx/limit-conn.js"), async (original) => {
  const real = await original();
  return {
    ...real,
    limitConnZones(...declared: Parameters<typeof real.limitConnZones>) {
      const made = real.limitConnZones(...declared);
      zones.push(...made);
      return made;
    },
  };
});

vi.mock(import("../../models/linux/tcp-listener.js"), async (original) => {
  const real = await original();
  return {
    ...real,
    tcpListener(...given: Parameters<typeof real.tcpListener>) {
      const made = real.tcpListener(...given);
      synQueues.push(made.counts);
      return made;
    },
  };
});

vi.mock(import("../../models/linux/ports.js"), async (original) => {
  const real = await original();
  return {
    ...real,
    portTable(...given: Parameters<typeof real.portTable>) {
      const ports = real.portTable(...given);
      const { destination } = ports;
      ports.destination = (declared) => {
        destinations.push({ ports, row: destination(declared) });
        return (destinations.at(-1) as { row: number }).row;
      };
      return ports;
    },
  };
});

vi.mock(import("../../models/gunicorn/arbiter.js"), async (original) => {
  const real = await original();
  return {
    ...real,
    arbiter(...given: Parameters<typeof real.arbiter>) {
      const made = real.arbiter(...given);
      masters.push(made.actions);
      return made;
    },
  };
});

type Given = Record<string, unknown>;

interface Ran {
  world: World;
  settings: Record<string, Given>;
}

function run(scenario: Given, seed: number, accidents: readonly Accident[] = []): Ran {
  masters.length = 0;
  workers.length = 0;
  zones.length = 0;
  synQueues.length = 0;
  destinations.length = 0;
  const text = JSON.stringify({ ...scenario, run: { seed, replications: 1 } });
  const { settings } = loadScenario("random.yaml", { read: () => text, components });
  const table = () => {
    throw new Error("no files here");
  };
  const { world } = assemble(settings, components, { seed: String(seed), replication: 0, table });
  const happened = world.sim.event("accident", (index) => {
    const { master, worker, what } = accidents[index] as Accident;
    what(masters[master] as Actions, worker);
  });
  accidents.forEach(({ atMs }, index) => {
    happened.at(atMs * MILLISECOND, index);
  });
  world.start();
  while (!world.sim.run(undefined, 1)) if (isOver(world)) expect(runningTimers(world, false)).toEqual([]);
  return { world, settings: settings as Record<string, Given> };
}

/** Nothing is under way any more, so that every timer which still runs has outlived what it was for. */
function isOver({ recorder, connections }: World): boolean {
  if (synQueues.some(({ requests }) => requests > 0)) return false;
  return recorder.count === recorder.expected && connections.open === 0;
}

const OF_PROCESSES = /^gunicorn (lingering close|graceful timeout|worker may yet come up)$/;

/** Timers that run; among them those for whose sake no run goes on, if asked for. */
const runningTimers = ({ sim }: World, background: boolean) =>
  (sim as unknown as { timers: Timer[] }).timers
    .filter((timer) => timer.isRunning && (background || !timer.isBackground))
    // These belong to processes, not to connections: they may wait for nobody.
    .filter(({ name }) => background || !OF_PROCESSES.test(name))
    .map(({ name }) => name);

/** Levels that are not 0 now, by name. */
const levels = ({ gauges }: World) =>
  Object.fromEntries(gauges.filter(({ value }) => value !== 0).map(({ name, value }) => [name, value]));

const isClosing = (name: string) => /^(ports towards|TIME_WAIT|FIN_WAIT2)/.test(name);

function expectNothingLost({ world, settings }: Ran): void {
  const { requests, connections, recorder } = world;
  // No run goes on for kept connections, which nginx closes after 3 s at most, or notices to have ended.
  world.sim.run(world.sim.now + 4 * SECOND);
  const ended = recorder.outcomes.reduce((sum, { latencies }) => sum + latencies.count, 0);
  expect(ended).toBe(requests.sent);
  expect(recorder.count).toBe(requests.sent);
  expect({ open: connections.open, live: requests.live }).toEqual({ open: 0, live: 0 });
  // Places and workers are free; what is left of connections are ports and entries that wait.
  const left = levels(world);
  expect(Object.keys(left).filter((name) => !isClosing(name))).toEqual([]);
  const sum = (start: string) =>
    Object.entries(left).reduce((total, [name, level]) => total + (name.startsWith(start) ? level : 0), 0);
  expect(sum("ports towards")).toBeLessThanOrEqual(sum("TIME_WAIT") + sum("FIN_WAIT2"));
  const usable = usableConnections((settings.nginx as { worker_connections: number }).worker_connections);
  for (const { slots, group } of workers) {
    expect(slots.free).toBe(usable);
    expect(group.triedRows()).toBe(0);
    for (let peer = 0; peer < group.peers; peer++) expect(group.conns(peer)).toBe(0);
  }
  for (const { processed } of zones) expect(Math.max(...processed.map(Math.abs))).toBe(0);
  for (const counts of synQueues) expect(counts).toMatchObject({ requests: 0, young: 0 });
  world.sim.run(world.sim.now + 5 * MINUTE);
  expect(levels(world)).toEqual({});
  expect(world.sim.isPending).toBe(false);
  for (const one of destinations) expectAllPorts(one);
  expect(runningTimers(world, true)).toEqual([]);
}

/** Every port can be had again; of an odd number a walk leaves one out. */
function expectAllPorts({ ports, row }: { ports: PortTable; row: number }): void {
  const most = ports.used(row).limit as number;
  let had = 0;
  while (ports.allocate(row) >= 0) had++;
  expect(had).toBeGreaterThanOrEqual(most - (most % 2));
  expect(had).toBeLessThanOrEqual(most);
}

describe("on random scenarios", () => {
  test("every request has one outcome, and nothing is held at the end", () => {
    const property = fc.property(scenario, fc.nat(1000), (given, seed) => {
      expectNothingLost(run(given, seed));
    });
    fc.assert(property, { seed: 3, numRuns: 200 });
  });

  test("nor when workers crash, hang and are replaced, and gunicorn is stopped and started", () => {
    const property = fc.property(
      scenario,
      fc.nat(1000),
      accidents(ADDRESSES.length),
      (given, seed, happen) => {
        expectNothingLost(run(given, seed, happen));
      },
    );
    fc.assert(property, { seed: 7, numRuns: 300 });
  });

  test("the same seed gives the same fingerprint", () => {
    const property = fc.property(
      scenario,
      fc.nat(1000),
      accidents(ADDRESSES.length),
      (given, seed, happen) => {
        const hash = () => run(given, seed, happen).world.recorder.hash;
        expect(hash()).toBe(hash());
      },
    );
    fc.assert(property, { seed: 5, numRuns: 20 });
  });
});
