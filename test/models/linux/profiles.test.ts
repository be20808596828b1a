import { describe, expect, test } from "vitest";
import {
  PROFILE_NAMES,
  PROFILES,
  type Profile,
  type ProfileName,
  ramDependent,
  synQueueLimit,
} from "../../../models/linux/profiles.js";

const GIB = 2 ** 30;
const VERSIONS = ["3.13", "4.4", "4.15", "4.19", "5.4", "5.15", "6.1", "6.8", "6.14", "6.18"];

/** One word a profile, oldest first. */
const row = (read: (profile: Profile) => unknown) =>
  PROFILE_NAMES.map((name) => String(read(PROFILES[name]))).join(" ");

test("there is a profile for each kernel, oldest first, named after its version", () => {
  expect(PROFILE_NAMES).toEqual(VERSIONS.map((version) => `linux-${version}`));
  expect(row(({ version }) => version)).toBe(VERSIONS.join(" "));
});

describe("defaults and rules by version", () => {
  test.each<[string, (profile: Profile) => unknown, string]>([
    ["somaxconn", (p) => p.somaxconn, "128 128 128 128 4096 4096 4096 4096 4096 4096"],
    [
      "usable ports of the default range",
      (p) => p.rangeHigh - p.rangeLow + 1,
      "28233 28232 28232 28232 28232 28232 28232 28232 28232 28232",
    ],
    ["tcp_tw_reuse", (p) => p.twReuse, "0 0 0 2 2 2 2 2 2 2"],
    ["and its largest value", (p) => p.mostTwReuse, "1 1 1 2 2 2 2 2 2 2"],
    ["the rule of waiting for reuse", (p) => p.twReuseRule, "A A A B B B B B C C"],
    ["a young request lets a SYN in", (p) => Number(p.acceptsYoungWhenFull), "1 1 0 0 0 0 0 0 0 0"],
    ["requests in a SYN queue", (p) => p.synQueue, "power-of-two B B B B+1 B+1 B+1 B+1 B+1 B+1"],
    [
      "the timer of the SYN-ACK is the request's own",
      (p) => Number(p.synackTimer === "per-request"),
      "0 1 1 1 1 1 1 1 1 1",
    ],
    ["a challenged SYN is repeated at once", (p) => Number(p.synQuickRetry), "0 0 0 0 0 1 1 1 1 1"],
    ["EPOLLEXCLUSIVE", (p) => Number(p.epollExclusive), "0 0 1 1 1 1 1 1 1 1"],
    [
      "the walk over the ports",
      (p) => p.walk,
      "sequential even parity parity parity parity parity parity parity parity",
    ],
    ["one cursor for all destinations", (p) => Number(p.sharedCursor), "1 1 1 0 0 0 0 0 0 0"],
    ["and random steps", (p) => Number(p.randomSteps), "0 0 0 1 1 1 1 1 1 1"],
    ["the mark of bind() sticks to a port", (p) => Number(p.bindMarkSticks), "1 1 1 1 1 1 1 1 1 0"],
    ["IP_BIND_ADDRESS_NO_PORT", (p) => Number(p.bindsWithoutPort), "0 1 1 1 1 1 1 1 1 1"],
    [
      "how exact TIME_WAIT is",
      (p) => p.timers,
      "slots exact jiffies jiffies jiffies jiffies jiffies jiffies jiffies jiffies",
    ],
    [
      "tcp_max_tw_buckets is the namespace's",
      (p) => Number(p.twBuckets === "namespace"),
      "0 0 1 1 1 1 1 1 1 1",
    ],
    ["the largest somaxconn has 31 bits", (p) => Number(p.mostSomaxconn > 65_535), "0 1 1 1 1 1 1 1 1 1"],
    ["usual HZ", (p) => p.hz, "250 250 250 250 250 250 250 250 250 250"],
  ])("%s", (_, read, expected) => {
    expect(row(read)).toBe(expected);
  });
});

describe("memory", () => {
  test.each([
    [1, 8192, 4096, 128, 128],
    [2, 16_384, 8192, 128, 128],
    [4, 32_768, 16_384, 256, 128],
    [8, 65_536, 32_768, 512, 256],
    [16, 131_072, 65_536, 1024, 512],
    [24, 262_144, 131_072, 2048, 1024],
    [32, 262_144, 131_072, 2048, 1024],
    [64, 524_288, 262_144, 4096, 2048],
    [1024, 524_288, 262_144, 4096, 2048],
  ])(
    "%d GiB: %d hash entries, %d TIME_WAIT buckets, a SYN backlog of %d from 5.4 on and %d before",
    (gib, establishedHashEntries, maxTwBuckets, since, before) => {
      const of = (name: ProfileName) => ramDependent(gib * GIB, PROFILES[name]);
      expect(of("linux-5.4")).toEqual({ establishedHashEntries, maxTwBuckets, maxSynBacklog: since });
      expect(of("linux-4.19")).toEqual({ establishedHashEntries, maxTwBuckets, maxSynBacklog: before });
    },
  );

  test("MemTotal of a machine with 24 GiB gives what that machine has (measured)", () => {
    expect(ramDependent(24_684_096 * 1024, PROFILES["linux-6.18"])).toMatchObject({
      maxTwBuckets: 131_072,
      maxSynBacklog: 2048,
    });
  });
});

describe("requests that a SYN queue keeps", () => {
  test.each([
    ["B+1", 4, 16, 5],
    ["B+1", 0, 16, 1],
    ["B", 4, 16, 4],
    ["B", 0, 16, 0],
    // The power of two above max(8, min(B, tcp_max_syn_backlog)).
    ["power-of-two", 0, 128, 16],
    ["power-of-two", 8, 128, 16],
    ["power-of-two", 100, 128, 128],
    ["power-of-two", 128, 128, 256],
    ["power-of-two", 1000, 64, 128],
  ] as const)("%s: a backlog of %d with tcp_max_syn_backlog = %d keeps %d", (rule, backlog, max, kept) => {
    expect(synQueueLimit(rule, backlog, max)).toBe(kept);
  });
});
