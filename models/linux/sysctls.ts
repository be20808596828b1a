// The sysctls of one network namespace: what may be set, what holds without.
//
// Modelled: the settings of listen queues, ephemeral ports and TIME_WAIT, as sysctl(8) shows them, each with
// the kernel that brought it; the defaults of a new network namespace are those of the kernel, whatever its
// parent's are (net/core/net_namespace.c preinit_net, net/ipv4/tcp_ipv4.c tcp_sk_init; measured: Linux 6.18,
// 2026-11); those that depend on memory are the machine's. Limits are those of Linux 6.18 (measured,
// 2026-11), but that switches are 0 or 1, though the kernel takes more for 1.
// Not modelled: tcp_tw_recycle (up to 4.11), values per route.

import type * as z from "zod";
import type { Steps } from "../../src/component/declaration.js";
import { SettingError } from "../../src/component/setting-error.js";
import { count, declare, section } from "../../src/component/settings.js";
import { SECOND } from "../../src/engine/time.js";
import { isAtLeast } from "../version.js";
import {
  BACKLOGS,
  PROFILES,
  type Profile,
  type ProfileName,
  ramDependent,
  synQueueLimit,
} from "./profiles.js";
import { portList, portListText, portRange } from "./sysctl-ports.js";
import type { TcpRules } from "./tcp-rules.js";

const MOST_INT = 2 ** 31 - 1;
/** So many jiffies have to be an int at HZ=1000 as well. */
const MOST_SECONDS = Math.floor(MOST_INT / 1000);
/** Of a closed end, if tcp_orphan_retries is 0 (net/ipv4/tcp_timer.c tcp_orphan_retries). */
const ORPHAN_RETRIES = 8;

const whole = (least: number, most: number, help: string, source: string, steps?: Steps) =>
  count({ least, most, help, source, ...(steps && { steps }) }).optional();
const OFF_OR_ON: Steps = { each: [0, 1] };

const whileConnecting = () => ({
  "net.core.somaxconn": whole(
    0,
    MOST_INT,
    "upper limit of every listen() backlog; the default is the profile's",
    "net/socket.c __sys_listen",
    { among: BACKLOGS },
  ),
  "net.ipv4.tcp_max_syn_backlog": whole(
    0,
    MOST_INT,
    "requests in the SYN queue without syncookies; the default depends on memory",
    "net/ipv4/tcp_input.c tcp_conn_request",
    { times: 2 },
  ),
  "net.ipv4.tcp_syncookies": whole(
    0,
    2,
    "0: a full SYN queue drops; 1: it answers with cookies; 2: always cookies",
    "net/ipv4/tcp_input.c tcp_conn_request",
    OFF_OR_ON,
  ),
  "net.ipv4.tcp_abort_on_overflow": whole(
    0,
    1,
    "whether a full accept queue resets the client whose handshake ends",
    "net/ipv4/tcp_minisocks.c tcp_check_req",
    OFF_OR_ON,
  ),
  "net.ipv4.tcp_syn_retries": whole(
    1,
    127,
    "repetitions of a SYN before ETIMEDOUT, beside the linear ones",
    "net/ipv4/tcp_timer.c tcp_write_timeout",
  ),
  "net.ipv4.tcp_synack_retries": whole(
    0,
    255,
    "repetitions of a SYN-ACK before the request is dropped",
    "net/ipv4/inet_connection_sock.c reqsk_timer_handler",
  ),
  "net.ipv4.tcp_syn_linear_timeouts": whole(
    0,
    127,
    "repetitions of a SYN before its interval doubles; from Linux 6.5 on",
    "net/ipv4/tcp_timer.c tcp_retransmit_timer",
  ),
});

const portsAndEnds = () => ({
  "net.ipv4.ip_local_port_range": declare(portRange, "ports", {
    help: "ephemeral ports, both ends included",
    source: "net/ipv4/inet_hashtables.c __inet_hash_connect",
    // The default, and all that need no privileges.
    steps: { each: ["32768 60999", "1024 65535"] },
  }).optional(),
  "net.ipv4.ip_local_reserved_ports": declare(portList, "ports", {
    help: "ports that connect() passes by",
    source: "net/ipv4/inet_hashtables.c __inet_hash_connect",
  }).optional(),
  "net.ipv4.tcp_tw_reuse": whole(
    0,
    2,
    "whether connect() takes the port of a TIME_WAIT: 0 never, 1 always, 2 on loopback (from Linux 4.18 on)",
    "net/ipv4/tcp_ipv4.c tcp_twsk_unique",
    { each: [0, 1, 2] },
  ),
  "net.ipv4.tcp_tw_reuse_delay": whole(
    1,
    60_000,
    "milliseconds that a TIME_WAIT lasts at least before it is reused; from Linux 6.14 on",
    "net/ipv4/tcp_ipv4.c tcp_twsk_unique",
  ),
  "net.ipv4.tcp_timestamps": whole(
    0,
    2,
    "time stamps, without which no TIME_WAIT is reused",
    "net/ipv4/tcp_ipv4.c tcp_twsk_unique",
  ),
  "net.ipv4.tcp_fin_timeout": whole(
    0,
    MOST_SECONDS,
    "seconds that a closed end waits for the other's FIN; TIME_WAIT itself is always 60 s",
    "net/ipv4/tcp.c __tcp_close",
    { times: 2 },
  ),
  "net.ipv4.tcp_max_tw_buckets": whole(
    0,
    MOST_INT,
    "most TIME_WAITs, beyond which a connection leaves none; the default depends on memory",
    "net/ipv4/inet_timewait_sock.c inet_twsk_alloc",
    { times: 2 },
  ),
  "net.ipv4.tcp_orphan_retries": whole(
    0,
    255,
    "repetitions of the last segment of a closed end; 0 stands for 8",
    "net/ipv4/tcp_timer.c tcp_orphan_retries",
  ),
  "net.ipv4.tcp_migrate_req": whole(
    0,
    1,
    "whether another socket of a SO_REUSEPORT group takes what is queued at a closed one; from Linux 5.14 on",
    "net/core/sock_reuseport.c reuseport_migrate_sock",
  ),
  "net.ipv4.tcp_no_metrics_save": whole(
    0,
    1,
    "whether round-trip times of a destination are forgotten with its connections",
    "net/ipv4/tcp_metrics.c tcp_update_metrics",
  ),
});

/** The settings of `kernel.sysctl`. */
export const sysctlSettings = () => section({ ...whileConnecting(), ...portsAndEnds() });

type Sysctls = z.output<ReturnType<typeof sysctlSettings>>;
export type SysctlName = keyof Sysctls & string;
type Values = { [name in SysctlName]: NonNullable<Sysctls[name]> };

/** The releases that brought the sysctls which not every profile has. */
const SINCE: { [name in SysctlName]?: string } = {
  "net.ipv4.tcp_migrate_req": "5.14",
  "net.ipv4.tcp_syn_linear_timeouts": "6.5",
  "net.ipv4.tcp_tw_reuse_delay": "6.14",
};
const OF_MEMORY: SysctlName[] = ["net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_max_tw_buckets"];

/** Everything that the models ask of a kernel: the profile's rules, and the sysctls by what they decide. */
export interface ResolvedKernel extends Omit<Profile, "twReuse">, TcpRules {
  memoryBytes: number;
  /** Ports of net.ipv4.ip_local_reserved_ports, in order. */
  reserved: number[];
  twReuse: 0 | 1 | 2;
  twReuseDelayMs: number;
  timestamps: boolean;
  finTimeoutNs: number;
  maxTwBuckets: number;
  /** For the report: `net.core.somaxconn = 128 (default of linux-4.15)`. */
  text: Record<SysctlName, string>;
}

/**
 * The values that hold in a network namespace of this kernel. `memoryBytes` is the machine's; `hz` its ticks
 * a second, of which the default is the profile's. Throws a SettingError, below `path`, for a sysctl or
 * value that this kernel does not have.
 */
export function resolveKernel(
  {
    profile: name,
    sysctl,
    memoryBytes,
    hz,
  }: { profile: ProfileName; sysctl: Sysctls; memoryBytes: number; hz?: number | undefined },
  path: (string | number)[] = ["kernel"],
): ResolvedKernel {
  const profile: Profile = PROFILES[name];
  refuseLater(name, sysctl, [...path, "sysctl"]);
  const value = { ...defaults(profile, memoryBytes), ...sysctl } as Values;
  const { low: rangeLow, high: rangeHigh } = value["net.ipv4.ip_local_port_range"];
  const maxSynBacklog = value["net.ipv4.tcp_max_syn_backlog"];
  return {
    ...profile,
    hz: hz ?? profile.hz,
    memoryBytes,
    somaxconn: value["net.core.somaxconn"],
    maxSynBacklog,
    synQueueLimit: (backlog) => synQueueLimit(profile.synQueue, backlog, maxSynBacklog),
    syncookies: value["net.ipv4.tcp_syncookies"] as 0 | 1 | 2,
    abortOnOverflow: value["net.ipv4.tcp_abort_on_overflow"] === 1,
    synRetries: value["net.ipv4.tcp_syn_retries"],
    synackRetries: value["net.ipv4.tcp_synack_retries"],
    synLinearTimeouts: value["net.ipv4.tcp_syn_linear_timeouts"],
    rangeLow,
    rangeHigh,
    reserved: value["net.ipv4.ip_local_reserved_ports"],
    twReuse: value["net.ipv4.tcp_tw_reuse"] as 0 | 1 | 2,
    twReuseDelayMs: value["net.ipv4.tcp_tw_reuse_delay"],
    timestamps: value["net.ipv4.tcp_timestamps"] > 0,
    finTimeoutNs: value["net.ipv4.tcp_fin_timeout"] * SECOND,
    maxTwBuckets: value["net.ipv4.tcp_max_tw_buckets"],
    orphanRetries: value["net.ipv4.tcp_orphan_retries"] || ORPHAN_RETRIES,
    migratesRequests: value["net.ipv4.tcp_migrate_req"] === 1,
    savesMetrics: value["net.ipv4.tcp_no_metrics_save"] === 0,
    text: texts(name, value, sysctl, memoryBytes),
  };
}

/** What holds without any setting; also for sysctls that this kernel does not have: as if they were off. */
function defaults(profile: Profile, memoryBytes: number): Values {
  const { maxSynBacklog, maxTwBuckets } = ramDependent(memoryBytes, profile);
  return {
    "net.core.somaxconn": profile.somaxconn,
    "net.ipv4.tcp_max_syn_backlog": maxSynBacklog,
    "net.ipv4.tcp_syncookies": 1,
    "net.ipv4.tcp_abort_on_overflow": 0,
    "net.ipv4.tcp_syn_retries": 6,
    "net.ipv4.tcp_synack_retries": 5,
    "net.ipv4.tcp_syn_linear_timeouts": exists(profile, "net.ipv4.tcp_syn_linear_timeouts") ? 4 : 0,
    "net.ipv4.ip_local_port_range": { low: profile.rangeLow, high: profile.rangeHigh },
    "net.ipv4.ip_local_reserved_ports": [],
    "net.ipv4.tcp_tw_reuse": profile.twReuse,
    "net.ipv4.tcp_tw_reuse_delay": 1000,
    "net.ipv4.tcp_timestamps": 1,
    "net.ipv4.tcp_fin_timeout": 60,
    "net.ipv4.tcp_max_tw_buckets": maxTwBuckets,
    "net.ipv4.tcp_orphan_retries": 0,
    "net.ipv4.tcp_migrate_req": 0,
    "net.ipv4.tcp_no_metrics_save": 0,
  };
}

function exists({ version }: Profile, sysctl: SysctlName): boolean {
  return isAtLeast(version, SINCE[sysctl] ?? "0");
}

/** What later kernels brought is refused: on this one it would change nothing, or something else. */
function refuseLater(name: ProfileName, sysctl: Sysctls, path: (string | number)[]): void {
  const profile: Profile = PROFILES[name];
  for (const key of Object.keys(sysctl) as SysctlName[]) {
    if (exists(profile, key)) continue;
    throw new SettingError([...path, key], `does not exist in ${name}; Linux ${SINCE[key]} brought it`);
  }
  refuseAbove(profile.mostSomaxconn, "net.core.somaxconn", "4.1");
  refuseAbove(profile.mostTwReuse, "net.ipv4.tcp_tw_reuse", "4.18");

  function refuseAbove(most: number, key: "net.core.somaxconn" | "net.ipv4.tcp_tw_reuse", since: string) {
    const value = sysctl[key];
    if (value === undefined || value <= most) return;
    const text = `expected at most ${most} in ${name}, got ${value}; Linux ${since} brought larger values`;
    throw new SettingError([...path, key], text);
  }
}

function texts(name: ProfileName, value: Values, set: Sysctls, memoryBytes: number) {
  const memory = Number((memoryBytes / 2 ** 30).toFixed(1));
  const from = (key: SysctlName) => {
    if (set[key] !== undefined) return "";
    return OF_MEMORY.includes(key) ? ` (default of ${name} with ${memory}GiB)` : ` (default of ${name})`;
  };
  const text = (key: SysctlName) =>
    exists(PROFILES[name], key) ? `${key} = ${written(value[key])}${from(key)}` : `no ${key} in ${name}`;
  return Object.fromEntries((Object.keys(value) as SysctlName[]).map((key) => [key, text(key)])) as Record<
    SysctlName,
    string
  >;
}

function written(value: Values[SysctlName]): string {
  if (typeof value === "number") return String(value);
  return Array.isArray(value) ? portListText(value) : `${value.low} ${value.high}`;
}
