import { describe, expect, test } from "vitest";
import { PROFILE_NAMES, type ProfileName } from "../../../models/linux/profiles.js";
import { resolveKernel, sysctlSettings } from "../../../models/linux/sysctls.js";

const MEMORY_BYTES = 24 * 2 ** 30;

/** The kernel that a scenario's settings give. */
const kernel = (profile: ProfileName, sysctl: object = {}, memoryBytes = MEMORY_BYTES) =>
  resolveKernel({ profile, sysctl: sysctlSettings().parse(sysctl), memoryBytes });
const messageOf = (sysctl: object) => sysctlSettings().safeParse(sysctl).error?.issues[0]?.message;

describe("values", () => {
  test("without settings those of a Linux 6.18 with 24 GiB are what its sysctl prints (measured)", () => {
    expect(kernel("linux-6.18")).toMatchObject({
      hz: 250,
      somaxconn: 4096,
      maxSynBacklog: 2048,
      syncookies: 1,
      abortOnOverflow: false,
      synRetries: 6,
      synackRetries: 5,
      synLinearTimeouts: 4,
      rangeLow: 32_768,
      rangeHigh: 60_999,
      reserved: [],
      twReuse: 2,
      twReuseDelayMs: 1000,
      timestamps: true,
      finTimeoutNs: 60e9,
      maxTwBuckets: 131_072,
      orphanRetries: 8,
      savesMetrics: true,
    });
  });

  test("the profile's rules are there as well", () => {
    expect(kernel("linux-4.4")).toMatchObject({ version: "4.4", walk: "even", acceptsYoungWhenFull: true });
    expect(kernel("linux-3.13").synQueueLimit(128)).toBe(256);
    expect(kernel("linux-6.1").synQueueLimit(128)).toBe(129);
  });

  test("every setting replaces its default", () => {
    const sysctl = {
      "net.core.somaxconn": 1,
      "net.ipv4.tcp_max_syn_backlog": 2,
      "net.ipv4.tcp_syncookies": 2,
      "net.ipv4.tcp_abort_on_overflow": 1,
      "net.ipv4.tcp_syn_retries": 3,
      "net.ipv4.tcp_synack_retries": 4,
      "net.ipv4.tcp_syn_linear_timeouts": 0,
      "net.ipv4.ip_local_port_range": "1024\t65535",
      "net.ipv4.ip_local_reserved_ports": "8080,9148-9150",
      "net.ipv4.tcp_tw_reuse": 1,
      "net.ipv4.tcp_tw_reuse_delay": 200,
      "net.ipv4.tcp_timestamps": 0,
      "net.ipv4.tcp_fin_timeout": 5,
      "net.ipv4.tcp_max_tw_buckets": 10,
      "net.ipv4.tcp_orphan_retries": 2,
      "net.ipv4.tcp_migrate_req": 1,
      "net.ipv4.tcp_no_metrics_save": 1,
    };
    expect(Object.keys(sysctl)).toEqual(Object.keys(sysctlSettings().shape));
    expect(kernel("linux-6.18", sysctl)).toMatchObject({
      somaxconn: 1,
      maxSynBacklog: 2,
      syncookies: 2,
      abortOnOverflow: true,
      synRetries: 3,
      synackRetries: 4,
      synLinearTimeouts: 0,
      migratesRequests: true,
      rangeLow: 1024,
      rangeHigh: 65_535,
      reserved: [8080, 9148, 9149, 9150],
      twReuse: 1,
      twReuseDelayMs: 200,
      timestamps: false,
      finTimeoutNs: 5e9,
      maxTwBuckets: 10,
      orphanRetries: 2,
      savesMetrics: false,
    });
  });

  test("HZ and memory are the machine's", () => {
    const small = { profile: "linux-5.4", sysctl: {}, memoryBytes: 2 ** 32, hz: 1000 } as const;
    expect(resolveKernel(small)).toMatchObject({ hz: 1000, maxTwBuckets: 16_384, maxSynBacklog: 256 });
  });

  test.each([
    ["32768 60999", 32_768, 60_999],
    [[2000, 2000], 2000, 2000],
    ["  1024   1025 ", 1024, 1025],
  ])("a port range is written %j", (range, low, high) => {
    const { rangeLow, rangeHigh } = kernel("linux-6.1", { "net.ipv4.ip_local_port_range": range });
    expect([rangeLow, rangeHigh]).toEqual([low, high]);
  });

  test.each([
    ["", []],
    [8080, [8080]],
    ["80,80", [80]],
    [
      [5000, "3000-3002"],
      [3000, 3001, 3002, 5000],
    ],
    ["3001-3002,3000", [3000, 3001, 3002]],
  ])("reserved ports are written %j", (list, ports) => {
    expect(kernel("linux-6.1", { "net.ipv4.ip_local_reserved_ports": list }).reserved).toEqual(ports);
  });
});

describe("where a value comes from", () => {
  test("is told for the report", () => {
    const { text } = kernel("linux-6.8", {
      "net.core.somaxconn": 128,
      "net.ipv4.ip_local_port_range": [1024, 2000],
      "net.ipv4.ip_local_reserved_ports": "9150,9148-9149,8080",
    });
    expect(text).toMatchObject({
      "net.core.somaxconn": "net.core.somaxconn = 128",
      "net.ipv4.ip_local_port_range": "net.ipv4.ip_local_port_range = 1024 2000",
      "net.ipv4.ip_local_reserved_ports": "net.ipv4.ip_local_reserved_ports = 8080,9148-9150",
      "net.ipv4.tcp_tw_reuse": "net.ipv4.tcp_tw_reuse = 2 (default of linux-6.8)",
      "net.ipv4.tcp_max_tw_buckets": "net.ipv4.tcp_max_tw_buckets = 131072 (default of linux-6.8 with 24GiB)",
      "net.ipv4.tcp_tw_reuse_delay": "no net.ipv4.tcp_tw_reuse_delay in linux-6.8",
    });
    expect(kernel("linux-6.8", {}, 24_684_096 * 1024).text["net.ipv4.tcp_max_syn_backlog"]).toBe(
      "net.ipv4.tcp_max_syn_backlog = 2048 (default of linux-6.8 with 23.5GiB)",
    );
  });
});

describe("what a kernel does not have", () => {
  test.each([
    ["net.ipv4.tcp_migrate_req", "5.14", "linux-5.15"],
    ["net.ipv4.tcp_syn_linear_timeouts", "6.5", "linux-6.8"],
    ["net.ipv4.tcp_tw_reuse_delay", "6.14", "linux-6.14"],
  ] as const)("%s is refused before Linux %s", (key, since, first) => {
    const index = PROFILE_NAMES.indexOf(first);
    for (const [at, profile] of PROFILE_NAMES.entries()) {
      const set = () => kernel(profile, { [key]: 1 });
      if (at >= index) expect(set).not.toThrow();
      else
        expect(set).toThrow(`kernel.sysctl.${key}: does not exist in ${profile}; Linux ${since} brought it`);
    }
  });

  test("its value is as if switched off", () => {
    expect(kernel("linux-6.1").synLinearTimeouts).toBe(0);
  });

  test("values that later kernels brought are refused", () => {
    expect(() => kernel("linux-4.15", { "net.ipv4.tcp_tw_reuse": 2 })).toThrow(
      "kernel.sysctl.net.ipv4.tcp_tw_reuse: expected at most 1 in linux-4.15, got 2; Linux 4.18 brought",
    );
    expect(() => kernel("linux-4.19", { "net.ipv4.tcp_tw_reuse": 2 })).not.toThrow();
    expect(() => kernel("linux-3.13", { "net.core.somaxconn": 65_536 })).toThrow(
      "kernel.sysctl.net.core.somaxconn: expected at most 65535 in linux-3.13, got 65536; Linux 4.1 brought",
    );
    expect(kernel("linux-3.13", { "net.core.somaxconn": 65_535 }).somaxconn).toBe(65_535);
  });
});

describe("mistakes", () => {
  const range = 'two ports from 1024 to 65535, lowest first, such as "32768 60999"';
  const list = 'ports from 0 to 65535 and ranges of them such as "8080,9148-9150"';
  test.each([
    ["net.ipv4.ip_local_port_range", "60999 32768", range],
    ["net.ipv4.ip_local_port_range", "1023 60999", range],
    ["net.ipv4.ip_local_port_range", "32768 65536", range],
    ["net.ipv4.ip_local_port_range", "32768", range],
    ["net.ipv4.ip_local_port_range", [1024, 2000, 3000], range],
    ["net.ipv4.ip_local_port_range", 32_768, range],
    ["net.ipv4.ip_local_reserved_ports", "65536", list],
    ["net.ipv4.ip_local_reserved_ports", "10-5", list],
    ["net.ipv4.ip_local_reserved_ports", "80 90", list],
    ["net.ipv4.ip_local_reserved_ports", "a", list],
    ["net.ipv4.tcp_tw_reuse", 3, "a whole number from 0 to 2"],
    ["net.ipv4.tcp_syn_retries", 0, "a whole number from 1 to 127"],
    ["net.ipv4.tcp_tw_reuse_delay", 0, "a whole number from 1 to 60000"],
  ])("%s = %j is refused", (key, value, message) => {
    expect(messageOf({ [key]: value })).toBe(message);
  });

  test("a sysctl of no kernel is an unknown key", () => {
    expect(sysctlSettings().safeParse({ "net.ipv4.tcp_tw_reus": 1 }).error?.issues[0]?.code).toBe(
      "unrecognized_keys",
    );
  });
});
