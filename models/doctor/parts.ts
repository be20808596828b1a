// The parts of a deployment as rules see them: kernels, gunicorns, nginx, populations.
//
// Modelled: numbers that follow from the settings alone, by the functions that the models use themselves.
// Not modelled: anything that needs time to pass.

import type { Address } from "../../src/component/address.js";
import type { FoundSetting } from "../../src/component/finding.js";
import type { Distribution } from "../../src/engine/distribution.js";
import type { Phase } from "../clients/phases.js";
import type { Settings as ClientSettings } from "../clients/settings.js";
import type { ClassName, GunicornSettings } from "../gunicorn/settings.js";
import type { ClassDeclaration } from "../gunicorn/worker-class.js";
import type { ResolvedKernel, SysctlName } from "../linux/sysctls.js";
import type { GroupServer } from "../nginx/group-settings.js";
import type { NginxSettings } from "../nginx/settings.js";

/** A network namespace and the machine that it lives on. */
export interface KernelPart {
  name: string | undefined;
  rules: ResolvedKernel;
  /** Name of its machine, or its number. */
  machine: string;
  cores: number | undefined;
  searchCostNsPerPort: number;
  sysctl(name: SysctlName): FoundSetting;
  setting(key: string): FoundSetting;
}

/** A listening socket. */
export interface Listener {
  address: Address;
  kernel: KernelPart;
  /** The argument of listen(2), the effective backlog, and what the queue holds. */
  asked: number;
  backlog: number;
  limit: number;
  /** `the accept queue of unix:/run/gunicorn.sock`. */
  text: string;
  /** Where the backlog is set, the deciding setting first. */
  settings: FoundSetting[];
}

/** Times of one kind of request. */
export interface RouteTimes {
  weight: number;
  sleep: Distribution;
  cpu: Distribution;
}

export interface GunicornPart {
  /** `gunicorn`, or `gunicorn.NAME`. */
  path: string;
  settings: GunicornSettings;
  className: ClassName;
  of: ClassDeclaration;
  /** `4 sync workers`. */
  text: string;
  kernel: KernelPart;
  listeners: Listener[];
  /** Each worker has a listening socket of its own. */
  hasOwnSockets: boolean;
  overheadNs: number;
  /** Requests at a time, of all workers; Infinity without a limit. */
  capacity: number;
  /** Connections that workers hold beside those; Infinity without a limit. */
  hoard: number;
  /** Connections in its accept queues. */
  queued: number;
  /** Requests a second that it gets, of the phase in which each population sends most. */
  perSecond: number;
  /** Means of a request, weighted by who asks. */
  sleepNs: number;
  cpuNs: number;
  /** Whole time of a worker for a request: sleep, cpu, overhead. */
  serviceNs: number;
  /** Times by route, with the shares of the requests. */
  times: RouteTimes[];
  /** The settings behind serviceNs. */
  appSettings: FoundSetting[];
  setting(key: string): FoundSetting;
}

/** One address of nginx's upstream group. */
export interface Peer {
  address: Address;
  server: GroupServer;
  /** Place in upstream.servers; undefined with proxy_pass. */
  index: number | undefined;
  /** Who listens there; undefined if nobody does, or if it is no gunicorn. */
  gunicorn: GunicornPart | undefined;
  /** Share of the requests while no peer is out. */
  share: number;
}

export interface NginxPart {
  settings: NginxSettings;
  kernel: KernelPart;
  listener: Listener;
  /** Without those marked down; backups included. */
  peers: Peer[];
  /** Requests in flight at a time, of all processes. */
  inFlight: number;
  perSecond: number;
  setting(key: string, value?: string): FoundSetting;
  server(peer: Peer, key: "address" | "max_fails" | "fail_timeout" | "max_conns"): FoundSetting;
}

/** A phase of a population's arrivals. */
export interface PhaseLoad {
  declared: Phase;
  /** Mean and highest rate while it lasts; undefined for a burst. */
  perSecond: number | undefined;
  peakPerSecond: number | undefined;
  requests: number;
  rate: FoundSetting;
}

export interface Population {
  path: string;
  settings: ClientSettings;
  phases: PhaseLoad[];
  /** Its phase with the highest mean rate; undefined for closed loops and bursts. */
  busiest: PhaseLoad | undefined;
  /** Where its requests go first. */
  target: NginxPart | GunicornPart | undefined;
  setting(key: string): FoundSetting;
}
