// The machine that a kernel runs on: what its network namespaces have in common.
//
// Modelled: the clock of its timers, its memory, its processors, and on kernels up to 4.10 one count of
// TIME_WAIT entries for all namespaces (net/ipv4/inet_timewait_sock.c inet_twsk_alloc). Not modelled: how
// processors are shared; see cpu/sharing.ts.

import { once } from "../../src/component/once.js";
import { SettingError } from "../../src/component/setting-error.js";
import type { World } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";
import { type Processors, processors, UNLIMITED_CORES } from "../cpu/sharing.js";
import type { MachineClock } from "./jiffies.js";
import { PROFILES, type ProfileName } from "./profiles.js";

/** The phase of the clock matters up to the coarsest granule of a timer of minutes. */
const PHASE_NS = 64 * SECOND;

/** What has to be the same in all namespaces of a machine. */
export interface MachineSettings {
  profile: ProfileName;
  hz: number;
  memoryBytes: number;
  /** Of kernels up to 4.10, where it is the machine's. */
  maxTwBuckets: number | undefined;
  /** As many as anybody wants, if it is not said. */
  cores: number | undefined;
}

export interface Machine {
  readonly name: string | undefined;
  readonly clock: MachineClock;
  /** Entries of all its namespaces. */
  readonly twBuckets: { count: number };
  /** Who gets the processor time of what runs in its namespaces. Made when somebody computes. */
  processors(): Processors;
  /** Throws a SettingError if a namespace at `path` differs from the first one of this machine. */
  agree(settings: MachineSettings, path: string): void;
}

/** What a machine is made with. */
export interface MachineGiven {
  name: string | undefined;
  /** Names its random streams: the kernel's clock is ahead of the run by a time that nobody knows. */
  stream: string;
  settings: MachineSettings;
  /** Where its first namespace stands. */
  path: string;
  /** What tells its processors from those of others, if there are others; asked when somebody computes. */
  label(): string | undefined;
}

export function machine(world: World, { name, stream, settings, path, label }: MachineGiven): Machine {
  const draw = once(() => world.hidden(`${stream}.clock`));
  return {
    name,
    clock: {
      name: stream,
      hz: settings.hz,
      hasWheel: PROFILES[settings.profile].timers === "jiffies",
      phase: once(() => Math.floor(draw()() * PHASE_NS), world),
    },
    twBuckets: { count: 0 },
    processors: once(() =>
      processors(world, settings.cores ?? UNLIMITED_CORES, { of: label(), path: `${path}.cores` }),
    ),
    agree(other, at) {
      for (const { key, steps, text } of SHARED) {
        if (other[key] === settings[key]) continue;
        const why = `expected ${text(settings)} as in ${[path, ...steps].join(".")}`;
        const got = `since both are on machine "${name}"; got ${text(other)}`;
        throw new SettingError([at, ...steps], `${why}, ${got}`);
      }
    },
  };
}

const SHARED: { key: keyof MachineSettings; steps: string[]; text(settings: MachineSettings): string }[] = [
  { key: "profile", steps: ["profile"], text: ({ profile }) => profile },
  { key: "hz", steps: ["hz"], text: ({ hz }) => String(hz) },
  { key: "memoryBytes", steps: ["memory"], text: ({ memoryBytes }) => `${memoryBytes / 2 ** 30}GiB` },
  {
    key: "maxTwBuckets",
    steps: ["sysctl", "net.ipv4.tcp_max_tw_buckets"],
    text: ({ maxTwBuckets }) => String(maxTwBuckets),
  },
  { key: "cores", steps: ["cores"], text: ({ cores }) => (cores === undefined ? "none" : String(cores)) },
];
