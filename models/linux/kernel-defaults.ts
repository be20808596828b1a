// What holds in a kernel without having been set, for those who want to see it beside what is set.
//
// Modelled: the sysctls and the ticks that follow from a profile and the memory (sysctls.ts, profiles.ts).
// Not modelled: somaxconn as an event changes it during a run; rules of a profile that are no setting.

import type { ProfileName } from "./profiles.js";
import { resolveKernel, type SysctlName } from "./sysctls.js";

interface Declared {
  profile: ProfileName;
  sysctl: Parameters<typeof resolveKernel>[0]["sysctl"];
  hz?: number | undefined;
  memory: number;
}

/**
 * A resolved scenario with every sysctl and the ticks of its kernels, also those that follow from the profile
 * and the memory; `null` for what a kernel does not have. `settings` are the validated ones.
 */
export function withKernelDefaults({
  settings,
  resolved,
}: {
  settings: Record<string, unknown>;
  resolved: Record<string, unknown>;
}): Record<string, unknown> {
  const kernels = [resolved.kernel].flat() as object[];
  const declared = (settings.kernel ?? []) as Declared[];
  const complete = kernels.map((kernel, index) => {
    const one = declared[index] as Declared;
    const { text, hz } = resolveKernel({ ...one, memoryBytes: one.memory });
    const names = Object.keys(text) as SysctlName[];
    return { ...kernel, sysctl: Object.fromEntries(names.map((name) => [name, valueIn(text[name])])), hz };
  });
  return { ...resolved, kernel: Array.isArray(resolved.kernel) ? complete : complete[0] };
}

/** `128` of `net.core.somaxconn = 128 (default of linux-4.15)`. */
function valueIn(text: string): string | number | null {
  const [, value] = / = (.*?)(?: \(default of .*\))?$/.exec(text) ?? [];
  if (value === undefined) return null;
  return /^\d+$/.test(value) ? Number(value) : value;
}
