// A port table in a world of its own, with exact timers and free searches unless a test asks for more.

import type { PortSettings, PortTable } from "../../../models/linux/port-table.js";
import { portTable } from "../../../models/linux/ports.js";
import { type TimeWaitSettings, type TimeWaits, timeWaits } from "../../../models/linux/time-wait.js";
import { type World, world } from "../../../src/component/world.js";
import { streams } from "../../../src/engine/random.js";
import { SECOND } from "../../../src/engine/time.js";

export type Changed = Partial<PortSettings & TimeWaitSettings>;

const PLAIN: PortSettings & TimeWaitSettings = {
  name: "kernel",
  rangeLow: 40_000,
  rangeHigh: 40_099,
  rangeText: "net.ipv4.ip_local_port_range = 40000 40099",
  reserved: [],
  walk: "parity",
  sharedCursor: false,
  randomSteps: true,
  searchCostNsPerPort: 0,
  twReuse: 0,
  twReuseText: "net.ipv4.tcp_tw_reuse = 0",
  twReuseRule: "C",
  twReuseDelayMs: 1_000,
  timestamps: true,
  maxTwBuckets: 131_072,
  timeWaitNs: 60 * SECOND,
  finTimeoutNs: 60 * SECOND,
  finTimeoutText: "net.ipv4.tcp_fin_timeout = 60",
  timers: "exact",
  hz: 250,
  phase: () => 0,
  bindMarkSticks: false,
};

export interface Kernel {
  world: World;
  ports: PortTable;
  times: TimeWaits;
  /** The counter of this name in `nstat`. */
  counter(name: string): number;
  /** Calls `happened` at this time. */
  at(seconds: number, happened: () => void): void;
  /** The time now. */
  seconds(): number;
}

export function kernel(changed: Changed = {}, seed = "1"): Kernel {
  const settings = { ...PLAIN, ...changed };
  const one = world(streams(seed, 0), () => ({}));
  const times = timeWaits(one, settings);
  const calls: (() => void)[] = [];
  const called = one.sim.event("called", (index) => (calls[index] as () => void)());
  return {
    world: one,
    times,
    ports: portTable(one, times, settings),
    counter: (name) => one.recorder.tally(`netstat.${name}`).count,
    at: (seconds, happened) => called.at(Math.round(seconds * SECOND), calls.push(happened) - 1),
    seconds: () => one.sim.now / SECOND,
  };
}

/** A destination of the kernel, its server in the same network namespace. */
export function towards({ ports, times }: Kernel, address = "127.0.0.1:8000", loopback = true): number {
  return ports.destination({ address, loopback, server: times });
}

/** Connects until there is no port left; answers how many there were. */
export function exhaust({ ports }: Kernel, destination: number, then: (port: number) => void = () => {}) {
  let count = 0;
  for (let port = ports.allocate(destination); port >= 0; port = ports.allocate(destination)) {
    then(port);
    count++;
  }
  return count;
}
