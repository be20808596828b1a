// Kernels and listening sockets as rules see them.
//
// Modelled: what holds in each network namespace (linux/sysctls.ts), and what listen(2) makes of a backlog.
// Not modelled: somaxconn as an event changes it.

import { parseAddress } from "../../src/component/address.js";
import type { FoundSetting } from "../../src/component/finding.js";
import { effectiveBacklog, heldBy } from "../linux/accept-queue.js";
import type { ProfileName } from "../linux/profiles.js";
import { resolveKernel } from "../linux/sysctls.js";
import type { KernelPart, Listener } from "./parts.js";

/** The section `kernel`, one of a list. */
export interface KernelSettings {
  name?: string | undefined;
  machine?: string | undefined;
  profile: ProfileName;
  sysctl: Parameters<typeof resolveKernel>[0]["sysctl"];
  hz?: number | undefined;
  memory: number;
  cores?: number | undefined;
  port_search_cost: number;
}

export function kernelPart(declared: KernelSettings, number: number): KernelPart {
  const { name, profile, cores, port_search_cost: searchCostNsPerPort } = declared;
  const path = name === undefined ? "kernel" : `kernel.${name}`;
  const rules = resolveKernel({ ...declared, memoryBytes: declared.memory }, [path]);
  return {
    name,
    rules,
    machine: declared.machine ?? String(number),
    cores,
    searchCostNsPerPort,
    sysctl: (key) => ({ path: [path, "sysctl", key], of: profile }),
    setting: (key) => ({ path: [path, key], of: "recvq" }),
  };
}

/** The kernel of this name, the first without one. */
export function kernelNamed(kernels: readonly KernelPart[], name: string | undefined): KernelPart {
  return (kernels.find((one) => one.name === name) ?? kernels[0]) as KernelPart;
}

/** What listen(2) makes of the backlog, which `setting` gives. */
export function listenerPart(
  kernel: KernelPart,
  { bind, asked, setting }: { bind: string; asked: number; setting: FoundSetting },
): Listener {
  const address = parseAddress(bind);
  const { somaxconn } = kernel.rules;
  const backlog = effectiveBacklog(asked, somaxconn);
  const settings = [setting, kernel.sysctl("net.core.somaxconn")];
  return {
    address,
    kernel,
    asked,
    backlog,
    limit: heldBy(backlog),
    text: `the accept queue of ${address.text}`,
    settings: somaxconn < asked ? settings.reverse() : settings,
  };
}
