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
import { MILLISECOND, MINUTE } from "../../src/engine/time.js";
import type { Timer } from "../../src/engine/timer.js";
import { assemble } from "../../src/scenario/assemble.js";
import { loadScenario } from "../../src/scenario/load.js";
import { type Accident, accidents } from "../support/accidents.js";
import { few, maybe, milliseconds, onOff, sparse } from "../support/arbitraries.js";

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

/** Timers that run; among them those for whose sake no run goes on, if asked for. */
const runningTimers = ({ sim }: World, background: boolean) =>
  (sim as unknown as { timers: Timer[] }).timers
    .filter((timer) => timer.isRunning && (background || !timer.isBackground))
    .map(({ name }) => name);

const ADDRESSES = ["unix:/run/a.sock", "unix:/run/b.sock", "127.0.0.1:8000", "127.0.0.2:8001"];
const NOBODY = ["unix:/run/nobody.sock", "127.0.0.1:9"];

const kernel = sparse({
  profile: fc.constantFrom("linux-3.13", "linux-4.4", "linux-4.15", "linux-5.15", "linux-6.1", "linux-6.18"),
  hz: fc.constantFrom(100, 250, 300, 1000),
  timer_slack: fc.boolean(),
  cores: fc.integer({ min: 1, max: 3 }),
  sysctl: sparse({
    "net.core.somaxconn": few(8),
    "net.ipv4.tcp_syncookies": few(2),
    "net.ipv4.tcp_max_syn_backlog": few(8),
    "net.ipv4.tcp_abort_on_overflow": few(1),
    "net.ipv4.tcp_syn_retries": fc.integer({ min: 1, max: 3 }),
    "net.ipv4.tcp_synack_retries": few(3),
    "net.ipv4.tcp_orphan_retries": few(4),
    "net.ipv4.ip_local_port_range": few(20).map((more) => `40000 ${40_000 + more}`),
    "net.ipv4.tcp_tw_reuse": few(1),
    "net.ipv4.tcp_fin_timeout": fc.constantFrom(0, 2, 30, 60, 90),
    "net.ipv4.tcp_max_tw_buckets": few(30),
    "net.ipv4.tcp_timestamps": few(1),
  }),
});

const server = sparse(
  {
    address: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...ADDRESSES) }, fc.constantFrom(...NOBODY)),
    weight: fc.integer({ min: 1, max: 4 }),
    max_fails: few(3),
    fail_timeout: few(3).map((seconds) => `${seconds}s`),
    max_conns: few(5),
    down: fc.boolean(),
  },
  ["address"],
);

const nginx = sparse(
  {
    worker_processes: fc.integer({ min: 1, max: 3 }),
    worker_connections: fc.integer({ min: 3, max: 60 }),
    upstream: sparse(
      {
        servers: fc.array(server, { minLength: 1, maxLength: 3 }),
        balance: fc.constantFrom("round_robin", "least_conn", "random", "random two"),
        zone: fc.boolean(),
        closes_first: fc.constantFrom(0, 0.4, 1),
      },
      ["servers"],
    ),
    proxy_next_upstream: fc.constantFrom(["error"], ["timeout"], ["error", "timeout"], ["off"]),
    proxy_next_upstream_tries: few(3),
    proxy_next_upstream_timeout: milliseconds(0, 2000),
    proxy_connect_timeout: milliseconds(1, 5000),
    proxy_read_timeout: milliseconds(1, 3000),
    proxy_ignore_client_abort: onOff,
    limit_req_zone: fc.constant([{ name: "r", key: "server", rate: "40r/s" }]),
    limit_conn_zone: fc.constant([{ name: "c", key: "client" }]),
    limits: sparse({ burst: few(20), nodelay: fc.boolean(), connections: few(20).map((count) => count + 1) }),
  },
  ["upstream", "limit_req_zone", "limit_conn_zone"],
).map(({ limits, ...rest }) => {
  const { burst, nodelay = false, connections } = (limits ?? {}) as Given;
  return {
    ...rest,
    ...(burst !== undefined && { limit_req: [{ zone: "r", burst, nodelay }] }),
    ...(connections !== undefined && { limit_conn: [{ zone: "c", connections }] }),
  };
});

const gunicorns = fc.tuple(
  ...ADDRESSES.map((bind) =>
    sparse(
      {
        name: fc.constant(`at ${bind}`),
        bind: fc.constant(bind),
        version: fc.constantFrom("20.1.0", "24.0.0", "26.1.0"),
        workers: fc.integer({ min: 1, max: 4 }),
        backlog: few(6),
        timeout: fc.constantFrom("0s", "500ms", "1s", "30s"),
        graceful_timeout: fc.constantFrom("500ms", "5s"),
        max_requests: few(9),
        max_requests_jitter: few(3),
        boot: milliseconds(0, 800),
        preload_app: fc.boolean(),
        reuse_port: fc.constant(bind.startsWith("127.")),
      },
      ["name", "bind"],
    ),
  ),
);

const phase = fc.oneof(
  fc.record({
    process: fc.constant("burst"),
    requests: fc.integer({ min: 1, max: 60 }),
    for: milliseconds(0, 3000),
  }),
  fc.record({
    process: fc.constant("poisson"),
    rate: fc.integer({ min: 1, max: 200 }).map((rate) => `${rate}/s`),
    requests: fc.integer({ min: 1, max: 80 }),
  }),
);

const population = (target: fc.Arbitrary<string | undefined>) =>
  fc.record({
    timeout: maybe(milliseconds(1, 4000)),
    target,
    arrivals: fc.array(phase, { minLength: 1, maxLength: 2 }),
  });

const clients = fc
  .tuple(population(fc.constant(undefined)), maybe(population(fc.constantFrom(...ADDRESSES))))
  .map(([through, { value: direct }]) =>
    [through, ...(direct ? [direct] : [])].map(({ timeout, target, arrivals }, index) => ({
      name: `population ${index}`,
      ...(timeout.value !== undefined && { timeout: timeout.value }),
      ...(target !== undefined && { target }),
      arrivals,
    })),
  );

const app = sparse({
  sleep: fc.constantFrom("0s", "1s", { exponential: "100ms" }),
  cpu: fc.constantFrom("0s", "30ms", { exponential: "20ms" }),
  content_length: fc.boolean(),
  unread_body: fc.boolean(),
  swallows_exit: fc.boolean(),
});

const scenario = fc.record({ kernel, app, nginx, gunicorn: gunicorns, clients });

/** Levels that are not 0 now, by name. */
const levels = ({ gauges }: World) =>
  Object.fromEntries(gauges.filter(({ value }) => value !== 0).map(({ name, value }) => [name, value]));

const isClosing = (name: string) => /^(ports towards|TIME_WAIT|FIN_WAIT2)/.test(name);

function expectNothingLost({ world, settings }: Ran): void {
  const { requests, connections, recorder } = world;
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
    expect(group.triedRows).toBe(0);
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
