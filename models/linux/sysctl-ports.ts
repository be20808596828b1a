// The two sysctls whose values are ports: net.ipv4.ip_local_port_range and ip_local_reserved_ports.
//
// Modelled: both as sysctl(8) prints them, and as lists (net/ipv4/sysctl_net_ipv4.c ipv4_local_port_range,
// kernel/sysctl.c proc_do_large_bitmap). Ports that need privileges are no ephemeral ones: the range begins
// at net.ipv4.ip_unprivileged_port_start (measured: Linux 6.18, 2026-11: 1023 is refused and 1024 taken).
// Not modelled: ranges per socket (IP_LOCAL_PORT_RANGE).

import * as z from "zod";
import { withJsonSchema } from "../../src/component/settings.js";

const LEAST_LOCAL_PORT = 1024;
const MOST_PORT = 65_535;
const RANGE_LIMITS = `from ${LEAST_LOCAL_PORT} to ${MOST_PORT}`;
const RANGE_EXPECTED = `two ports ${RANGE_LIMITS}, lowest first, such as "32768 60999"`;
const LIST_EXPECTED = `ports from 0 to ${MOST_PORT} and ranges of them such as "8080,9148-9150"`;

export interface PortRange {
  low: number;
  high: number;
}

/** `"32768 60999"`, or a list of the two. */
export const portRange = withJsonSchema(
  z.unknown().transform((input, context): PortRange => {
    const words = typeof input === "string" ? input.trim().split(/\s+/) : input;
    const [low, high, ...others] = Array.isArray(words) ? words.map(portOf) : [];
    const isRange = low !== undefined && high !== undefined && low <= high && others.length === 0;
    if (isRange && low >= LEAST_LOCAL_PORT) return { low, high };
    context.addIssue({ code: "custom", message: RANGE_EXPECTED, input });
    return z.NEVER;
  }),
  () => ({
    anyOf: [
      { type: "string", pattern: "^\\s*[0-9]+\\s+[0-9]+\\s*$" },
      { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 2 },
    ],
  }),
);

/** `"8080,9148-9150"`, a single port, or a list of ports and ranges; inside each port once, in order. */
export const portList = withJsonSchema(
  z.unknown().transform((input, context): number[] => {
    const words = Array.isArray(input) ? input : String(input).split(",");
    const ranges = words.filter((word) => word !== "").map(rangeOf);
    if (ranges.every((range) => range !== undefined)) return portsIn(ranges);
    context.addIssue({ code: "custom", message: LIST_EXPECTED, input });
    return z.NEVER;
  }),
  () => ({
    anyOf: [
      { type: "string", pattern: "^[0-9, -]*$" },
      { type: "integer" },
      { type: "array", items: { type: ["string", "integer"] } },
    ],
  }),
);

/** As sysctl(8) prints it: `8080,9148-9150`. */
export function portListText(ports: readonly number[]): string {
  const ranges: PortRange[] = [];
  for (const port of ports) {
    const last = ranges.at(-1);
    if (last?.high === port - 1) last.high = port;
    else ranges.push({ low: port, high: port });
  }
  return ranges.map(({ low, high }) => (low === high ? `${low}` : `${low}-${high}`)).join();
}

function portsIn(ranges: readonly PortRange[]): number[] {
  const ports = ranges.flatMap(({ low, high }) =>
    Array.from({ length: high - low + 1 }, (_, index) => low + index),
  );
  return [...new Set(ports)].sort((one, other) => one - other);
}

/** `9148-9150`, `8080` or the number 8080. */
function rangeOf(word: unknown): PortRange | undefined {
  const [low, high = low, ...others] = String(word).split("-").map(portOf);
  const isRange = low !== undefined && high !== undefined && low <= high && others.length === 0;
  return isRange ? { low, high } : undefined;
}

function portOf(word: unknown): number | undefined {
  const text = String(word).trim();
  const port = Number(text);
  return /^\d+$/.test(text) && port <= MOST_PORT ? port : undefined;
}
