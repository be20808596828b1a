// One network namespace and the machine it lives on: the kernel's rules and sysctls, and its TCP.
//
// Modelled: a profile's defaults and rules by version, sysctls that were changed, ticks a second, memory and
// processors of the machine. Not modelled: more than one network namespace.

import type * as z from "zod";
import { component } from "../../src/component/component.js";
import { bytes, choice, count, duration, section, toggle } from "../../src/component/settings.js";
import type { World } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";
import { processors, UNLIMITED_CORES } from "../cpu/sharing.js";
import { portTable } from "./ports.js";
import { PROFILE_NAMES } from "./profiles.js";
import { resolveKernel, sysctlSettings } from "./sysctls.js";
import { type RttCache, rttCache } from "./tcp-metrics.js";
import { tcpStack } from "./tcp-stack.js";
import { timeWaits } from "./time-wait.js";

/** TCP_TIMEWAIT_LEN, include/net/tcp.h. */
const TIME_WAIT_NS = 60 * SECOND;
/** The phase of the clock matters up to the coarsest granule of a timer of minutes. */
const PHASE_NS = 64 * SECOND;

const settings = section(
  {
    profile: choice(PROFILE_NAMES, {
      help: "kernel whose defaults hold",
      default: "linux-6.1",
    }),
    sysctl: sysctlSettings.prefault({}),
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
    }).optional(),
    timer_slack: toggle({
      help: "whether TIME_WAIT ends late by up to a granule of the kernel's timers, as it really does",
      default: true,
      source: "kernel/time/timer.c",
    }),
    port_search_cost: duration({
      help: "processor time of connect() for each ephemeral port that it looks at",
      default: "200ns",
      source: "measured: 150-250 ns, Linux 6.18, 2026-11",
    }),
  },
  "the Linux kernel under nginx and gunicorn",
);

type Settings = z.output<typeof settings>;

export const kernel = component({
  section: "kernel",
  occurs: "once",
  help: "the Linux kernel under nginx and gunicorn",
  settings,
  build,
});

function build(
  world: World,
  { profile, sysctl, hz, memory: memoryBytes, port_search_cost, timer_slack, cores }: Settings,
) {
  const resolved = resolveKernel({ profile, sysctl, memoryBytes, hz });
  // The kernel's clock is ahead of the run by a time that nobody knows.
  const phase = once(() => Math.floor(world.random("kernel.clock")() * PHASE_NS));
  const waits = once(() =>
    timeWaits(world, {
      name: "the kernel",
      maxTwBuckets: resolved.maxTwBuckets,
      timeWaitNs: TIME_WAIT_NS,
      timers: timer_slack ? resolved.timers : "exact",
      hz: resolved.hz,
      phaseNs: phase(),
    }),
  );
  const ports = once(() =>
    portTable(world, waits(), {
      ...resolved,
      name: "the kernel",
      rangeText: resolved.text["net.ipv4.ip_local_port_range"],
      twReuseText: resolved.text["net.ipv4.tcp_tw_reuse"],
      searchCostNsPerPort: port_search_cost,
      phaseNs: phase(),
    }),
  );
  const caches = new Map<string, RttCache>();
  return {
    ...resolved,
    // Made when somebody uses TCP, since they draw random numbers.
    /** Handshakes and their timers. */
    tcp: once(() => tcpStack(world, resolved, { hz: resolved.hz, phase })),
    /** What is remembered of the way to this address, for all sockets that listen there. */
    rtt(host: string): RttCache {
      const known = caches.get(host) ?? rttCache(resolved.savesMetrics);
      caches.set(host, known);
      return known;
    },
    /** Sockets that are closed but not gone. */
    timeWaits: waits,
    /** Ephemeral ports. */
    ports,
    /** Who gets the processor time. */
    processors: once(() => processors(world, cores ?? UNLIMITED_CORES)),
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
