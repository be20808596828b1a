import { expect, test } from "vitest";
import { withKernelDefaults } from "../../../models/linux/kernel-defaults.js";
import { scenarioOf } from "../../support/compare.js";

const CLIENTS = "clients: { arrivals: { process: burst, requests: 1 }, target: unix:/run/g.sock }\n";

test("a kernel's sysctls are those that were set, and the profile's where none was", () => {
  const scenario = scenarioOf(
    `${CLIENTS}kernel: { profile: linux-4.15, sysctl: { net.ipv4.tcp_fin_timeout: 30 } }`,
  );
  const { kernel, ...rest } = withKernelDefaults(scenario) as Record<string, Record<string, unknown>>;
  expect(kernel).toMatchObject({ profile: "linux-4.15", hz: 250 });
  expect(kernel?.sysctl).toMatchObject({
    "net.core.somaxconn": 128,
    "net.ipv4.tcp_fin_timeout": 30,
    "net.ipv4.ip_local_port_range": "32768 60999",
    // Linux 6.5 brought it.
    "net.ipv4.tcp_syn_linear_timeouts": null,
  });
  const { kernel: _, ...others } = scenario.resolved;
  expect(rest).toEqual(others);
});

test("each of several kernels has its own", () => {
  const scenario = scenarioOf(
    `${CLIENTS}kernel: [{ name: one, profile: linux-4.15 }, { name: two, memory: 1GiB }]`,
  );
  const { kernel } = withKernelDefaults(scenario) as { kernel: { sysctl: Record<string, unknown> }[] };
  expect(kernel.map(({ sysctl }) => sysctl["net.core.somaxconn"])).toEqual([128, 4096]);
  // A hash entry for 128 KiB of memory; as many TIME_WAITs for each entry of it, halved (net/ipv4/tcp_ipv4.c).
  expect(kernel[1]?.sysctl["net.ipv4.tcp_max_tw_buckets"]).toBe(4096);
});
