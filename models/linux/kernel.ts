// Network namespaces and the machines they live on: the kernel's rules and sysctls, and its TCP.
//
// Modelled: a profile's defaults and rules by version, sysctls that were changed; ticks a second, memory and
// processors of the machine; several namespaces, of one machine or of several, as containers and hosts have
// them. Not modelled: the network between machines.

import * as z from "zod";
import { HOST_FORM, isLoopback, parseAddress } from "../../src/component/address.js";
import { component } from "../../src/component/component.js";
import { once } from "../../src/component/once.js";
import { SettingError } from "../../src/component/setting-error.js";
import {
  bytes,
  choice,
  count,
  duration,
  fragment,
  later,
  pattern,
  section,
  text,
  toggle,
  withJsonSchema,
} from "../../src/component/settings.js";
import type { World } from "../../src/component/world.js";
import { type Machine, type MachineSettings, machine } from "./machine.js";
import type { PortSettings, PortTable } from "./port-table.js";
import { portTable } from "./ports.js";
import { PROFILE_NAMES } from "./profiles.js";
import { type ResolvedKernel, resolveKernel, type SysctlName, sysctlSettings } from "./sysctls.js";
import { type RttCache, rttCache } from "./tcp-metrics.js";
import { type TcpStack, tcpStack } from "./tcp-stack.js";
import { TIME_WAIT_NS, type TimeWaits, timeWaits } from "./time-wait.js";

/** These settings, by default none of them: they are declared where there are some. */
function noneOr<T extends z.ZodType>(made: () => T) {
  const given = later(made).optional();
  return withJsonSchema(
    given.transform((some = {} as z.output<T>) => some),
    () => ({ default: {}, ...fragment(given) }),
  );
}

const settings = section(
  {
    name: text({ help: "name of this network namespace, if there are several" }).optional(),
    machine: text({
      help: "machine that it shares with others of this name: clock, memory, cores; without it its own",
    }).optional(),
    addresses: z
      .array(
        pattern({
          expected: 'a host such as "10.0.0.2" or "app1"',
          form: HOST_FORM,
          help: "an address of this network namespace",
        }),
        { error: "a list of hosts" },
      )
      .meta({ description: "how other namespaces reach what listens here on all addresses" })
      .optional(),
    profile: choice(PROFILE_NAMES, {
      help: "kernel whose defaults hold",
      default: "linux-6.1",
    }),
    sysctl: noneOr(sysctlSettings),
    hz: count({
      least: 100,
      most: 1000,
      help: "ticks a second (CONFIG_HZ), the granule of kernel timers; the default is the profile's",
      source: "kernel/time/timer.c",
    }).optional(),
    memory: bytes({
      help: "memory of the machine, from which the kernel derives limits",
      default: "16GiB",
      source: "mm/mm_init.c alloc_large_system_hash",
    }),
    cores: count({
      least: 1,
      most: 4096,
      help: "processors of the machine, shared by whatever computes; without it as many as anybody wants",
      steps: { by: 1, times: 2 },
    }).optional(),
    timer_slack: toggle({
      help: "whether TIME_WAIT ends late by up to a granule of the kernel's timers, as it really does",
      default: true,
      source: "kernel/time/timer.c",
    }),
    port_search_cost: duration({
      help: "processor time of connect() for each ephemeral port that it looks at",
      default: "150ns",
      source: "measured: 110-193 ns for 14,116 ports, median 150 of ten runs, Linux 6.18, 2026-11",
    }),
  },
  "the Linux kernel under nginx and gunicorn",
);

type Settings = z.output<typeof settings>;

/** One network namespace, and the rules of its kernel. */
export interface Kernel extends ResolvedKernel {
  readonly name: string | undefined;
  readonly number: number;
  readonly addresses: readonly string[];
  readonly machine: Machine;
  /** Processor time of connect() for each port that it looks at. */
  readonly searchCostNsPerPort: number;
  /** ` in NAME`, where there are several. */
  within(): string;
  /** A sysctl for the report: `net.core.somaxconn = 128 (default of linux-4.15)`. */
  setting(key: SysctlName): string;
  // Made when somebody uses TCP, since they draw random numbers.
  /** Handshakes and their timers, of all namespaces. */
  tcp(): TcpStack;
  /** What is remembered of the way to this address, for all sockets that listen there. */
  rtt(host: string): RttCache;
  /** Sockets that are closed but not gone. */
  timeWaits(): TimeWaits;
  /** Ephemeral ports. */
  ports(): PortTable;
  /** This one port, for a socket that is bound to it. */
  portsOf(port: number): PortTable;
  /** Writes net.core.somaxconn; what listens already keeps its backlog until it listens anew. */
  setSomaxconn(value: number): void;
  /** How often something has called listen() here. */
  listens: number;
  /** A socket is bound to this port from the beginning: no connect() gets it. */
  bind(port: number): void;
}

export const kernel = component({
  section: "kernel",
  occurs: "many",
  isImplied: true,
  help: "the Linux kernel under nginx and gunicorn: one network namespace or several",
  settings,
  build,
});

/** The setting that says where a part lives. */
export const kernelSetting = (part: string) =>
  text({
    help: `name of the kernel (network namespace) that ${part} lives in; the first without it`,
  }).optional();

/** The namespace of this name, or the first. Throws a SettingError at `path` if there is none. */
export function kernelOf(world: World, name: string | undefined, path: (string | number)[]): Kernel {
  const known = world.all(kernel);
  if (name === undefined) return world.get(kernel);
  const found = known.find((one) => one.name === name);
  if (found) return found;
  const names = known.flatMap((one) => (one.name === undefined ? [] : [`"${one.name}"`]));
  const text =
    names.length > 0 ? `expected ${names.join(" or ")}` : "expected nothing, since the kernel has no name";
  throw new SettingError(path, `${text}, got "${name}"`);
}

function build(world: World, declared: Settings): Kernel {
  const { name, timer_slack, port_search_cost: searchCostNsPerPort } = declared;
  const path = name === undefined ? "kernel" : `kernel.${name}`;
  const { profile, sysctl, hz, memory: memoryBytes } = declared;
  const resolved = resolveKernel({ profile, sysctl, memoryBytes, hz }, [path]);
  checkAddresses(world, declared, path);
  const { addresses = [] } = declared;
  const number = world.network.namespace({ name, addresses });
  const shared = machineOf(world, declared, resolved, path);
  const isAlone = () => world.all(kernel).length === 1;
  const label = () => (isAlone() ? "the kernel" : (name as string));
  const within = () => (isAlone() ? "" : ` in ${name}`);
  const setting = (key: SysctlName) => (isAlone() ? "" : `${name}: `) + resolved.text[key];
  const waits = once(() =>
    timeWaits(world, {
      name: label(),
      maxTwBuckets: resolved.maxTwBuckets,
      ...(resolved.twBuckets === "machine" && { buckets: shared.twBuckets }),
      timeWaitNs: TIME_WAIT_NS,
      timers: timer_slack ? resolved.timers : "exact",
      hz: resolved.hz,
      phase: shared.clock.phase,
    }),
  );
  const bound: number[] = [];
  let table: PortTable | undefined;
  const newTable = (changed: Partial<PortSettings>) =>
    portTable(world, waits(), {
      ...resolved,
      name: label(),
      within: within(),
      rangeText: setting("net.ipv4.ip_local_port_range"),
      twReuseText: setting("net.ipv4.tcp_tw_reuse"),
      finTimeoutText: setting("net.ipv4.tcp_fin_timeout"),
      searchCostNsPerPort,
      phase: shared.clock.phase,
      ...changed,
    });
  const ports = once(() => {
    table = newTable({});
    for (const port of bound) table.bind(port);
    return table;
  });
  const caches = new Map<string, RttCache>();
  const { somaxconn } = resolved;
  const somaxconnText = resolved.text["net.core.somaxconn"];
  const face: Kernel = {
    ...resolved,
    name,
    number,
    addresses,
    machine: shared,
    searchCostNsPerPort,
    within,
    setting,
    tcp: world.find(kernel)?.tcp ?? once(() => stackOf(world)),
    rtt(host) {
      const known = caches.get(host) ?? rttCache(resolved.savesMetrics);
      caches.set(host, known);
      return known;
    },
    timeWaits: waits,
    ports,
    portsOf: (port) =>
      newTable({ name: `port ${port} of ${label()}`, rangeLow: port, rangeHigh: port, reserved: [] }),
    bind(port) {
      bound.push(port);
      table?.bind(port);
    },
    listens: 0,
    setSomaxconn(value) {
      face.somaxconn = value;
      resolved.text["net.core.somaxconn"] = `net.core.somaxconn = ${value}`;
    },
  };
  // Before what listens, which does so again.
  world.onReset(() => {
    face.somaxconn = somaxconn;
    resolved.text["net.core.somaxconn"] = somaxconnText;
    face.listens = 0;
    for (const cache of caches.values()) cache.reset();
  });
  return face;
}

function stackOf(world: World): TcpStack {
  const sides = world.all(kernel).map((one) => ({ rules: one, clock: one.machine.clock }));
  return tcpStack(world, sides);
}

/** The machine of a namespace: that of an earlier one with the same name of a machine, or a new one. */
function machineOf(world: World, declared: Settings, resolved: ResolvedKernel, path: string): Machine {
  const { machine: name, profile, cores } = declared;
  const settings: MachineSettings = {
    profile,
    hz: resolved.hz,
    memoryBytes: resolved.memoryBytes,
    maxTwBuckets: resolved.twBuckets === "machine" ? resolved.maxTwBuckets : undefined,
    cores,
  };
  const known = name === undefined ? undefined : world.all(kernel).find((one) => one.machine.name === name);
  known?.machine.agree(settings, path);
  if (known) return known.machine;
  const isFirst = world.find(kernel) === undefined;
  const stream = isFirst ? "kernel" : name === undefined ? path : `machine.${name}`;
  const isOnly = () => new Set(world.all(kernel).map((one) => one.machine)).size === 1;
  const label = () => (isOnly() ? undefined : (name ?? declared.name));
  return machine(world, { name, stream, settings, path, label });
}

/** Throws a SettingError for an address that others do not reach, or that another namespace has. */
function checkAddresses(world: World, { addresses = [] }: Settings, path: string): void {
  for (const [index, address] of addresses.entries()) {
    const at = [path, "addresses", index];
    if (isLoopback(parseAddress(address))) {
      throw new SettingError(
        at,
        `expected an address that others reach, got the loopback address "${address}"`,
      );
    }
    const other = world.all(kernel).find((one) => one.addresses.includes(address));
    if (!other) continue;
    throw new SettingError(
      at,
      `expected an address of its own, but "${address}" is one of kernel.${other.name}`,
    );
  }
}
