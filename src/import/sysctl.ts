// From the output of `sysctl` (or a sysctl.conf) to the kernel section of a scenario.
//
// Modelled: the keys of the table below, while something is reached over TCP; net.core.somaxconn always. A
// key that the kernel's profile does not have is left out: the profile is that of an older kernel then.

import { type Imported, type Note, note, type Place, type Source, unexpected } from "./note.js";
import { isProfileFrom } from "./versions.js";

const LINE = /^\s*-?([\w./-]+)\s*[=:]\s*(.*?)\s*$/;
const COMPLAINT = /^sysctl: /;

interface Rule {
  read(value: string): number | string | undefined;
  expected: string;
  /** The release that brought it. */
  since?: string;
}

const COUNT: Rule = {
  expected: "a whole number",
  read: (value) => (/^\d+$/.test(value) ? Number(value) : undefined),
};
// The kernel refuses a range below net.ipv4.ip_unprivileged_port_start, 1024 unless it was changed, and one
// in the wrong order (net/ipv4/sysctl_net_ipv4.c ipv4_local_port_range).
const RANGE: Rule = {
  expected: 'two ports from 1024 to 65535, lowest first, such as "32768 60999"',
  read(value) {
    const [low, high] = (/^\d+\s+\d+$/.test(value) ? value.split(/\s+/) : []).map(Number);
    if (low === undefined || high === undefined) return undefined;
    return low >= 1024 && low <= high && high <= 65_535 ? `${low} ${high}` : undefined;
  },
};
const PORTS: Rule = {
  expected: 'ports such as "8080,9148-9150"',
  read: (value) => (/^[\d,-]*$/.test(value) ? value : undefined),
};
const from = (since: string): Rule => ({ ...COUNT, since });

const SOMAXCONN = "net.core.somaxconn";
const MODELLED: Record<string, Rule> = {
  [SOMAXCONN]: COUNT,
  "net.ipv4.ip_local_port_range": RANGE,
  "net.ipv4.ip_local_reserved_ports": PORTS,
  "net.ipv4.tcp_max_syn_backlog": COUNT,
  "net.ipv4.tcp_syncookies": COUNT,
  "net.ipv4.tcp_abort_on_overflow": COUNT,
  "net.ipv4.tcp_syn_retries": COUNT,
  "net.ipv4.tcp_synack_retries": COUNT,
  "net.ipv4.tcp_syn_linear_timeouts": from("6.5"),
  "net.ipv4.tcp_tw_reuse": COUNT,
  "net.ipv4.tcp_tw_reuse_delay": from("6.14"),
  "net.ipv4.tcp_timestamps": COUNT,
  "net.ipv4.tcp_fin_timeout": COUNT,
  "net.ipv4.tcp_max_tw_buckets": COUNT,
  "net.ipv4.tcp_orphan_retries": COUNT,
  "net.ipv4.tcp_migrate_req": from("5.14"),
  "net.ipv4.tcp_no_metrics_save": COUNT,
};

/** Limits of open files, to which sockets belong. */
const DESCRIPTORS = ["fs.file-max", "fs.nr_open"];

/** What decides besides the file. */
export interface SysctlContext {
  /** Whether anything is reached over TCP. */
  tcp: boolean;
  /** The kernel's profile, `linux-6.1`; the models' default if it is not known. */
  profile?: string | undefined;
}

/**
 * Reads lines of the form `key = value`, `key: value` or `key=value`; vectors are separated by tabs. Throws
 * an ImportError with file and line.
 */
export function importSysctl({ file, text }: Source, context: SysctlContext): Imported {
  const sysctl: Record<string, number | string> = {};
  const notes: Note[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const place = { file, line: index + 1 };
    if (/^\s*([#;]|$)/.test(content)) continue;
    if (COMPLAINT.test(content)) {
      notes.push(note(place, content.trim(), "not-modelled", "sysctl could not read this key"));
      continue;
    }
    const match = LINE.exec(content);
    if (!match)
      throw unexpected(place, "", 'a line such as "net.core.somaxconn = 128"', `"${content.trim()}"`);
    // sysctl(8) takes slashes for dots.
    const key = (match[1] as string).replaceAll("/", ".");
    const value = match[2] as string;
    const read = checkedValue(key, value, place);
    const left = leftOut(key, context);
    if (left) notes.push(note(place, `${key} = ${value.replaceAll(/\s+/g, " ")}`, ...left));
    else if (read !== "") sysctl[key] = read as number | string;
  }
  return { scenario: Object.keys(sysctl).length === 0 ? {} : { kernel: { sysctl } }, notes };
}

/** What the rule reads; the kernel would not take anything else. Undefined for a key that has no rule. */
function checkedValue(key: string, value: string, place: Place): number | string | undefined {
  if (!Object.hasOwn(MODELLED, key)) return undefined;
  const { read, expected } = MODELLED[key] as Rule;
  const found = read(value);
  if (found === undefined) throw unexpected(place, key, expected, `"${value}"`);
  return found;
}

/** Why a key is not in the scenario, if it is not. */
function leftOut(key: string, { tcp, profile }: SysctlContext): [Note["kind"], string] | undefined {
  if (key === SOMAXCONN) return undefined;
  if (DESCRIPTORS.includes(key)) return ["not-modelled", "numbers of descriptors are taken as sufficient"];
  if (!key.startsWith("net.")) return ["no-effect", "concerns neither sockets nor TCP"];
  if (!tcp) return ["no-effect", "everything is reached over unix sockets"];
  if (!Object.hasOwn(MODELLED, key)) return ["not-modelled", "this setting of TCP is not modelled"];
  const { since } = MODELLED[key] as Rule;
  if (since === undefined || isProfileFrom(profile, since)) return undefined;
  return ["not-modelled", `the kernel's profile is older than Linux ${since}, which brought it`];
}
