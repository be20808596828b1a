// Kernel profiles: the defaults and rules that changed between the kernels of common distributions.
//
// Modelled: what follows from the version, each with the change that brought it; a version stands for the
// maintained kernel of its series. Commits are those of Linux; a range such as "4.10 on" counts releases of
// Linus' tree.
// Not modelled: what distributions change on their own, in sysctl.d or in the source; IPv6; TCP options other
// than time stamps.

import { isAtLeast } from "../version.js";

/**
 * How many requests a listener's SYN queue keeps: the power of two above max(8, min(backlog,
 * tcp_max_syn_backlog)), or the backlog, or one more.
 */
export type SynQueueRule = "power-of-two" | "B" | "B+1";

export interface Profile {
  /** Where this kernel is found. */
  where: string;
  version: string;
  /** The usual CONFIG_HZ; Ubuntu builds with 1000 from 24.10 on. */
  hz: number;

  // Defaults of sysctls that changed. Those that did not, or that depend on memory, are in sysctls.ts.
  somaxconn: number;
  /** The largest somaxconn: the fields of a socket for the backlog have 16 bits before 4.1 (becb74f0acca). */
  mostSomaxconn: number;
  rangeLow: number;
  rangeHigh: number;
  twReuse: 0 | 2;
  /** The largest value of tcp_tw_reuse. */
  mostTwReuse: 1 | 2;
  /** Established-hash entries for each entry of tcp_max_syn_backlog. */
  hashEntriesPerSyn: 128 | 256;

  // Listening.
  /** A full accept queue takes a SYN while at most one request is young; later ones drop it. */
  acceptsYoungWhenFull: boolean;
  synQueue: SynQueueRule;
  /** Whether each request has its own timer for the SYN-ACK; before, one ran for all every 200 ms. */
  synackTimer: "shared" | "per-request";
  /** After a challenge ACK the SYN is sent again after two jiffies instead of 1 s. */
  synQuickRetry: boolean;
  /** Whether epoll can wake one waiter alone (EPOLLEXCLUSIVE). */
  epollExclusive: boolean;

  // Ephemeral ports.
  /**
   * Which ports connect() tries first. "parity": those of the range's low end, so that from half occupancy on
   * each connect() walks all of them before the others, and a range of odd size loses one. "even": from an
   * even one on, in order. "sequential": in order.
   */
  walk: "parity" | "even" | "sequential";
  /** One cursor for all destinations. */
  sharedCursor: boolean;
  /** Whether the cursor moves by small random steps. */
  randomSteps: boolean;
  /** The mark of an explicit bind() stays until the last socket of the port is gone, TIME_WAIT included. */
  bindMarkSticks: boolean;
  /** Whether IP_BIND_ADDRESS_NO_PORT exists, by which nginx's proxy_bind leaves the port to connect(). */
  bindsWithoutPort: boolean;

  // Timers and TIME_WAIT.
  /**
   * How exact TIME_WAIT is. "slots": 52.5-60 s, by eight slots that all share. "exact": 60 s by a timer of
   * its own. "jiffies": the same, late by up to a granule of the timer wheel.
   */
  timers: "slots" | "exact" | "jiffies";
  /**
   * How long a recyclable TIME_WAIT lasts (net/ipv4/tcp_ipv4.c tcp_twsk_unique). "A": until the clock of
   * whole seconds is more than 1 ahead, 1-2 s. "B": until it has ticked, 0-1 s. "C": longer than
   * tcp_tw_reuse_delay.
   */
  twReuseRule: "A" | "B" | "C";
  /** What tcp_max_tw_buckets counts. */
  twBuckets: "machine" | "namespace";
}

export const PROFILES = {
  "linux-3.13": profile("3.13", "Ubuntu 14.04"),
  "linux-4.4": profile("4.4", "Ubuntu 16.04"),
  "linux-4.15": profile("4.15", "Ubuntu 18.04"),
  "linux-4.19": profile("4.19", "Debian 10"),
  "linux-5.4": profile("5.4", "Ubuntu 20.04"),
  "linux-5.15": profile("5.15", "Ubuntu 22.04"),
  "linux-6.1": profile("6.1", "Debian 12"),
  "linux-6.8": profile("6.8", "Ubuntu 24.04"),
  "linux-6.14": profile("6.14", "Ubuntu 25.04"),
  "linux-6.18": profile("6.18", "long-term kernel of 2025"),
};

export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as [ProfileName, ...ProfileName[]];

/**
 * Backlogs that are written in practice, as arguments of listen(2) and as limits of them: SOMAXCONN before
 * and since Linux 5.4, nginx's own 511, gunicorn's 2048, and 1024 of many guides.
 */
export const BACKLOGS = [128, 511, 1024, 2048, 4096];

/** What depends on the machine's memory. */
export interface RamDependent {
  /** Entries of the hash of established connections, of the machine. */
  establishedHashEntries: number;
  maxTwBuckets: number;
  maxSynBacklog: number;
}

const BYTES_PER_HASH_ENTRY = 128 * 1024;
const MOST_HASH_ENTRIES = 524_288;
const LEAST_MAX_SYN_BACKLOG = 128;

/**
 * Defaults for a machine with this memory; a container has those of its host. One hash entry for 128 KiB,
 * rounded up to a power of two (mm/mm_init.c alloc_large_system_hash, net/ipv4/tcp.c tcp_init; /128 instead
 * of /256 for the SYN backlog since 19f92a030ca6). The kernel's own figure, MemTotal, may be given: it is a
 * little less than what is installed, which the rounding makes good.
 */
export function ramDependent(
  memoryBytes: number,
  { hashEntriesPerSyn }: Pick<Profile, "hashEntriesPerSyn">,
): RamDependent {
  const wanted = Math.min(Math.max(1, memoryBytes / BYTES_PER_HASH_ENTRY), MOST_HASH_ENTRIES);
  const establishedHashEntries = 2 ** Math.ceil(Math.log2(wanted));
  return {
    establishedHashEntries,
    maxTwBuckets: establishedHashEntries / 2,
    maxSynBacklog: Math.max(LEAST_MAX_SYN_BACKLOG, establishedHashEntries / hashEntriesPerSyn),
  };
}

const LEAST_SYN_QUEUE = 8;

/**
 * Requests that the SYN queue of a listener keeps (net/core/request_sock.c reqsk_queue_alloc up to 4.3,
 * include/net/inet_connection_sock.h inet_csk_reqsk_queue_is_full from 4.4 on). `backlog` is that of
 * listen(2) after somaxconn.
 */
export function synQueueLimit(rule: SynQueueRule, backlog: number, maxSynBacklog: number): number {
  if (rule === "B") return backlog;
  if (rule === "B+1") return backlog + 1;
  const wanted = Math.max(LEAST_SYN_QUEUE, Math.min(backlog, maxSynBacklog));
  return 2 ** (Math.floor(Math.log2(wanted)) + 1);
}

function profile(version: string, where: string): Profile {
  const from = (release: string) => isAtLeast(version, release);
  return {
    where,
    version,
    hz: 250,
    // include/linux/socket.h SOMAXCONN and net/ipv4/tcp.c tcp_init (19f92a030ca6).
    somaxconn: from("5.4") ? 4096 : 128,
    hashEntriesPerSyn: from("5.4") ? 128 : 256,
    mostSomaxconn: from("4.1") ? 2 ** 31 - 1 : 65_535,
    // 07f4c90062f8: ends of unlike parity.
    rangeLow: 32_768,
    rangeHigh: from("4.2") ? 60_999 : 61_000,
    // 79e9fed46038: 2 is "on for loopback", and the default.
    twReuse: from("4.18") ? 2 : 0,
    mostTwReuse: from("4.18") ? 2 : 1,
    // 5ea8ea2cb7f1, which the last 4.4.y have as well; when Ubuntu's 4.4 got it is not known.
    acceptsYoungWhenFull: !from("4.10"),
    // ef547f2ac16b in 4.4; 3479c7549fb1 in 6.13, and in the stable trees since early 2025 (seen in 6.1.192
    // and 6.12.117), so in maintained kernels from 5.4 on.
    synQueue: from("5.4") ? "B+1" : from("4.4") ? "B" : "power-of-two",
    synackTimer: from("4.1") ? "per-request" : "shared",
    // 9603d47bad46.
    synQuickRetry: from("5.6"),
    epollExclusive: from("4.5"),
    // 07f4c90062f8 in 4.2, 1580ab63fc9a in 4.6.
    walk: from("4.6") ? "parity" : from("4.2") ? "even" : "sequential",
    // 190cc82489f4 in 5.12 and ca7af0402550 in 5.18, which the stable trees from 4.19 on got in 2022.
    sharedCursor: !from("4.19"),
    randomSteps: from("4.19"),
    // d57f4b874946.
    bindMarkSticks: !from("6.18"),
    bindsWithoutPort: from("4.2"),
    // 789f558cfb36 in 4.1; the hierarchical timer wheel in 4.8 (kernel/time/timer.c).
    timers: from("4.8") ? "jiffies" : from("4.1") ? "exact" : "slots",
    // cca9bab1b72c in 4.19; tcp_tw_reuse_delay in 6.14.
    twReuseRule: from("6.14") ? "C" : from("4.19") ? "B" : "A",
    twBuckets: from("4.11") ? "namespace" : "machine",
  };
}
